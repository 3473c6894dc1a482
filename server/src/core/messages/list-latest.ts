import { z } from 'zod'
import { operation } from '#kit/operation'
import { selectLatestIds } from './latest.store.ts'
import { findMessages } from './message.store.ts'
import type { Message } from './message.ts'

export const listLatest = operation({
  name: 'messages.latest',
  does: 'The last messages of each of these conversations that the network knows, newest first.',
  needs: 'messages:read',
  input: z.strictObject({
    conversationIds: z.array(z.uuid()).max(200),
    each: z.int().min(0).max(100).default(1),
    contentTypes: z.array(z.string().max(32)).max(30),
  }),
  async run(ctx, { conversationIds, each, contentTypes }): Promise<Map<string, Message[]>> {
    if (conversationIds.length === 0 || each === 0) return new Map()
    const ids = await selectLatestIds(ctx.db, ctx.workspaceId, { conversationIds, each, contentTypes })
    const byId = new Map((await findMessages(ctx.db, ctx.workspaceId, ids)).map((message) => [message.id, message]))
    return Map.groupBy(
      ids.flatMap((id) => byId.get(id) ?? []),
      ({ conversationId }) => conversationId,
    )
  },
})
