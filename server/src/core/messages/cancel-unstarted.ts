import type { Ports } from '#kit/context'
import { type Database, inTransaction } from '#kit/db'
import { lockMessages, writeChanges } from './message-changes.store.ts'
import { type Change, move, unchanged } from './message-changes.ts'

type Parts = { database: Database; events: Ports['events']; now(): Date }

/** Takes back messages that have not started, by an event each; who has started goes on. */
export async function cancelUnstarted(
  { database, events, now }: Parts,
  messages: readonly { workspaceId: string; id: string }[],
): Promise<void> {
  if (messages.length === 0) return
  const changes = await inTransaction(database.engine, {}, async (db) => {
    const waiting = (await lockMessages(db, messages)).filter(({ state }) => state === 'scheduled')
    const changes = waiting.map(
      (message): Change => ({ ...move(unchanged(message), 'cancelled', { endedAt: now() }), work: { is: 'done' } }),
    )
    await writeChanges(db, changes, events)
    return changes
  })
  events.hint(changes.flatMap((change) => change.events))
}
