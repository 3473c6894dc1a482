import type { GroupRole, ParticipantRefusal, RoadGroup } from '#core/transport'

/** A group that a channel is in, or was in. */
export type Group = Omit<RoadGroup, 'participants'> & {
  id: string
  workspaceId: string
  channelId: string
  /** The stored file of a picture that was set here. */
  pictureId: string | undefined
  participantCount: number
  /** Since when the channel is not in it. */
  leftAt: Date | undefined
  lastMessageAt: Date | undefined
  createdAt: Date
  updatedAt: Date
}

export type Participant = {
  /** E.164, or a LID where no more is told. */
  address: string
  role: GroupRole
  /** Of the contact with that address. */
  name: string | undefined
  joinedAt: Date
}

/** Who was to be added, removed, promoted or demoted, and why not. */
export type Refused = ParticipantRefusal

/** What happened to a group; events name it. */
export type KeptChange = {
  id: string
  groupId: string
  /** The group's JID. */
  address: string
  kind: string
  participants: readonly string[]
  by: string | undefined
  was: ChangedFacts
  isNow: ChangedFacts
  at: Date
}
export type ChangedFacts = {
  name?: string | null
  description?: string | null
  onlyAdminsWrite?: boolean
  onlyAdminsEdit?: boolean
  picture?: boolean
}
