import { z } from 'zod'
import { Content, mediaIdOf } from '#core/content'
import { findMediaFiles } from '#core/media'
import type { Context } from '#kit/context'
import { DomainError, invalidField, notFound } from '#kit/errors'
import { operation } from '#kit/operation'
import { capabilitiesOf, checkContent } from './check-content.ts'
import { checkFile, targetIdOf, targetOf } from './check-references.ts'
import { moveFollowers, takeBack } from './followers.ts'
import { linkOf, withoutPreview } from './link-previews.ts'
import { findMessage, lockFollowers, lockMessage, updateWaiting } from './message.store.ts'
import { isMadeHere, LANES, type MadeMessage, type Message, type OutgoingMessage } from './message.ts'
import { tell } from './message-changes.ts'
import { isWaiting } from './message-state.ts'

const Horizon = z.strictObject({ minSeconds: z.number().min(0), maxSeconds: z.number() })

export const MessageEdit = z.strictObject({
  messageId: z.uuid(),
  content: Content.optional(),
  sendAt: z.date().optional(),
  tag: z.string().min(1).max(256).optional(),
  replyTo: z.uuid().nullable().optional().describe('null: it answers none any more'),
  horizon: Horizon.default({ minSeconds: 0, maxSeconds: 31_536_000 }),
})
export type MessageEdit = z.output<typeof MessageEdit>

export const editWaiting = operation({
  name: 'messages.edit-waiting',
  does: 'Change a message that has not started to leave: its content, its time, its tag.',
  needs: 'messages:write',
  input: MessageEdit,
  async run(ctx, { messageId, content, sendAt, tag, replyTo, horizon }): Promise<OutgoingMessage> {
    const message = await lockMessage(ctx.db, ctx.workspaceId, messageId)
    if (message?.direction !== 'out') throw notFound('message')
    if (!isMadeHere(message) || !isWaiting(message.state))
      throw new DomainError('conflict', `A ${message.state} message cannot be edited`, { facts: { state: message.state } })
    if (sendAt) checkHorizon(ctx, sendAt, horizon)
    if (content) await checkNewContent(ctx, message, content)
    const target = await findTarget(ctx, message, {
      content: content ?? message.content,
      replyTo: replyTo === undefined ? message.replyTo : (replyTo ?? undefined),
    })
    const edited = {
      ...message,
      content: content ?? message.content,
      sendAt: sendAt ?? message.sendAt,
      tag: tag ?? message.tag,
      replyTo: target?.id,
      facts: content ? withoutPreview(message.facts) : message.facts,
      editedAt: ctx.now(),
    }
    const followers = content || sendAt ? await lockFollowers(ctx.db, ctx.workspaceId, messageId) : [] // messages before their work
    await updateWaiting(ctx.db, edited, { ...edited, targetWireId: target?.wireId }, ctx.now())
    ctx.transaction?.events.push(tell(message, 'message.edited', sendAt ? { sendAt: sendAt.toISOString() } : {}))
    if (content && saysWords(content)) await takeBack(ctx, followers, ctx.now())
    else if (sendAt) await moveFollowers(ctx, followers, sendAt)
    const channel = await ctx.ports.channels.get(ctx.workspaceId, message.channelId)
    const link = content && channel && linkOf(content, capabilitiesOf(ctx, channel))
    if (link !== undefined) ctx.transaction?.afterCommit.push(() => ctx.ports.linkPreviews.want(edited, link))
    const queueId = channel?.queues[LANES.indexOf(message.lane)]
    if (queueId !== undefined) ctx.transaction?.afterCommit.push(() => ctx.ports.touches.touch(queueId, edited.sendAt ?? ctx.now()))
    return edited
  },
})

/** With words of its own again, a file needs none behind it. */
const saysWords = (content: Content): boolean => !('mediaId' in content) || ('caption' in content && content.caption !== undefined)

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
  const files = mediaId === undefined ? [] : await findMediaFiles(ctx.db, ctx.workspaceId, [mediaId])
  checkFile(content, new Map(files.map((file) => [file.id, file])))
}

/** The message that this one will answer or react to; one it answered before and that is gone by now is let go. */
async function findTarget(ctx: Context, message: MadeMessage, said: Parameters<typeof targetOf>[0]): Promise<Message | undefined> {
  const id = targetIdOf(said)
  const target = id === undefined ? undefined : await findMessage(ctx.db, ctx.workspaceId, id)
  if (!target && id === targetIdOf(message)) return undefined
  return targetOf(said, new Map(target ? [[target.id, target]] : []), message.channelId)
}
