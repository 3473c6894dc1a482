import type { InboundContent } from '#core/content'
import type { EventType } from '#core/events'
import type { Context } from '#kit/context'
import { notFound } from '#kit/errors'
import { withTransaction } from '#kit/operation'
import type { HeardRow } from './heard.ts'
import { lockMessage } from './message.store.ts'
import type { Message } from './message.ts'
import { tell } from './message-changes.ts'
import { takeWireIds } from './receive-messages.store.ts'
import { subjectsOf } from './subjects-of.ts'
import { wireIdOf } from './wire-id-of.ts'
import { writeHeard } from './write-heard.ts'

type Deed = { id: string; content: InboundContent; event: EventType }

/** Keeps what the network has taken: a row of its own in the thread, what it does to the message it is about, and its event. Answers when. */
export async function writeDeed(ctx: Context, { id: messageId }: Message, { id, content, event }: Deed): Promise<Date> {
  const at = ctx.now()
  await withTransaction(ctx, async (inside) => {
    const target = await lockMessage(inside.db, ctx.workspaceId, messageId)
    if (!target) throw notFound('message')
    const channel = { workspaceId: ctx.workspaceId, id: target.channelId }
    const row = rowOf(target, { id, content, at })
    await takeWireIds(inside.db, channel, [{ wireId: row.wireId, messageId: id }])
    await writeHeard(inside.db, channel, { rows: [row], origin: 'deed' })
    const callback = target.direction === 'out' ? target : { callbackUrl: undefined, door: undefined }
    const subjects = { ...subjectsOf({ ...row, channelId: target.channelId }), targetMessageId: messageId }
    inside.transaction?.events.push({ ...tell({ ...target, ...callback }, event, { fromMe: true }), subjects })
  })
  return at
}

/** In a group it is to nobody. */
function rowOf(
  { id: targetId, address, conversationId, contactId }: Message,
  deed: { id: string; content: InboundContent; at: Date },
): HeardRow {
  return {
    ...deed,
    direction: 'out',
    state: 'sent',
    conversationId,
    contactId: address.endsWith('@g.us') ? undefined : contactId,
    address,
    wireId: wireIdOf(deed.id),
    replyTo: undefined,
    targetId,
    isAstray: false,
    facts: undefined,
  }
}
