import { withPlus } from '#core/addresses'
import type { Message } from './message.ts'

/** Who wrote it in a group: E.164, or an id where no number was told. undefined: no message of somebody else in a group. */
export function authorOf({ direction, facts, address }: Message): string | undefined {
  const sender = facts?.sender
  if (direction === 'out' || typeof sender !== 'string' || !address.endsWith('@g.us')) return undefined
  return /^\d+$/.test(sender) ? withPlus(sender) : sender
}

/** The same, as the road told it: networks name a message by it. */
export function wireAuthorOf(message: Message): string | undefined {
  const participant = message.direction === 'in' ? message.facts?.participant : undefined
  return typeof participant === 'string' ? participant : authorOf(message)
}
