import type { GroupEdit, GroupRole, ParticipantRefusal, RoadRefusal } from './groups.ts'

/** A group, or a newsletter with its followers, as the simulated network holds it. Members are E.164. */
export type SimulatedGroup = {
  business: string
  /** Its JID. */
  address: string
  name: string
  description: string | undefined
  onlyAdminsWrite: boolean
  onlyAdminsEdit: boolean
  /** Milliseconds since 1970. */
  foundedAt: number
  members: Map<string, GroupRole>
  /** Changes that the business was told of and has not written down yet. */
  untold: number
  /** What was tried with it so far, by anybody. */
  deeds: number
}

/** What somebody in a group does; the business, or a phone. */
export type GroupAct =
  | { act: 'add'; people: readonly string[] }
  | { act: 'remove' | 'promote' | 'demote'; people: readonly string[] }
  | { act: 'join' }
  | { act: 'leave' }
  | ({ act: 'change'; picture?: true } & GroupEdit)

export type GroupVerdict = { kind: 'ok'; refused: ParticipantRefusal[] } | RoadRefusal
