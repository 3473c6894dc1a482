import type { TransportChannelEntry } from '#core/channels'
import type { Incoming } from '#core/transport'
import { sqlState } from '#kit/db'
import { DomainError, isPassing } from '#kit/errors'

/** What one body says to one channel. */
export type Understood = { channel: TransportChannelEntry; incoming: Incoming }

/** One incoming a channel, its parts in the order in which they came. */
export function together(understood: readonly Understood[]): Understood[] {
  const byChannel = Map.groupBy(understood, ({ channel }) => channel.id)
  return [...byChannel.values()].flatMap((all) => {
    const [first] = all
    if (!first || all.length === 1) return all
    const incoming: Required<Incoming> = {
      messages: all.flatMap((one) => one.incoming.messages),
      receipts: all.flatMap((one) => one.incoming.receipts),
      notices: all.flatMap((one) => one.incoming.notices),
      optOuts: all.flatMap((one) => one.incoming.optOuts ?? []),
      groupChanges: all.flatMap((one) => one.incoming.groupChanges ?? []),
      newsletters: all.flatMap((one) => one.incoming.newsletters ?? []),
      people: all.flatMap((one) => one.incoming.people ?? []),
      history: all.flatMap((one) => one.incoming.history ?? []),
      chatMarks: all.flatMap((one) => one.incoming.chatMarks ?? []),
    }
    return [{ channel: first.channel, incoming }]
  })
}

/** The body's own fault, whenever it is tried: no row can be made of it, or our reading of it stumbles. What would pass another time is none. */
export const isAboutData = (error: unknown): boolean =>
  /^2[23]/.test(sqlState(error) ?? '') ||
  [SyntaxError, TypeError, RangeError].some((kind) => error instanceof kind) ||
  (error instanceof DomainError && !isPassing(error))

/** A row that somebody else has just made, or just taken away. */
const RACES: ReadonlySet<string | undefined> = new Set(['23505', '23503'])

/** Does it again where it may have met others: only what happens twice is the data's own fault. */
export async function pastRaces<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!RACES.has(sqlState(error))) throw error
    return work()
  }
}
