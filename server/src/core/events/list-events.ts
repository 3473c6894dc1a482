import { z } from 'zod'
import { operation, parse } from '#kit/operation'
import { decodeCursor, encodeCursor, PAGE_DEFAULT, PAGE_MOST, type Page, pageOf } from '#kit/paging'
import { latestSeq, oldestSeq, readEvents, readEventsOfTypes } from './event.store.ts'
import { EVENT_TYPES, type Event } from './event.ts'

/** Numbers that one page of some types looks through at most. */
const SEARCHED_MOST = 20_000

const Seq = z.number().int().min(0)

export const listEvents = operation({
  name: 'events.list',
  does: 'List what happened, oldest first, after a number or a cursor.',
  needs: 'events:read',
  input: z.object({
    after: Seq.optional(),
    cursor: z.string().optional(),
    types: z.array(z.enum(EVENT_TYPES)).min(1).max(EVENT_TYPES.length).optional(),
    limit: z.number().int().min(1).max(PAGE_MOST).default(PAGE_DEFAULT),
  }),
  async run(ctx, { after, cursor, types, limit }): Promise<Page<Event>> {
    const from = cursor === undefined ? (after ?? 0) : seqOf(cursor)
    if (types === undefined) return pageOf(await readEvents(ctx.db, ctx.workspaceId, from, limit + 1), limit, ({ seq }) => seq)
    const start = Math.max(from, (await oldestSeq(ctx.db, ctx.workspaceId)) - 1)
    const upTo = start + SEARCHED_MOST
    const found = await readEventsOfTypes(ctx.db, ctx.workspaceId, { after: start, upTo, types, limit: limit + 1 })
    const page = pageOf(found, limit, ({ seq }) => seq)
    if (page.next !== undefined || upTo >= (await latestSeq(ctx.db, ctx.workspaceId))) return page
    return { rows: page.rows, next: encodeCursor(upTo) }
  },
})

const seqOf = (cursor: string): number => parse(Seq, decodeCursor(cursor))
