import { type Event, listEvents } from '#core/events'
import type { Context } from '#kit/context'
import type { Door } from '#kit/door'
import { withTransaction } from '#kit/operation'
import { openStreams, type Read } from './event-stream.ts'
import { EventList, EventQuery, StreamQuery } from './events.wire.ts'
import { joinEvents } from './join-events.ts'
import { type App, about, answers } from './routes.ts'

const TAG = 'Events'

export function eventRoutes(app: App, door: Door): void {
  app.get(
    '/events',
    { schema: { ...about(TAG, listEvents, 'List events'), querystring: EventQuery, response: answers(200, EventList) } },
    ({ ctx, query }) =>
      withTransaction(ctx, async (inside) => {
        const { rows, next } = await listEvents(inside, query)
        return { data: await join(inside, rows), nextCursor: next ?? null }
      }),
  )
  const streams = openStreams(door)
  app.addHook('preClose', streams.close)
  app.get(
    '/events/stream',
    {
      exposeHeadRoute: false,
      schema: {
        ...about(TAG, listEvents, 'Stream events', 'events.stream'),
        description:
          'Events as they happen, as server-sent events. Resume with `Last-Event-ID`; an event named `reset` says that older ones are no longer kept.\n\nScope: `events:read`',
        querystring: StreamQuery,
      },
    },
    (request, reply) => {
      const { after, types } = request.query
      return streams.begin(request, reply, { after: startOf(request.headers['last-event-id'], after), read: reader(types) })
    },
  )
}

const PAGE = 200

/** Where a stream begins: what the browser repeats wins over what the URL said. */
function startOf(lastEventId: string | string[] | undefined, after: number | undefined): number | undefined {
  const told = typeof lastEventId === 'string' && /^\d{1,15}$/.test(lastEventId) ? Number(lastEventId) : undefined
  return told ?? after
}

/** Reads on, whatever the types: the cursor moves over what the client does not want. */
function reader(types: readonly string[] | undefined) {
  return (ctx: Context, after: number): Promise<Read> =>
    withTransaction(ctx, async (inside) => {
      const { rows } = await listEvents(inside, { after, limit: PAGE })
      const wanted = types ? rows.filter(({ type }) => types.includes(type)) : rows
      return { events: await join(inside, wanted), upTo: rows.at(-1)?.seq ?? after, more: rows.length === PAGE }
    })
}

async function join(ctx: Context, events: readonly Event[]) {
  const shown = await joinEvents(ctx.db, ctx.workspaceId, events)
  return events.flatMap(({ seq }) => shown.get(seq) ?? [])
}
