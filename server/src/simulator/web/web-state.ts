import type { KeyPair, proto } from 'baileys'
import type { Network } from '../network.types.ts'
import type { Connection } from './connection.ts'
import { type Account, type CompanionKeys, type Device, newAccount } from './devices.ts'
import type { FaultBook } from './fault-book.ts'
import type { GroupKey } from './group-keys.ts'
import type { MediaStore } from './media-store.ts'
import type { Node } from './nodes.wire.ts'
import type { NoiseIdentity } from './noise-certificates.ts'
import type { People, Person } from './people.ts'

/** A companion that is not linked yet, and what it shows to be linked. */
export type Candidate = {
  keys: CompanionKeys
  refs: readonly string[]
  /** A phone has scanned it: the companion has to sign what it was given. */
  signing: { stanzaId: string; device: Device; details: Uint8Array; done(error?: Error): void } | undefined
  /** It shows letters instead. */
  code: CodePairing | undefined
}

/** Linking by letters: what the companion has sealed with them, and the phone's answer once they were typed. */
export type CodePairing = {
  number: string
  wrapped: Buffer
  ref: Uint8Array
  typed: { ephemeral: KeyPair; theirs: Uint8Array; done(error?: Error): void } | undefined
}

/** One open socket: of a linked device, or of a candidate. */
export type Session = { connection: Connection; device: Device | undefined; candidate: Candidate | undefined }

/** Everything that the server holds. It lives in memory. */
export type WebState = {
  network: Network
  people: People
  identity: NoiseIdentity
  media: MediaStore
  faults: FaultBook
  /** By E.164. */
  accounts: Map<string, Account>
  sessions: Set<Session>
  /** By E.164 or group JID; the bytes lie on the media host. */
  pictures: Map<string, { id: string; path: string }>
  /** By group and writer. */
  groupKeys: Map<string, GroupKey>
  /** The last part of a group's link, by its JID. */
  invites: Map<string, string>
  /** The wire ids of a newsletter's posts in their order: WhatsApp counts them. */
  posts: Map<string, string[]>
  /** What clients sent last, opened, by wire id. */
  messages: Map<string, proto.IMessage>
  /** What phones wrote last, by wire id: a device may ask for it again. */
  written: Map<string, Written>
  /** What the server had no answer for, the first hundred. */
  unknown: Node[]
  /** What went wrong in here, the first hundred. */
  failures: Error[]
}

/** A message as a phone keeps it, with the envelope that the server put around it. */
export type Written = { by: Person /** E.164 of the business. */; to: string; message: proto.IMessage; envelope: Node['attrs'] }

const KEPT_MOST = 100
export const note = <T>(list: T[], one: T): void => {
  if (list.length < KEPT_MOST) list.push(one)
}

export function accountOf(state: WebState, number: string): Account {
  const known = state.accounts.get(number)
  if (known) return known
  const account = newAccount(state.people.keep(number), (error) => note(state.failures, error))
  state.accounts.set(number, account)
  return account
}

export const devicesOf = (state: WebState, number: string): Device[] => [...(state.accounts.get(number)?.devices.values() ?? [])]
