import { z } from 'zod'
import { operation } from '#kit/operation'
import { badCursor, decodeCursor, type Page, PageInput, pageOf } from '#kit/paging'
import { type ConversationCursor, selectConversations } from './conversation.store.ts'
import type { Conversation } from './conversation.ts'
import { requireNamed } from './require-named.ts'

const Cursor = z.tuple([z.int().min(0).max(Number.MAX_SAFE_INTEGER), z.uuid()])

export const listConversations = operation({
  name: 'conversations.list',
  does: 'The conversations of this workspace, the one with the latest message first.',
  needs: 'conversations:read',
  input: PageInput.extend({
    state: z.enum(['open', 'pending', 'resolved', 'snoozed']).optional(),
    channelId: z.uuid().optional(),
    contactId: z.uuid().optional(),
  }),
  async run(ctx, { state, channelId, contactId, limit, cursor }): Promise<Page<Conversation>> {
    await requireNamed(ctx, { channelId, contactId })
    const after = cursor === undefined ? undefined : readCursor(cursor)
    const rows = await selectConversations(ctx.db, ctx.workspaceId, { state, channelId, contactId, limit, after })
    const page = pageOf(rows, limit, (row) => row.cursor)
    return { rows: page.rows.map(({ conversation }) => conversation), next: page.next }
  },
})

function readCursor(cursor: string): ConversationCursor {
  const parsed = Cursor.safeParse(decodeCursor(cursor))
  if (!parsed.success) throw badCursor()
  return parsed.data
}
