import type { TransportChannelEntry } from '#core/channels'
import type { Incoming } from '#core/transport'
import { sqlState } from '#kit/db'
import { DomainError } from '#kit/errors'

/** What one body says to one channel. */
export type Understood = { channel: TransportChannelEntry; incoming: Incoming }

/** One incoming a channel, its parts in the order in which they came. */
export function together(understood: readonly Understood[]): Understood[] {
  const byChannel = Map.groupBy(understood, ({ channel }) => channel.id)
  return [...byChannel.values()].flatMap((all) => {
    const [first] = all
    if (!first || all.length === 1) return all
    const incoming: Incoming = {
      messages: all.flatMap((one) => one.incoming.messages),
      receipts: all.flatMap((one) => one.incoming.receipts),
      notices: all.flatMap((one) => one.incoming.notices),
      optOuts: all.flatMap((one) => one.incoming.optOuts ?? []),
      groupChanges: all.flatMap((one) => one.incoming.groupChanges ?? []),
      newsletters: all.flatMap((one) => one.incoming.newsletters ?? []),
      people: all.flatMap((one) => one.incoming.people ?? []),
      history: all.flatMap((one) => one.incoming.history ?? []),
    }
    return [{ channel: first.channel, incoming }]
  })
}

/** The body's own fault, whenever it is tried: no row can be made of it, or our reading of it stumbles. */
export const isAboutData = (error: unknown): boolean =>
  /^2[23]/.test(sqlState(error) ?? '') || error instanceof TypeError || error instanceof RangeError || error instanceof DomainError
