import { recipient, TEXT } from './peers/post.ts'
import type { Channel, World } from './world.ts'

const BULK_MOST = 1_000
const BODIES_AT_ONCE = 4

export type Batch = { count: number; ids: string[]; seconds: number }
type BulkAnswer = { accepted: number; results: { message?: { id: string } }[] }

/** Accepts messages by bulk requests of 1,000, each to another person; throws unless all of them were taken. */
export async function acceptBulk(
  world: Pick<World, 'api'>,
  channel: Pick<Channel, 'id'>,
  { count, sendAt, content }: { count: number; sendAt?: (index: number) => Date /** A short text by default. */; content?: object },
): Promise<Batch> {
  const bodies = Array.from({ length: Math.ceil(count / BULK_MOST) }, (_, page) => ({
    messages: Array.from({ length: Math.min(BULK_MOST, count - page * BULK_MOST) }, (_, i) => {
      const index = page * BULK_MOST + i
      const at = sendAt?.(index).toISOString()
      return {
        channelId: channel.id,
        to: recipient(index),
        ...(content ? { content } : { text: TEXT }),
        outsideWindow: 'attempt',
        ...(at && { sendAt: at }),
      }
    }),
  }))
  const ids: string[] = []
  const begun = performance.now()
  let next = 0
  const worker = async () => {
    while (next < bodies.length) {
      const page = next++
      const { accepted, results } = await world.api<BulkAnswer>('POST', '/messages/bulk', bodies[page])
      if (accepted !== bodies[page]?.messages.length)
        throw new Error(`${accepted} of a body of ${bodies[page]?.messages.length} were accepted`)
      results.forEach(({ message }, i) => {
        ids[page * BULK_MOST + i] = message?.id ?? ''
      })
    }
  }
  await Promise.all(Array.from({ length: BODIES_AT_ONCE }, worker))
  return { count, ids, seconds: (performance.now() - begun) / 1000 }
}

/** What the rows of a channel say, states and work together. */
export async function countStates(
  { house }: Pick<World, 'house'>,
  channel: Channel,
): Promise<{ states: Record<string, number>; work: number }> {
  const { rows } = await house.db.query<{ state: string; count: string }>(
    'select state, count(*) from messages where channel_id = $1 group by state',
    [channel.uuid],
  )
  const work = await house.db.query<{ count: string }>(
    'select count(*) from outbox_sends o join queues q on q.id = o.queue_id where q.channel_id = $1',
    [channel.uuid],
  )
  return { states: Object.fromEntries(rows.map(({ state, count }) => [state, Number(count)])), work: Number(work.rows[0]?.count) }
}

/** Throws unless both are the same: a run whose counts differ says nothing. */
export function mustBe(what: string, found: number, wanted: number): void {
  if (found !== wanted) throw new Error(`${what}: ${found} instead of ${wanted}`)
}

/** Waits until `done` says so; throws after `mostMs`. */
export async function until(what: string, done: () => Promise<boolean>, mostMs: number): Promise<void> {
  const end = performance.now() + mostMs
  while (!(await done())) {
    if (performance.now() > end) throw new Error(`${what} did not come to an end in ${mostMs / 1000} s`)
    await new Promise((next) => setTimeout(next, 15))
  }
}
