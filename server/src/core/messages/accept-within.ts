import type { Context } from '#kit/context'
import { unawaited } from '#kit/db'
import { insertAccepted } from './accept.store.ts'
import { acceptedEvent } from './accepted-event.ts'
import type { NewMessage } from './new-message.ts'

/** Accepts messages in the transaction that is open: with its commit they are kept, or never were. Their ids decide; one that is there already is left as it is. */
export async function acceptWithin(ctx: Context, messages: readonly NewMessage[]): Promise<void> {
  if (!ctx.transaction) throw new Error('messages were to be accepted outside a transaction')
  if (messages.length === 0) return
  void unawaited(ctx.db, insertAccepted(ctx.db, messages))
  ctx.transaction.events.push(...messages.map(acceptedEvent))
  ctx.transaction.afterCommit.push(() => {
    for (const { queueId, sendAt, createdAt } of messages) ctx.ports.touches.touch(queueId, sendAt ?? createdAt)
  })
}
