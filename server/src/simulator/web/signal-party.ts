import { randomInt } from 'node:crypto'
import {
  Curve,
  encodeBigEndian,
  encodeWAMessage,
  generateSignalPubKey,
  type KeyPair,
  proto,
  type SignedKeyPair,
  signedKeyPair,
  unpadRandomMax16,
  xmppPreKey,
  xmppSignedPreKey,
} from 'baileys'
import { ProtocolAddress, SessionBuilder, SessionCipher, SessionRecord, type SignalStorage } from 'libsignal'
import { putBounded } from '../bounded-map.ts'
import { type Node, node } from './nodes.wire.ts'

/** A message that cannot be opened; any other error is a mistake of ours. */
export const isSignalError = (error: unknown): boolean =>
  error instanceof Error && (SIGNAL_ERRORS.includes(error.name) || error.message === 'Bad MAC')
const SIGNAL_ERRORS = ['SessionError', 'MessageCounterError', 'PreKeyError', 'UntrustedIdentityKeyError']

/** The public keys with which somebody is written to for the first time. */
export type KeyBundle = Parameters<SessionBuilder['initOutgoing']>[0]

export type Sealed = { type: string; bytes: Uint8Array }

/** A person's phone as Signal knows it: an identity, and a session with every device it has spoken to. */
export interface SignalParty {
  readonly identity: KeyPair
  /** What the server hands out of it; every call takes a fresh one-time key. */
  bundleNodes(): Node[]
  /** The same with which a phone asks for a message again. */
  retryNodes(): Node[]
  open(from: string, sealed: Sealed): Promise<proto.Message>
  /** `bundle` is asked for when there is no session yet. */
  seal(to: string, message: proto.IMessage, bundle: () => KeyBundle): Promise<Sealed>
  /** Forgets the session with one device. */
  forget(address: string): void
}

const PRE_KEYS_MOST = 2_000
const KEY_TYPE = Buffer.from([5])

const addressOf = (text: string): ProtocolAddress => {
  const dot = text.lastIndexOf('.')
  return new ProtocolAddress(text.slice(0, dot), Number(text.slice(dot + 1)))
}

const withType = (key: Uint8Array): Buffer => Buffer.from(generateSignalPubKey(key))
const asLibrary = ({ public: publicKey, private: privateKey }: KeyPair) => ({
  privKey: Buffer.from(privateKey),
  pubKey: withType(publicKey),
})

/** The keys that stay. */
export type Identity = { keys: KeyPair; registrationId: number; signed: SignedKeyPair }

export function makeIdentity(): Identity {
  const keys = Curve.generateKeyPair()
  return { keys, registrationId: randomInt(1, 16_380), signed: signedKeyPair(keys, 1) }
}

export function createSignalParty(own: Identity): SignalParty {
  const { keys: identity, registrationId, signed } = own
  const preKeys = new Map<number, KeyPair>()
  let nextPreKey = 1
  const { storage, sessions } = openStorage(own, preKeys)
  const freshPreKey = (): Node => {
    const id = nextPreKey++
    const pair = Curve.generateKeyPair()
    putBounded(preKeys, { key: id, value: pair }, PRE_KEYS_MOST)
    return xmppPreKey(pair, id)
  }
  const keyNodes = () => [node('type', {}, KEY_TYPE), node('identity', {}, identity.public), freshPreKey(), xmppSignedPreKey(signed)]
  const registration = () => node('registration', {}, encodeBigEndian(registrationId))
  return {
    identity,
    bundleNodes: () => [registration(), ...keyNodes()],
    retryNodes: () => [registration(), node('keys', {}, keyNodes())],
    async open(from, { type, bytes }) {
      const cipher = new SessionCipher(storage, addressOf(from))
      const sealed = Buffer.from(bytes)
      const plain = type === 'pkmsg' ? await cipher.decryptPreKeyWhisperMessage(sealed) : await cipher.decryptWhisperMessage(sealed)
      return proto.Message.decode(unpadRandomMax16(plain))
    },
    async seal(to, message, bundle) {
      const address = addressOf(to)
      const record = await storage.loadSession(to)
      if (!record?.haveOpenSession()) await new SessionBuilder(storage, address).initOutgoing(bundle())
      const { type, body } = await new SessionCipher(storage, address).encrypt(encodeWAMessage(message))
      return { type: type === 3 ? 'pkmsg' : 'msg', bytes: Buffer.from(body, 'binary') }
    },
    forget: (address) => void sessions.delete(address),
  }
}

/** Sessions rest in their serialized form: a message that fails to open must leave its session as it was. */
function openStorage(own: Identity, preKeys: Map<number, KeyPair>): { storage: SignalStorage; sessions: Map<string, Uint8Array> } {
  const sessions = new Map<string, Uint8Array>()
  const storage: SignalStorage = {
    async loadSession(id) {
      const kept = sessions.get(id)
      return kept && SessionRecord.deserialize(kept)
    },
    async storeSession(id, record) {
      sessions.set(id, record.serialize())
    },
    isTrustedIdentity: () => true,
    async loadPreKey(id) {
      const pair = preKeys.get(Number(id))
      return pair && asLibrary(pair)
    },
    removePreKey: (id) => void preKeys.delete(Number(id)),
    loadSignedPreKey: () => asLibrary(own.signed.keyPair),
    getOurRegistrationId: () => own.registrationId,
    getOurIdentity: () => asLibrary(own.keys),
  }
  return { storage, sessions }
}
