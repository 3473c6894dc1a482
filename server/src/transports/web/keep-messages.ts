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
  const stanzas = openStanzaBook()
  const keepOrCut = openKeeper(keep, cut)

  const envelopesOf = (envelope: Envelope): Envelope[] => {
    const { attributes, me: ourselves, message } = envelope
    if (attributes.category !== 'peer') return isBare(baileys, message) ? [] : [envelope]
    // between our own devices: keys, histories, and messages that the phone hands on
    return isMe(attributes.from, ourselves) ? toHandedOn(baileys, message, ourselves, stanzas.empty) : []
  }

  const kept = async (ciphertext: Uint8Array, decrypt: () => Promise<Uint8Array>): Promise<Uint8Array> => {
    const padded = await decrypt()
    const attributes = stanzas.of(ciphertext)
    const ourselves = me()
    if (!attributes || !ourselves) return padded
    const message = baileys.unpadRandomMax16(padded)
    for (const envelope of envelopesOf({ attributes, me: ourselves, message })) await keepOrCut(writeEnvelope(envelope))
    return padded
  }

  return {
    watch: stanzas.watch,
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

/** Which stanza a ciphertext came with, and those that came without any, by their id. */
function openStanzaBook() {
  const stanzas = new WeakMap<object, Attributes>()
  const empty = createCache<Attributes>({ most: EMPTY_MOST, ageMs: EMPTY_MS })
  return {
    watch({ attrs, content }: BinaryNode): void {
      if (!Array.isArray(content)) return
      const sealed = content.flatMap((one) => (one.tag === 'enc' && one.content instanceof Uint8Array ? [one.content] : []))
      for (const ciphertext of sealed) stanzas.set(ciphertext, attrs)
      if (sealed.length === 0 && attrs.id !== undefined) empty.set(attrs.id, attrs)
    },
    of: (ciphertext: Uint8Array) => stanzas.get(ciphertext),
    empty: empty.get,
  }
}

/** The library refuses a message that it could not decrypt, and then nobody sends it again: the connection ends before it can. */
function openKeeper(keep: KeepingParts['keep'], cut: () => void): KeepingParts['keep'] {
  let hasEnded = false
  return async (body) => {
    if (hasEnded) throw new Error('the connection has ended')
    try {
      await persist(() => keep(body), PERSISTENCE)
    } catch (error) {
      hasEnded = true
      cut()
      throw error
    }
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
