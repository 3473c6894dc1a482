import type { TransportChannelEntry } from '#core/channels'
import { type Content, mediaIdOf } from '#core/content'
import { findMediaFiles, type Media } from '#core/media'
import type { Context } from '#kit/context'
import { invalidField } from '#kit/errors'
import { capabilitiesOf, checkContent } from './check-content.ts'
import { checkFile } from './check-references.ts'
import { findChannel } from './find-channel.ts'
import type { MessageInput } from './message-input.ts'

/** Whether a channel could send this content: for what is to be sent to many, later. Throws as a send would; answers the channel. */
export async function inspectContent(
  ctx: Context,
  { content, ...wish }: Pick<MessageInput, 'content' | 'channelId' | 'from' | 'persona'>,
): Promise<TransportChannelEntry> {
  if (content.type === 'reaction') throw invalidField('content.type', 'a reaction belongs to one message')
  const channel = await findChannel(ctx, { ...wish, noChannel: 'hold' })
  const { plan } = await ctx.ports.workspaces.get(ctx.workspaceId)
  checkContent(content, capabilitiesOf(ctx, channel), plan.footer)
  checkFile(content, await loadMedia(ctx, [content]))
  return channel
}

/** The files that contents name, as far as they are there. */
export async function loadMedia(ctx: Context, contents: readonly Content[]): Promise<Map<string, Media>> {
  const ids = [...new Set(contents.flatMap((content) => mediaIdOf(content) ?? []))]
  const files = ids.length > 0 ? await findMediaFiles(ctx.db, ctx.workspaceId, ids) : []
  return new Map(files.map((file) => [file.id, file]))
}
