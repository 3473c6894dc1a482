import type { Acceptor } from '../../server/src/core/messages/accept-messages.ts'
import type { AcceptUnit } from '../../server/src/core/messages/accept-unit.ts'

let numbers = 0

/** The port of the real one, without a database behind it: an answer at the next turn of the event loop. */
export function openAcceptor(): Acceptor {
  return {
    accept: async ({ messages }: AcceptUnit) => {
      await new Promise(setImmediate)
      return { kind: 'written', numbers: new Map(messages.map(({ id }) => [id, ++numbers])) }
    },
    drain: async () => undefined,
    waiting: 0,
  }
}
