import type { Ports } from '#kit/context'
import { type Database, inTransaction } from '#kit/db'
import { lockMessages, writeChanges } from './message-changes.store.ts'
import { type Change, fail, move, unchanged } from './message-changes.ts'
import { type Failure, OUTCOME_UNKNOWN } from './message-state.ts'

type Parts = { database: Database; events: Ports['events']; now(): Date }
type Key = { workspaceId: string; id: string }

/** Ends messages that waited past their limit for a channel that stays closed. */
export const expireStranded = (parts: Parts, messages: readonly Key[]): Promise<void> =>
  expire(parts, messages, {
    code: 'channel_closed',
    reason: 'Its channel stayed closed for longer than it may be late',
    advice: 'Connect the channel and send it again.',
  })

/** Ends messages that a restore had put on hold; one that was on its way may have arrived. */
export const expireHeld = (parts: Parts, messages: readonly Key[]): Promise<void> =>
  expire(parts, messages, { code: 'held', reason: 'It was held after a restore and the operator let it expire' })

/** Takes back messages that have not started, by an event each; who has started goes on. */
export async function cancelUnstarted({ database, events, now }: Parts, messages: readonly Key[]): Promise<void> {
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

async function expire({ database, events, now }: Parts, messages: readonly Key[], failure: Failure): Promise<void> {
  if (messages.length === 0) return
  const changes = await inTransaction(database.engine, {}, async (db) => {
    const locked = await lockMessages(db, messages)
    const changes = locked.flatMap((message) => {
      if (message.state === 'scheduled') return [fail(unchanged(message), failure, now(), 'expired')]
      return message.state === 'sending' ? [fail(unchanged(message), { ...failure, code: OUTCOME_UNKNOWN }, now())] : []
    })
    await writeChanges(db, changes, events)
    return changes
  })
  events.hint(changes.flatMap((change) => change.events))
}
