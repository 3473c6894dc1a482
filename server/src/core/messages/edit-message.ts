import { z } from 'zod'
import { Content, mediaIdOf } from '#core/content'
import { findMediaFiles } from '#core/media'
import type { Context } from '#kit/context'
import { DomainError, invalidField, notFound } from '#kit/errors'
import { operation } from '#kit/operation'
import { findMessage, lockMessage, updateWaiting } from './message.store.ts'
import { LANES, type OutgoingMessage } from './message.ts'
import { tell } from './message-changes.ts'
import { isWaiting } from './message-state.ts'
import { capabilitiesOf, checkContent } from './prepare-messages.ts'

export const editMessage = operation({
  name: 'messages.edit',
  does: 'Change a message that has not started to leave: its content, its time, its tag.',
  needs: 'messages:write',
  input: z.strictObject({
    messageId: z.uuid(),
    content: Content.optional(),
    sendAt: z.date().optional(),
    tag: z.string().min(1).max(256).optional(),
    replyTo: z.uuid().optional(),
    horizon: z.strictObject({ minSeconds: z.number().min(0), maxSeconds: z.number() }).default({ minSeconds: 0, maxSeconds: 31_536_000 }),
  }),
  async run(ctx, { messageId, content, sendAt, tag, replyTo, horizon }): Promise<OutgoingMessage> {
    const message = await lockMessage(ctx.db, ctx.workspaceId, messageId)
    if (message?.direction !== 'out') throw notFound('message')
    if (!isWaiting(message.state))
      throw new DomainError('conflict', `A ${message.state} message cannot be edited`, { facts: { state: message.state } })
    if (sendAt) checkHorizon(ctx, sendAt, horizon)
    if (content) await checkNewContent(ctx, message, content)
    const target = replyTo ? await findMessage(ctx.db, ctx.workspaceId, replyTo) : undefined
    if (replyTo && target?.channelId !== message.channelId) throw invalidField('replyTo', 'no such message on this channel', 'not_found')
    const edited = {
      ...message,
      content: content ?? message.content,
      sendAt: sendAt ?? message.sendAt,
      tag: tag ?? message.tag,
      replyTo: target?.id ?? message.replyTo,
      editedAt: ctx.now(),
    }
    await updateWaiting(ctx.db, edited, { ...edited, targetWireId: target?.wireId }, ctx.now())
    ctx.transaction?.events.push(tell(message, 'message.edited', sendAt ? { sendAt: sendAt.toISOString() } : {}))
    const channel = await ctx.ports.channels.get(ctx.workspaceId, message.channelId)
    const queueId = channel?.queues[LANES.indexOf(message.lane)]
    if (queueId !== undefined) ctx.transaction?.afterCommit.push(() => ctx.ports.touches.touch(queueId, edited.sendAt ?? ctx.now()))
    return edited
  },
})

function checkHorizon(ctx: Context, sendAt: Date, { minSeconds, maxSeconds }: { minSeconds: number; maxSeconds: number }): void {
  const ahead = (sendAt.getTime() - ctx.now().getTime()) / 1000
  if (ahead < minSeconds) throw invalidField('sendAt', `must be at least ${minSeconds} seconds ahead`, 'too_small')
  if (ahead > maxSeconds) throw invalidField('sendAt', `must be at most ${Math.round(maxSeconds / 86_400)} days ahead`, 'too_big')
}

async function checkNewContent(ctx: Context, message: OutgoingMessage, content: Content): Promise<void> {
  const channel = await ctx.ports.channels.get(ctx.workspaceId, message.channelId)
  const { plan } = await ctx.ports.workspaces.get(ctx.workspaceId)
  if (channel) checkContent(content, capabilitiesOf(ctx, channel), plan.footer)
  const mediaId = mediaIdOf(content)
  if (mediaId && (await findMediaFiles(ctx.db, ctx.workspaceId, [mediaId])).length === 0)
    throw invalidField('content.mediaId', 'no such file', 'not_found')
}
