import type { Ports } from '#kit/context'
import { type Database, inTransaction } from '#kit/db'
import { lockMessages, writeChanges } from './message-changes.store.ts'
import { fail, unchanged } from './message-changes.ts'
import { type Failure, OUTCOME_UNKNOWN } from './message-state.ts'

type Parts = { database: Database; events: Ports['events']; now(): Date }

const HELD: Failure = { code: 'held', reason: 'It was held after a restore and the operator let it expire' }

/** Ends messages that a restore had put on hold; one that was on its way may have arrived. */
export async function expireHeld(
  { database, events, now }: Parts,
  messages: readonly { workspaceId: string; id: string }[],
): Promise<void> {
  const changes = await inTransaction(database.engine, {}, async (db) => {
    const changes = (await lockMessages(db, messages)).flatMap((message) => {
      if (message.state === 'scheduled') return [fail(unchanged(message), HELD, now(), 'expired')]
      return message.state === 'sending' ? [fail(unchanged(message), { ...HELD, code: OUTCOME_UNKNOWN }, now())] : []
    })
    await writeChanges(db, changes, events)
    return changes
  })
  events.hint(changes.flatMap((change) => change.events))
}
