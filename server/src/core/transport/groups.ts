import type { TransportChannel } from './transport-channel.ts'

/** What a road answers when it is asked to do something else than send. Data, never an exception. */
export type RoadAnswer<Value> = { kind: 'ok'; value: Value } | RoadRefusal
export type RoadRefusal = { kind: 'refused'; code: 'not_found' | 'not_allowed' | 'invalid' | 'unavailable'; reason: string }

export type GroupRole = 'member' | 'admin' | 'owner'

/** Somebody in a group; the address is E.164, or a LID where no more is told. */
export type RoadParticipant = {
  address: string
  role: GroupRole
  /** His LID, where the address is his number and the road knows both. */
  lid?: string
}

/** A group as the network knows it. */
export type RoadGroup = {
  /** Its JID. */
  address: string
  name: string | undefined
  description: string | undefined
  /** E.164 or a LID. */
  owner: string | undefined
  onlyAdminsWrite: boolean
  /** Name, description and picture too. */
  onlyAdminsEdit: boolean
  foundedAt: Date | undefined
  participants: readonly RoadParticipant[]
}

/** Why one of several people could not be added, removed, promoted or demoted. */
export type ParticipantRefusal = { address: string; code: 'not_on_whatsapp' | 'not_in_group' | 'not_allowed' | 'failed'; reason: string }

export type GroupEdit = {
  name?: string | undefined
  /** '' takes it away. */
  description?: string | undefined
  onlyAdminsWrite?: boolean | undefined
  onlyAdminsEdit?: boolean | undefined
}

/** People are E.164 or LIDs. Whoever is already as asked is no refusal. */
export type ParticipantsEdit = { action: 'add' | 'remove' | 'promote' | 'demote'; people: readonly string[] }

/** What a road does with groups, if its channel can have any; a group is named by its JID. */
export interface GroupRoad {
  create(
    channel: TransportChannel,
    group: { name: string; people: readonly string[] },
  ): Promise<RoadAnswer<{ group: RoadGroup; refused: ParticipantRefusal[] }>>
  update(channel: TransportChannel, group: string, edit: GroupEdit): Promise<RoadAnswer<undefined>>
  changeParticipants(
    channel: TransportChannel,
    group: string,
    edit: ParticipantsEdit,
  ): Promise<RoadAnswer<{ refused: ParticipantRefusal[] }>>
  setPicture(channel: TransportChannel, group: string, picture: { bytes: Buffer; mimeType: string }): Promise<RoadAnswer<undefined>>
  leave(channel: TransportChannel, group: string): Promise<RoadAnswer<undefined>>
}

export type RoadNewsletter = {
  /** Its JID: where posts go. */
  address: string
  name: string
  description: string | undefined
  subscribers: number | undefined
  /** The last part of its link. */
  invite: string | undefined
  verified: boolean | undefined
  foundedAt: Date | undefined
}

export interface NewsletterRoad {
  create(channel: TransportChannel, newsletter: { name: string; description: string | undefined }): Promise<RoadAnswer<RoadNewsletter>>
}

/** Something happened to a group, by whomever. A road tells what it knows that people did, then `known`: what nobody told of is found in it. */
export type GroupChange = {
  /** The road's own id of it, where it has one: told again it changes nothing. */
  id?: string
  /** The JID. */
  group: string
  at: Date
  by?: string
  deed: GroupDeed
}

export type GroupDeed =
  | { kind: 'joined' | 'added' | 'left' | 'removed' | 'promoted' | 'demoted'; people: readonly string[] }
  | ({ kind: 'changed'; picture?: true } & GroupEdit)
  /** All that the network knows of it, as after connecting or being added. */
  | { kind: 'known'; group: RoadGroup }
