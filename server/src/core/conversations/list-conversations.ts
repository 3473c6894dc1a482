import { z } from 'zod'
import { operation } from '#kit/operation'
import { badCursor, decodeCursor, type Page, PageInput, pageOf } from '#kit/paging'
import { type ConversationCursor, countConversations, hasSeveralChannels, selectConversations } from './conversation.store.ts'
import { CONVERSATION_KINDS, type Conversation } from './conversation.ts'
import { requireNamed } from './require-named.ts'
import { searchConversations } from './search.store.ts'

const Cursor = z.tuple([z.int().min(0).max(Number.MAX_SAFE_INTEGER), z.uuid()])

export const listConversations = operation({
  name: 'conversations.list',
  does: 'The conversations of this workspace, the one with the latest message first; `search` looks into names and numbers.',
  needs: 'conversations:read',
  input: PageInput.extend({
    state: z.enum(['open', 'pending', 'resolved', 'snoozed']).optional(),
    channelId: z.uuid().optional(),
    contactId: z.uuid().optional(),
    archived: z.boolean().optional(),
    pinned: z.boolean().optional(),
    markedUnread: z.boolean().optional(),
    kinds: z.array(z.enum(CONVERSATION_KINDS)).min(1).optional(),
    since: z.date().optional(),
    search: z.string().trim().min(1).max(200).optional(),
    named: z.boolean().optional().describe('Only where we know a name'),
    oneEach: z.boolean().optional().describe('One for each address, whatever the number of channels'),
    order: z.enum(['latest', 'earliest']).default('latest'),
    skip: z.int().min(0).max(1_000_000).optional().describe('For doors that page by number'),
    withTotal: z.boolean().default(false),
  }),
  async run(
    ctx,
    { limit, cursor, order, skip, withTotal, search, oneEach, ...rest },
  ): Promise<Page<Conversation> & { total: number | undefined }> {
    await requireNamed(ctx, { channelId: rest.channelId, contactId: rest.contactId })
    const filter = {
      ...rest,
      ids: search === undefined ? undefined : await searchConversations(ctx.db, ctx.workspaceId, search),
      oneEach: oneEach && (await hasSeveralChannels(ctx.db, ctx.workspaceId)),
    }
    const after = cursor === undefined ? undefined : readCursor(cursor)
    const rows = await selectConversations(ctx.db, ctx.workspaceId, filter, { order, limit, after, skip })
    const page = pageOf(rows, limit, (row) => row.cursor)
    const total = withTotal ? await countConversations(ctx.db, ctx.workspaceId, filter) : undefined
    return { rows: page.rows.map(({ conversation }) => conversation), next: page.next, total }
  },
})

function readCursor(cursor: string): ConversationCursor {
  const parsed = Cursor.safeParse(decodeCursor(cursor))
  if (!parsed.success) throw badCursor()
  return parsed.data
}
