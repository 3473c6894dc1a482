import type { BinaryNode, SignalRepositoryWithLIDStore, SocketConfig } from 'baileys'
import { writeEnvelope } from './envelope.ts'
import type { Baileys } from './library.ts'

type Keeping = {
  baileys: Baileys
  me(): { id: string; lid: string | undefined } | undefined
  /** Commits a message as it was decrypted; throws when it could not. */
  keep(body: Buffer): Promise<void>
}

/**
 * Keeps every message before it counts as received. The library decrypts, stores the ratchet and sends the receipt, and tells us afterwards: what
 * dies in between is lost. Decrypting is the one place that it lets us stand in, so that the message is committed there: inside the transaction
 * that then stores the ratchet, before the receipt. Who dies before is sent the message again and can decrypt it again.
 */
export function keepMessages({ baileys, me, keep }: Keeping) {
  const stanzas = new WeakMap<object, Readonly<Record<string, string>>>()

  const kept = async (ciphertext: Uint8Array, decrypt: () => Promise<Uint8Array>): Promise<Uint8Array> => {
    const padded = await decrypt()
    const attributes = stanzas.get(ciphertext)
    const ourselves = me()
    if (!attributes || !ourselves || attributes.category === 'peer') return padded // between our own devices: keys and histories
    const message = baileys.unpadRandomMax16(padded)
    if (!isBare(baileys, message)) await keep(writeEnvelope({ attributes, me: ourselves, message }))
    return padded
  }

  return {
    /** Notes which stanza a ciphertext came with. */
    watch(node: BinaryNode): void {
      if (!Array.isArray(node.content)) return
      for (const { tag, content } of node.content) if (tag === 'enc' && content instanceof Uint8Array) stanzas.set(content, node.attrs)
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

/** Nothing but a key for a group: its message follows in the same stanza. */
function isBare({ proto }: Baileys, message: Uint8Array): boolean {
  const said = Object.keys(proto.Message.decode(message).toJSON())
  return said.every((name) => name === 'senderKeyDistributionMessage' || name === 'messageContextInfo')
}
