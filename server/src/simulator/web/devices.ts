import { randomBytes } from 'node:crypto'
import { encodeBigEndian, generateSignalPubKey, type LTHashState, type proto } from 'baileys'
import { putBounded } from '../bounded-map.ts'
import type { Connection } from './connection.ts'
import { type Node, node, SERVER_JID } from './nodes.wire.ts'
import type { Person } from './people.ts'
import type { KeyBundle } from './signal-party.ts'
import { noTurns, type Turns } from './turns.ts'

type PublicKey = { id: number; value: Uint8Array }
export type SignedPublicKey = PublicKey & { signature: Uint8Array }

/** What a companion tells of itself when it is linked. */
export type CompanionKeys = { identity: Uint8Array; registrationId: number; signedPreKey: SignedPublicKey; noiseKey: Uint8Array }

/** A companion that is linked to a phone, as the server knows it. */
export type Device = CompanionKeys & {
  account: Account
  id: number
  preKeys: PublicKey[]
  connection: Connection | undefined
  /** It has said that it is ready to listen. */
  isActive: boolean
  /** Sent and not acknowledged, or never sent: comes again at the next login. */
  waiting: Map<string, Node>
  /** Sent when it listens; not acknowledged. */
  untold: Node[]
  /** Wire ids of what it could not open and has been given anew: the error that it answers the first with is not about the second. */
  resealed: Set<string>
  hasHistory: boolean
  /** Was told that its one-time keys run out. */
  isAskedForKeys: boolean
}

/** The phone of a number, with its companions. */
export type Account = {
  person: Person
  /** What its devices are told is sealed and posted in the order in which it was said. */
  inbound: Turns
  failed(error: Error): void
  devices: Map<number, Device>
  nextDevice: number
  /** To which JID a device wrote, by wire id: receipts come from the same. */
  sentTo: Map<string, string>
  privacy: Map<string, string>
  /** How often its devices told people that they are trusted, by JID. */
  trusted: Map<string, number>
  /** How often phones could not open what its devices sent. */
  askedAgain: number
  /** JIDs. */
  blocked: Set<string>
  /** With it the settings that all devices share are sealed. */
  settingsKey: { id: Uint8Array; data: proto.Message.IAppStateSyncKeyData }
  collections: Map<string, Collection>
  /** What was set last, by its index, such as '["archive","…@s.whatsapp.net"]'. */
  settings: Map<string, proto.ISyncActionValue>
}

/** A list of settings, with every patch that led to it. */
export type Collection = Turns & { state: LTHashState; patches: Uint8Array[] }

const WAITING_MOST = 20_000
const SENT_MOST = 50_000
const TRUSTED_MOST = 50_000
const KEYS_LOW = 5
const KEY_TYPE = Buffer.from([5])

const PRIVACY = { readreceipts: 'all', last: 'all', online: 'all', profile: 'all', status: 'all', groupadd: 'all', calladd: 'all' }

export const newAccount = (person: Person, failed: Account['failed']): Account => ({
  person,
  inbound: noTurns(),
  failed,
  devices: new Map(),
  nextDevice: 1,
  sentTo: new Map(),
  privacy: new Map(Object.entries(PRIVACY)),
  trusted: new Map(),
  askedAgain: 0,
  blocked: new Set(),
  settingsKey: { id: randomBytes(6), data: newSettingsKey() },
  collections: new Map(),
  settings: new Map(),
})

const newSettingsKey = (): proto.Message.IAppStateSyncKeyData => ({
  keyData: randomBytes(32),
  fingerprint: { rawId: 1, currentIndex: 1, deviceIndexes: [0] },
  timestamp: 0,
})

export const newDevice = (account: Account, id: number, keys: CompanionKeys): Device => ({
  ...keys,
  account,
  id,
  preKeys: [],
  connection: undefined,
  isActive: false,
  waiting: new Map(),
  untold: [],
  resealed: new Set(),
  hasHistory: false,
  isAskedForKeys: false,
})

