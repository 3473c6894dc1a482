type Attributes = Readonly<Record<string, string>>

/** One message that is written, and waits for the network's word. */
export type Awaited = {
  /** The attributes of the ack; undefined: none in time, or the connection has ended. */
  answer: Promise<Attributes | undefined>
  /** From now on it has so many milliseconds; 0: it was not written, or nobody knows, and what has not come is not waited for. */
  within(ms: number): void
}

/** The network's word on messages that were written. */
export interface Acks {
  /** Before it is written: the answer may be quicker than the library. */
  wait(wireId: string): Awaited
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
    wait(wireId) {
      const { promise, resolve } = Promise.withResolvers<Attributes | undefined>()
      let timer: NodeJS.Timeout | undefined
      let isSettled = false
      const settle = (attributes: Attributes | undefined) => {
        isSettled = true
        clearTimeout(timer)
        if (waiting.get(wireId) === settle) waiting.delete(wireId)
        resolve(attributes)
      }
      const missed = () => {
        silence++
        settle(undefined)
      }
      waiting.get(wireId)?.(undefined)
      waiting.set(wireId, settle)
      return {
        answer: promise,
        within(ms) {
          if (ms === 0) settle(undefined)
          else if (!isSettled) timer = setTimeout(missed, ms)
        },
      }
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
