import type { Context } from '#kit/context'
import { notFound } from '#kit/errors'
import { findNamed, type Named } from './named.store.ts'

/** A filter that names somebody else's channel, conversation or contact is refused like any other foreign id. */
export async function requireNamed(ctx: Context, filter: Named): Promise<void> {
  const { channelId, conversationId, contactId } = filter
  if (!channelId && !conversationId && !contactId) return
  const found = await findNamed(ctx.db, ctx.workspaceId, filter)
  if (channelId && !found.channel) throw notFound('channel')
  if (conversationId && !found.conversation) throw notFound('conversation')
  if (contactId && !found.contact) throw notFound('contact')
}