export const deviceJid = ({ account, id }: Device): string => account.person.phoneJid.replace('@', `:${id}@`)
export const deviceLidJid = ({ account, id }: Device): string => account.person.lidJid.replace('@', `:${id}@`)
/** How a phone's Signal store names this device. */
export const signalAddress = ({ account, id }: Device): string => `${account.person.lidJid.replace('@lid', '')}.${id}`

export function rememberSent({ sentTo }: Account, wireId: string, to: string): void {
  putBounded(sentTo, { key: wireId, value: to }, SENT_MOST)
}

export function trust({ trusted }: Account, jid: string): void {
  putBounded(trusted, { key: jid, value: (trusted.get(jid) ?? 0) + 1 }, TRUSTED_MOST)
}

/** Sends what a client must acknowledge; what it does not is sent again when it comes back. */
export function post(device: Device, stanza: Node): void {
  const lost = putBounded(device.waiting, { key: waitingKey(stanza.tag, stanza.attrs), value: stanza }, WAITING_MOST)
  if (lost > 0) device.account.failed(new Error(`${lost} stanzas waited too long for ${deviceJid(device)} and are lost`))
  if (device.isActive) device.connection?.send(stanza)
}

/** Says what a client never acknowledges; when it does not listen, it hears it later. */
export function tell(device: Device, stanza: Node): void {
  const isTold = device.isActive && device.connection?.send(stanza)
  if (!isTold && device.untold.push(stanza) > WAITING_MOST) device.untold.shift()
}

/** A client has taken a stanza; acknowledgements repeat what they are about. */
export function acknowledged(device: Device, kind: string, attrs: Node['attrs']): void {
  const isResealed = kind === 'message' && device.resealed.delete(attrs.id ?? '')
  if (isResealed && attrs.error !== undefined) return
  device.waiting.delete(waitingKey(kind, attrs))
}

function waitingKey(kind: string, { id, type = '', participant = '' }: Node['attrs']): string {
  return kind === 'message' ? `message ${id}` : `${kind} ${id} ${type} ${participant}`
}

/** The keys with which this device is written to for the first time; the one-time key is gone afterwards. */
export function takeBundle(device: Device): KeyBundle {
  const { registrationId, identity, signedPreKey } = device
  const oneTime = takePreKey(device)
  const bundle = {
    registrationId,
    identityKey: generateSignalPubKey(identity),
    signedPreKey: { keyId: signedPreKey.id, publicKey: generateSignalPubKey(signedPreKey.value), signature: signedPreKey.signature },
    ...(oneTime && { preKey: { keyId: oneTime.id, publicKey: generateSignalPubKey(oneTime.value) } }),
  }
  return bundle as KeyBundle // the library takes a bundle without a one-time key; its types do not say so
}

/** The same as another client finds it in a stanza. */
export function bundleNodes(device: Device): Node[] {
  const { registrationId, identity, signedPreKey } = device
  const oneTime = takePreKey(device)
  const keyNodes = ({ id, value }: PublicKey) => [node('id', {}, encodeBigEndian(id, 3)), node('value', {}, value)]
  return [
    node('registration', {}, encodeBigEndian(registrationId)),
    node('type', {}, KEY_TYPE),
    node('identity', {}, identity),
    node('skey', {}, [...keyNodes(signedPreKey), node('signature', {}, signedPreKey.signature)]),
    ...(oneTime ? [node('key', {}, keyNodes(oneTime))] : []),
  ]
}

function takePreKey(device: Device): PublicKey | undefined {
  const key = device.preKeys.shift()
  if (device.preKeys.length < KEYS_LOW && !device.isAskedForKeys && device.isActive) {
    device.isAskedForKeys = true
    const id = `keys-${device.preKeys.length}`
    post(device, node('notification', { from: SERVER_JID, id, type: 'encrypt' }, [node('count', { value: device.preKeys.length })]))
  }
  return key
}
