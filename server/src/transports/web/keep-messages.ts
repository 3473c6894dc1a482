import type { BinaryNode, SignalRepositoryWithLIDStore, SocketConfig } from 'baileys'
import { createCache } from '#kit/cache'
import { isMe } from './addresses.ts'
import { isLost } from './auth-state.ts'
import { type Envelope, writeEnvelope } from './envelope.ts'
import { toHandedOn } from './handed-on.wire.ts'
import type { Baileys } from './library.ts'
import { persist } from './persist.ts'

type Attributes = Envelope['attributes']

type KeepingParts = {
  baileys: Baileys
  me(): { id: string; lid: string | undefined } | undefined
  /** Commits a message as it was decrypted; throws when it could not. */
  keep(body: Buffer): Promise<void>
  /** Ends the connection before anything more is written to it. */
  cut(): void
}
export type Keeping = ReturnType<typeof keepMessages>

const EMPTY_MOST = 500
const EMPTY_MS = 10 * 60_000
const PERSISTENCE = { tries: 8, everyMs: 250, unless: isLost }

/**
 * Keeps every message before it counts as received. The library decrypts, stores the ratchet and sends the receipt, and tells us afterwards: what
 * dies in between is lost. Decrypting is the one place that it lets us stand in, so that the message is committed there: inside the transaction
 * that then stores the ratchet, before the receipt. Who dies before is sent the message again and can decrypt it again.
 */
export function keepMessages({ baileys, me, keep, cut }: KeepingParts) {
  const stanzas = new WeakMap<object, Attributes>()
  /** Stanzas that came without their content, by their id. */
  const empty = createCache<Attributes>({ most: EMPTY_MOST, ageMs: EMPTY_MS })
  let hasEnded = false

  /** The library refuses a message that it could not decrypt, and then nobody sends it again: the connection ends before it can. */
  const keepOrCut = async (body: Buffer): Promise<void> => {
    if (hasEnded) throw new Error('the connection has ended')
    try {
      await persist(() => keep(body), PERSISTENCE)
    } catch (error) {
      hasEnded = true
      cut()
      throw error
    }
  }

  const envelopesOf = (envelope: Envelope): Envelope[] => {
    const { attributes, me: ourselves, message } = envelope
    if (attributes.category !== 'peer') return isBare(baileys, message) ? [] : [envelope]
    // between our own devices: keys, histories, and messages that the phone hands on
    return isMe(attributes.from, ourselves) ? toHandedOn(baileys, message, ourselves, empty.get) : []
  }

  const kept = async (ciphertext: Uint8Array, decrypt: () => Promise<Uint8Array>): Promise<Uint8Array> => {
    const padded = await decrypt()
    const attributes = stanzas.get(ciphertext)
    const ourselves = me()
    if (!attributes || !ourselves) return padded
    const message = baileys.unpadRandomMax16(padded)
    for (const envelope of envelopesOf({ attributes, me: ourselves, message })) await keepOrCut(writeEnvelope(envelope))
    return padded
  }

  return {
    /** Notes which stanza a ciphertext came with. */
    watch(node: BinaryNode): void {
      if (!Array.isArray(node.content)) return
      const sealed = node.content.flatMap(({ tag, content }) => (tag === 'enc' && content instanceof Uint8Array ? [content] : []))
      for (const ciphertext of sealed) stanzas.set(ciphertext, node.attrs)
      if (sealed.length === 0 && node.attrs.id !== undefined) empty.set(node.attrs.id, node.attrs)
    },
    makeSignalRepository: ((auth, logger, lookUp): SignalRepositoryWithLIDStore => {
      const signal = baileys.DEFAULT_CONNECTION_CONFIG.makeSignalRepository(auth, logger, lookUp)
      const { keys } = auth
      const within = <Result>(work: () => Promise<Result>, key: string) => ('transaction' in keys ? keys.transaction(work, key) : work())
      return {
        ...signal,
        decryptMessage: (sealed) => within(() => kept(sealed.ciphertext, () => signal.decryptMessage(sealed)), sealed.jid),
        decryptGroupMessage: (sealed) => within(() => kept(sealed.msg, () => signal.decryptGroupMessage(sealed)), sealed.group),
      }
    }) satisfies SocketConfig['makeSignalRepository'],
  }
}

/** Nothing but a key for a group: its message follows in the same stanza. What does not decode is a message that nobody can read yet. */
function isBare({ proto }: Baileys, message: Uint8Array): boolean {
  try {
    return Object.keys(proto.Message.decode(message)).every((name) => BESIDE.has(name))
  } catch {
    return false
  }
}
const BESIDE: ReadonlySet<string> = new Set(['senderKeyDistributionMessage', 'messageContextInfo'])
