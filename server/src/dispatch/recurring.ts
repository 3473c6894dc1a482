import { type DueRecurrence, findDueRecurrences, nextDueAt, takeTurn } from '#core/recurrences'
import type { Context } from '#kit/context'
import type { Database } from '#kit/db'
import type { Logger } from '#kit/log'
import { openBell } from './bell.ts'

type RecurringParts = { database: Database; log: Logger; now(): Date; contextIn(workspaceId: string): Promise<Context> }

const POLL_MS = 1_000
const AT_ONCE = 4
const PAGE = 100
/** One that stumbles waits so long, and holds up nobody. */
const RETRY_MS = 30_000
const STUMBLED_MOST = 1_000

/** Makes the messages of recurrences when their time has come. Any number of nodes may do it at once: a row is one node's at a time. */
export function openRecurring(parts: RecurringParts): { start(): void; stop(): Promise<void>; look(): Promise<number> } {
  const { database, log, now } = parts
  const bell = openBell(now)
  const stumbled = new Map<string, number>()
  let open = false
  let loop: Promise<void> | undefined

  const turn = async ({ workspaceId, id }: DueRecurrence) => {
    try {
      await takeTurn(await parts.contextIn(workspaceId), id)
    } catch (error) {
      log.warn({ error, recurrenceId: id }, 'a recurrence stumbled and will be tried again')
      if (stumbled.size < STUMBLED_MOST) stumbled.set(id, now().getTime() + RETRY_MS)
    }
  }

  /** One look; answers how many were due. */
  const look = async (): Promise<number> => {
    for (const [id, until] of stumbled) if (until <= now().getTime()) stumbled.delete(id)
    const due = await findDueRecurrences(database.engine, { now: now(), most: PAGE, besides: [...stumbled.keys()] })
    const waiting = [...due]
    const work = async () => {
      for (let one = waiting.shift(); one; one = waiting.shift()) await turn(one)
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
    return due.length
  }

  const run = async () => {
    while (open) {
      try {
        if ((await look()) === PAGE) continue
        await bell.heard(await nextDueAt(database.engine, now()), POLL_MS)
      } catch (error) {
        log.error({ error }, 'recurrences could not be looked for and will be again')
        await bell.heard(undefined, POLL_MS)
      }
    }
  }

  return {
    look,
    start() {
      open = true
      loop = run()
    },
    async stop() {
      open = false
      bell.ring()
      await loop
    },
  }
}
