import { z } from 'zod'
import { requireNamed } from '#core/conversations'
import type { Context } from '#kit/context'
import { operation } from '#kit/operation'
import { cursorId, PAGE_DEFAULT, PAGE_MOST, pageOf } from '#kit/paging'
import { countMessages, findUnsettledIds, selectMessages } from './message.store.ts'
import type { Message } from './message.ts'
import type { MessageFilter } from './message-filter.store.ts'
import { MESSAGE_STATES } from './message-state.ts'

const Filter = {
  states: z
    .array(z.enum([...MESSAGE_STATES, 'queued']))
    .max(12)
    .optional()
    .describe('`queued` is scheduled and due, `scheduled` is still ahead'),
  direction: z.enum(['in', 'out']).optional(),
  channelId: z.uuid().optional(),
  conversationId: z.uuid().optional(),
  contactId: z.uuid().optional(),
  address: z.string().max(256).optional(),
  recurrenceId: z.uuid().optional(),
  origins: z.array(z.enum(['api', 'direct', 'inbox', 'phone'])).optional(),
  contentTypes: z.array(z.string().max(32)).max(20).optional(),
  search: z.string().min(1).max(200).optional(),
  searchAny: z.array(z.string().min(1).max(200)).max(24).optional().describe('Any of these'),
  onWire: z.boolean().optional().describe('Whether the network knows it'),
  mimePrefix: z.string().max(255).optional(),
  filename: z.string().max(255).optional().describe('Part of the name of its file'),
  sender: z.string().max(256).optional().describe('Who wrote it'),
  since: z.date().optional(),
  until: z.date().optional(),
}

export const listMessages = operation({
  name: 'messages.list',
  does: 'List messages of the workspace, newest first unless asked otherwise.',
  needs: 'messages:read',
  input: z.strictObject({
    ...Filter,
    order: z.enum(['asc', 'desc']).default('desc'),
    limit: z.int().min(1).max(PAGE_MOST).default(PAGE_DEFAULT),
    cursor: z.string().max(512).optional(),
    skip: z.int().min(0).max(1_000_000).optional().describe('For doors that page by number'),
    withTotal: z.boolean().default(false),
  }),
  async run(
    ctx,
    { order, limit, cursor, skip, withTotal, states, ...rest },
  ): Promise<{ rows: Message[]; next: string | undefined; total: number | undefined }> {
    await requireNamed(ctx, rest)
    const wanted = stateFilter(states, ctx.now())
    const filter: MessageFilter = { ...rest, ...wanted, ids: await idsOfUnsettled(ctx, wanted.states) }
    const rows = await selectMessages(ctx.db, ctx.workspaceId, filter, { order, limit, after: cursorId(cursor), skip })
    const total = withTotal ? await countMessages(ctx.db, ctx.workspaceId, filter) : undefined
    return { ...pageOf(rows, limit, ({ id }) => id), total }
  },
})

const UNSETTLED_MOST = 5_000

/** Few that wait among many that were sent are found by their work: no index of messages knows states. */
async function idsOfUnsettled(ctx: Context, states: MessageFilter['states']): Promise<readonly string[] | undefined> {
  const onlyUnsettled = states?.every((state) => state === 'scheduled' || state === 'sending')
  return onlyUnsettled ? findUnsettledIds(ctx.db, ctx.workspaceId, UNSETTLED_MOST) : undefined
}

/** `queued` is not a stored state: scheduled ones are told apart by their time. */
function stateFilter(states: readonly string[] | undefined, now: Date): Pick<MessageFilter, 'states' | 'due'> {
  if (!states) return {}
  const stored = new Set(states.map((state) => (state === 'queued' ? 'scheduled' : state)))
  const apart = states.includes('queued') !== states.includes('scheduled') && stored.size === 1
  return { states: MESSAGE_STATES.filter((state) => stored.has(state)), ...(apart && { due: { now, is: states.includes('queued') } }) }
}
