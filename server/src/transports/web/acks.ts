type Attributes = Readonly<Record<string, string>>

/** One message that was written, and waits for the network's word. */
export type Awaited = {
  /** The attributes of the ack; undefined: none in time, or the connection has ended. */
  answer: Promise<Attributes | undefined>
  /** It was not written after all. */
  cancel(): void
}

/** The network's word on messages that were written. */
export interface Acks {
  wait(wireId: string, withinMs: number): Awaited
  /** False: nobody waits for it, it comes too late or is a second thought of the network. */
  heard(attributes: Attributes): boolean
  /** Anything came from the network. */
  alive(): void
  /** The connection is gone: nobody will answer. */
  end(): void
  /** Messages in a row that nobody answered while nothing came either. */
  readonly silence: number
}

export function openAcks(): Acks {
  const waiting = new Map<string, (attributes: Attributes | undefined) => void>()
  let silence = 0
  return {
    wait(wireId, withinMs) {
      const { promise, resolve } = Promise.withResolvers<Attributes | undefined>()
      const settle = (attributes: Attributes | undefined) => {
        clearTimeout(timer)
        if (waiting.get(wireId) === settle) waiting.delete(wireId)
        resolve(attributes)
      }
      const timer = setTimeout(() => {
        silence++
        settle(undefined)
      }, withinMs)
      waiting.get(wireId)?.(undefined)
      waiting.set(wireId, settle)
      return { answer: promise, cancel: () => settle(undefined) }
    },
    heard(attributes) {
      silence = 0
      const settle = waiting.get(attributes.id ?? '')
      settle?.(attributes)
      return settle !== undefined
    },
    alive() {
      silence = 0
    },
    end() {
      for (const settle of [...waiting.values()]) settle(undefined)
    },
    get silence() {
      return silence
    },
  }
}
