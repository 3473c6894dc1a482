import { type Pacing, pacingOf } from '#core/channels'
import { all, type Database, first, run, sql } from '#kit/db'
import { newId } from '#kit/ids'
import type { NewMessage } from '../../src/core/messages/new-message.ts'
import { callNext } from '../../src/dispatch/line.store.ts'
import type { TestDatabase } from '../database.ts'
import { type BareChannel, bareChannel, putMessages } from '../engine-fixture.ts'
import { openEngineStage } from './engine-stage.ts'

/** Cold messages may leave at any time of any day: for tests that are about something else. */
const DAY_AND_NIGHT = { from: '00:00', to: '23:59', days: [1, 2, 3, 4, 5, 6, 7] }

export type Sent = { id: string; at: Date }

/** An own number and its engine, at times that the test goes through as fast as it can. */
export async function openOwnNumber(test: TestDatabase, at: Date, wishes: Partial<Pacing> = {}, pace = { rate: 1_000, capacity: 1_000 }) {
  const { database } = test
  const pacing = pacingOf({ pacing: { hours: DAY_AND_NIGHT, ...wishes } })
  const stage = openEngineStage(test, { choosesWireId: true }, pacing)
  const channel = await bareChannel(database, { ...pace, at })
  await run(
    database.db,
    sql`update channels set kind = 'web', settings = ${JSON.stringify({ pacing: { hours: DAY_AND_NIGHT, ...wishes } })}::jsonb where id = ${channel.id}`,
  )
  const sent: Sent[] = []
  let claimed = 0

  /** What is due at this moment, on so many nodes at once. */
  const round = async (now: Date, nodes = 1) => {
    await callDue(database, now)
    const begun = await Promise.all(
      Array.from({ length: nodes }, async () => {
        const claim = await stage.claim(now)
        claimed += claim.rows.length
        return stage.start(claim, now)
      }),
    )
    for (const id of begun.flat()) sent.push({ id, at: now })
    return begun.flat()
  }
  const settle = (id: string, now: Date, failed = false) =>
    stage.settle(
      { workspaceId: channel.workspaceId, id },
      failed ? { kind: 'rejected', code: 'not_on_whatsapp', reason: 'nobody' } : { kind: 'accepted', wireId: id },
      {
        attempt: 1,
        at: now,
      },
    )
  return {
    channel,
    pacing,
    stage,
    sent,
    round,
    settle,
    get claimed() {
      return claimed
    },
    /** From one moment to another, looking whenever there is something to do. */
    async live(from: Date, to: Date, how: { nodes?: number; fails?: (id: string) => boolean } = {}): Promise<void> {
      for (let now = from; now <= to; ) {
        for (const id of await round(now, how.nodes)) await settle(id, now, how.fails?.(id))
        now = await nextMoment(database, channel, now)
      }
    },
  }
}

async function callDue(database: Database, now: Date): Promise<void> {
  const queues = await callNext(database.engine, now)
  await run(database.engine, sql`update queues set next_due_at = least(next_due_at, ${now}) where id = any(${queues}::bigint[])`)
}

async function nextMoment(database: Database, { id, queues }: BareChannel, now: Date): Promise<Date> {
  const row = await first(
    database.db,
    sql<{
      at: Date | null
    }>`select least((select min(due_at) from outbox_sends where queue_id = any(${queues}::bigint[]) and due_at > ${now}),
      (select greatest(calls_at, ${new Date(now.getTime() + 1_000)}) from cold_paces where channel_id = ${id} and calls_at is not null)) as at`,
  )
  return row?.at ?? new Date(8.64e15)
}

let people = 0

/** Messages to people in Germany, each to another one who has a conversation with the channel; `wrote`: he wrote to it himself. */
export async function putToPeople(
  test: TestDatabase,
  channel: BareChannel,
  wanted: { count: number; at: Date; wrote?: boolean; lane?: number },
): Promise<(NewMessage & { contactId: string })[]> {
  const { count, at, wrote = false, lane = 0 } = wanted
  const base = people
  people += count
  const addressOf = (i: number) => `+49151${String(10_000_000 + base + i)}`
  const rows = Array.from({ length: count }, (_, i) => ({ id: newId(), contactId: newId(), address: addressOf(i) }))
  await run(
    test.database.db,
    sql`insert into contacts (id, workspace_id) select id, ${channel.workspaceId} from unnest(${rows.map((row) => row.contactId)}::uuid[]) as c(id)`,
  )
  await run(
    test.database.db,
    sql`insert into conversations (id, workspace_id, channel_id, contact_id, address, last_inbound_at)
      select c.id, ${channel.workspaceId}, ${channel.id}, c.contact_id, c.address, ${wrote ? new Date(at.getTime() - 1) : null}::timestamptz
      from unnest(${rows.map((row) => row.id)}::uuid[], ${rows.map((row) => row.contactId)}::uuid[], ${rows.map((row) => row.address)}::text[]) as c(id, contact_id, address)`,
  )
  const messages = await putMessages(test.database, channel, { count, lane, at, addressOf, conversationId: (i) => rows[i]?.id ?? '' })
  await run(
    test.database.db,
    sql`update messages m set contact_id = v.contact_id from conversations v where v.id = m.conversation_id and v.channel_id = ${channel.id} and m.contact_id is null`,
  )
  return messages.map((message, i) => ({ ...message, contactId: rows[i]?.contactId ?? '' }))
}

export type PaceRow = {
  sent: number
  stops: number
  stoppedUntil: Date | null
  stopReason: string | null
  linkedDays: number
  callsAt: Date | null
  nextAt: Date | null
}

export const paceOf = async (test: TestDatabase, { id }: BareChannel): Promise<PaceRow | undefined> =>
  first(
    test.database.db,
    sql<PaceRow>`select sent, stops, stopped_until as "stoppedUntil", stop_reason as "stopReason", linked_days as "linkedDays", calls_at as "callsAt", next_at as "nextAt" from cold_paces where channel_id = ${id}`,
  )

export const guardedOf = (test: TestDatabase, { id }: BareChannel): Promise<{ facts: Record<string, unknown> }[]> =>
  all(
    test.database.db,
    sql<{
      facts: Record<string, unknown>
    }>`select facts from events where type = 'channel.guarded' and subjects ->> 'channelId' = ${id} order by seq`,
  )
