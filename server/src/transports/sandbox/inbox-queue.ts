import type { Inbox, Incoming } from '#core/transport'
import { createBatcher } from '#kit/batcher'
import { reasonIn } from '#kit/errors'
import type { Logger } from '#kit/log'

/** One thing that the network told a business number. */
export type Told = { business: string } & Partial<Incoming>

export interface InboxQueue {
  /** Resolves when it was handed over, or given up. */
  put(told: Told): Promise<void>
  /** Resolves when everything has been handed over, or given up. */
  drain(): Promise<void>
}

type QueueParts = { inbox: Pick<Inbox, 'take'>; log: Logger; channelOf(business: string): Promise<string | undefined> }

const BATCH_MOST = 500
const SPACING_MS = 3
const WAITING_MOST = 200_000
const TRIES_MOST = 8
const FIRST_PAUSE_MS = 100

/** Gathers what comes within a few milliseconds and hands it over a channel at a time; a database that is away is waited for, 25 s at most. */
export function openInboxQueue({ inbox, log, channelOf }: QueueParts): InboxQueue {
  const hand = async (business: string, told: readonly Told[]): Promise<void> => {
    for (let tries = 1; ; tries++) {
      try {
        const channelId = await channelOf(business)
        if (channelId !== undefined) await inbox.take({ id: channelId }, join(told))
        return
      } catch (error) {
        const reason = reasonIn(error)
        if (tries >= TRIES_MOST) return log.error({ error: reason, count: told.length }, 'simulated receipts were lost')
        await new Promise((done) => setTimeout(done, FIRST_PAUSE_MS * 2 ** (tries - 1)))
      }
    }
  }
  const batcher = createBatcher<Told, void>({
    most: BATCH_MOST,
    lanes: 1, // a later receipt must not overtake an earlier one for ever
    spacingMs: SPACING_MS,
    async write(items) {
      const byBusiness = Map.groupBy(items, ({ business }) => business)
      await Promise.all([...byBusiness].map(([business, told]) => hand(business, told)))
      return items.map(() => undefined)
    },
  })
  return {
    async put(told) {
      if (batcher.waiting >= WAITING_MOST) return log.error({ waiting: batcher.waiting }, 'a simulated receipt was lost: too many wait')
      await batcher.add(told)
    },
    drain: () => batcher.drain(),
  }
}

const join = (told: readonly Told[]): Incoming => ({
  messages: told.flatMap(({ messages = [] }) => messages),
  receipts: told.flatMap(({ receipts = [] }) => receipts),
  notices: told.flatMap(({ notices = [] }) => notices),
  groupChanges: told.flatMap(({ groupChanges = [] }) => groupChanges),
})
