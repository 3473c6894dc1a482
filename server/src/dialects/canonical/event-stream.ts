import type { ServerResponse } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { latestSeq, oldestSeq } from '#core/events'
import type { Context } from '#kit/context'
import type { Door } from '#kit/door'
import { DomainError } from '#kit/errors'
import { requireScope } from '#kit/operation'
import { bearer } from './bearer.ts'

/** Events to write, and how far the table was read for them. */
export type Read = { events: readonly { seq: number; type: string }[]; upTo: number; more: boolean }
type Reader = (ctx: Context, after: number) => Promise<Read>

const STREAMS_MOST = 1_000
/** A client that takes nothing for LOOK_MS is let go when so many events wait for it. */
const BEHIND_MOST = 1_000
const BEAT_MS = 15_000
/** Hints may be lost: the table is looked at anyway. */
const LOOK_MS = 5_000

/** The open streams of this process: each is a cursor over the events of its workspace. */
export function openStreams(door: Door) {
  const open = new Set<Stream>()
  return {
    async begin(
      request: FastifyRequest,
      reply: FastifyReply,
      { after, read }: { after: number | undefined; read: Reader },
    ): Promise<FastifyReply> {
      const { ctx } = request
      requireScope(ctx, 'events:read')
      if (open.size >= STREAMS_MOST) throw new DomainError('unavailable', 'Too many streams are open')
      const start = await findStart(ctx, after)
      reply.hijack()
      reply.raw.writeHead(200, {
        ...headersOf(reply),
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      })
      const stream = createStream(ctx, reply.raw, () => door.admit(request, bearer(request.headers.authorization)))
      open.add(stream)
      stream.write(start.lost ? frame('reset', start.from, { oldest: start.from + 1 }) : ': open\n\n')
      void stream.tell(start.from, read).finally(() => open.delete(stream))
      return reply
    },
    /** Ends every stream: the house is closing, clients come back elsewhere with their Last-Event-ID. */
    async close(): Promise<void> {
      for (const stream of open) stream.end()
    },
  }
}

const headersOf = (reply: FastifyReply) =>
  Object.fromEntries(
    Object.entries(reply.getHeaders()).filter((header): header is [string, string | number] => typeof header[1] !== 'object'),
  )

/** From now on without a cursor; a cursor older than what is kept has lost events and is told so. */
async function findStart(ctx: Context, after: number | undefined): Promise<{ from: number; lost: boolean }> {
  const latest = await latestSeq(ctx.db, ctx.workspaceId)
  if (after === undefined) return { from: latest, lost: false }
  const oldest = await oldestSeq(ctx.db, ctx.workspaceId)
  const lost = after < oldest - 1 || after > latest
  return { from: lost ? Math.min(oldest - 1, latest) : after, lost }
}

const frame = (event: string, id: number, data: unknown) => `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`

interface Stream {
  write(text: string): void
  tell(from: number, read: Reader): Promise<void>
  end(): void
}

/** Lets somebody wait for a word, with a bound; the word may come before the wait. */
function createBell() {
  let rung = false
  let wake = () => {}
  return {
    ring() {
      rung = true
      wake()
    },
    /** Forgets what was rung before. */
    still() {
      rung = false
    },
    async wait(atMostMs: number): Promise<void> {
      if (!rung) {
        let timer: NodeJS.Timeout | undefined
        await new Promise<void>((done) => {
          wake = done
          timer = setTimeout(done, atMostMs)
        })
        clearTimeout(timer)
      }
      rung = false
    },
  }
}

function createStream(ctx: Context, raw: ServerResponse, admitAgain: () => Promise<unknown>): Stream {
  let ended = false
  let spokenAt = performance.now()
  const news = createBell()
  const drained = createBell()
  const end = () => {
    ended = true
    raw.end()
    news.ring()
    drained.ring()
  }
  raw.on('close', end)
  raw.on('drain', drained.ring)

  const write = (text: string) => {
    spokenAt = performance.now()
    raw.write(text)
  }
  /** A key that was revoked meanwhile ends its streams. */
  const beat = async () => {
    if (performance.now() - spokenAt < BEAT_MS) return
    await admitAgain().catch((error: unknown) => {
      if (error instanceof DomainError && error.code === 'unauthenticated') throw error
    })
    write(': beat\n\n')
  }
  /** Nothing more is read for a client that does not take what is written; one that takes nothing at all is let go. */
  const waitForClient = async (cursor: number) => {
    await drained.wait(LOOK_MS)
    if (ended || !raw.writableNeedDrain) return
    if ((await latestSeq(ctx.db, ctx.workspaceId)) - cursor > BEHIND_MOST) raw.destroy()
  }
  const turn = async (cursor: number, read: Reader): Promise<number> => {
    const { events, upTo, more } = await read(ctx, cursor)
    drained.still()
    for (const event of events) write(frame(event.type, event.seq, event))
    while (!ended && raw.writableNeedDrain) await waitForClient(upTo)
    await beat()
    if (!more && !ended) await news.wait(LOOK_MS)
    return upTo
  }

  return {
    write,
    end,
    async tell(from, read) {
      const stop = ctx.ports.eventHub.subscribe(ctx.workspaceId, news.ring)
      try {
        for (let cursor = from; !ended && !raw.destroyed; ) cursor = await turn(cursor, read)
      } catch (error) {
        ctx.log.debug({ requestId: ctx.requestId, error: error instanceof Error ? error.message : 'unknown' }, 'a stream of events ended')
      } finally {
        stop()
        end()
      }
    },
  }
}
