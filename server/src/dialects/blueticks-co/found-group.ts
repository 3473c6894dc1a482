import type { z } from 'zod'
import { openConversation } from '#core/conversations'
import { createGroup, type Group } from '#core/groups'
import type { Context } from '#kit/context'
import type { NewGroup } from './groups.wire.ts'
import { lend } from './scopes.ts'

/** Whoever founds a group finds it among the chats, before anything is said in it. */
export async function foundGroup(ctx: Context, asked: z.output<typeof NewGroup>): Promise<Group> {
  const { group } = await createGroup(ctx, asked)
  const asker = lend(ctx, 'groups:write', ['conversations:write'])
  await openConversation(asker, { to: group.address, channelId: group.channelId })
  return group
}
