import { afterAll, beforeAll, expect, test } from 'vitest'
import { move, unchanged, writeChanges } from '#core/messages'
import type { DeliveryDetails } from '#core/webhooks'
import { all, type Db, first, inTransaction, run, sql } from '#kit/db'
import { newId } from '#kit/ids'
import { type TestDatabase, testDatabase } from '#test/database'
import { bareChannel, putMessages } from '#test/engine-fixture'
import { leaseRows } from './claim.store.ts'
import { purgeOwnSends } from './cold.store.ts'
import { leaseFetches } from './fetch-files.store.ts'
import { callNext, findDue, joinLine } from './line.store.ts'
import { lockStarts } from './start.store.ts'
import { insertWaiting, redateWaiting, removeWaiting } from './webhooks/record.store.ts'
import { claimDue, partClaimed, putBack } from './webhooks/teller.store.ts'

let house: TestDatabase
beforeAll(async () => {
  house = await testDatabase({ own: true })
})
afterAll(() => house.close())

const EVENTS = { append: () => undefined, hint: () => undefined }
const BATCH = 200
const HOUR_MS = 3_600_000

/** Rows that PostgreSQL looked at for the work, of the tables that have as many rows as there are messages. */
async function readBy(work: (db: Db) => Promise<void>): Promise<number> {
  return inTransaction(house.database.engine, {}, async (db) => {
    const before = await readSoFar(db) // it counts what earlier transactions of the connection read as well
    await work(db)
    return (await readSoFar(db)) - before
  })
}

async function readSoFar(db: Db): Promise<number> {
  const row = await first(
    db,
    sql<{ read: number }>`select coalesce(sum(idx_tup_fetch + seq_tup_read), 0)::integer as read from pg_stat_xact_user_tables
      where relname like 'outbox%' or relname like 'messages%' or relname = 'own_sends'`,
  )
  return row?.read ?? Number.NaN
}

/** Claims, starts and ends messages. */
async function sendAll(channel: Awaited<ReturnType<typeof bareChannel>>, count: number): Promise<number> {
  const at = house.clock.now()
  const lease = { claim: newId(), now: at, until: new Date(at.getTime() + 5_000) }
  const share = { queueId: channel.queues[0] ?? 0, channelId: channel.id, most: count }
  return readBy(async (db) => {
    const leased = await leaseRows(db, [share], lease, count)
    expect(leased).toHaveLength(count)
    const starts = await lockStarts(db, leased, { id: lease.claim, now: at })
    expect(starts.filter((row) => row.leased)).toHaveLength(count)
    const begun = starts.map((row) => move(unchanged(row), 'sending', { attempt: 1, sendingAt: at }))
    await writeChanges(db, begun, EVENTS)
    const sent = begun.map(({ after }) => ({ ...move(unchanged(after), 'sent', { sentAt: at }), work: { is: 'done' as const } }))
    await writeChanges(db, sent, EVENTS)
  })
}

/** take: answers how many rows were read. */
type Work = { put(count: number): Promise<void>; take(count: number): Promise<number> }

/** What a row costs when much waits in a table that was empty at its last vacuum, with plans that were made for a small house. */
async function costs(table: 'outbox_sends' | 'outbox_deliveries' | 'outbox_tasks', { put, take }: Work): Promise<number[]> {
  const { database } = house
  for (let early = 0; early < 12; early++) {
    await put(3)
    await take(3)
  }
  await put(500)
  await run(database.db, sql`delete from outbox`)
  await run(database.db, sql`vacuum (truncate off) ${sql.raw(table)}`)
  await put(8_000)
  return [(await take(BATCH)) / BATCH, (await take(BATCH)) / BATCH]
}

test('what a message costs does not grow with what waits', async () => {
  const { database, clock } = house
  const channel = await bareChannel(database, { rate: 1_000, capacity: 1_000, at: clock.now() })
  const work: Work = {
    put: async (count) => void (await putMessages(database, channel, { count, at: clock.now() })),
    take: (count) => sendAll(channel, count),
  }
  for (const cost of await costs('outbox_sends', work)) expect(cost).toBeLessThan(20)
})

test('what the next of a line costs does not grow with who is in it, or with what else waits', async () => {
  const { database, clock } = house
  const channel = await bareChannel(database, { rate: 1_000, capacity: 1_000, at: clock.now() })
  const { db } = database
  const now = clock.now()
  await run(
    db,
    sql`insert into cold_paces (channel_id, workspace_id, linked_on, sent_on, judged_from, calls_at) values (${channel.id}, ${channel.workspaceId}, ${now}, ${now}, ${now}, ${now})`,
  )
  const put = async (count: number, isInLine: boolean) => {
    const messages = await putMessages(database, channel, { count, at: now })
    if (isInLine)
      await run(
        db,
        sql`update outbox set in_line = true, due_at = '9999-12-31' where subject = any(${messages.map(({ id }) => id)}::uuid[])`,
      )
    return messages
  }
  await put(500, true)
  await run(db, sql`delete from outbox`)
  await run(db, sql`vacuum (truncate off) outbox_sends`)
  await put(8_000, true)
  const due = await put(8_000, false)
  for (let i = 0; i < 3; i++) {
    await run(db, sql`update cold_paces set calls_at = ${now} where channel_id = ${channel.id}`)
    expect(await readBy(async (tx) => expect(await callNext(tx, now)).toEqual(channel.queues.slice(0, 1)))).toBeLessThan(20)
  }
  const queueIds = channel.queues.slice(0, 1)
  expect(await readBy(async (tx) => expect(await findDue(tx, queueIds, now, BATCH)).toHaveLength(BATCH))).toBeLessThan(BATCH + 20)
  const some = due.slice(0, BATCH).map(({ id, ...message }) => ({ ...message, messageId: id }))
  expect((await readBy((tx) => joinLine(tx, some, now))) / BATCH).toBeLessThan(20)
})

test('what an own number sent goes when no guard asks for it any more, and only that is looked at', async () => {
  const { database, clock } = house
  const channel = await bareChannel(database, { rate: 1, capacity: 1, at: clock.now() })
  const { db } = database
  await run(
    db,
    sql`insert into cold_paces (channel_id, workspace_id, linked_on, sent_on, judged_from) values (${channel.id}, ${channel.workspaceId}, now(), now(), now())`,
  )
  const put = (count: number, isCold: boolean, daysAgo: number) =>
    run(
      db,
      sql`insert into own_sends (channel_id, workspace_id, message_id, conversation_id, is_cold, at)
        select ${channel.id}, ${channel.workspaceId}, gen_random_uuid(), gen_random_uuid(), ${isCold}, chasqui_now() - ${daysAgo} * interval '1 day' from generate_series(1, ${count}::integer)`,
    )
  await put(7_000, false, 1)
  await put(7_000, true, 59)
  expect(await readBy((tx) => purgeOwnSends(tx, clock.now()))).toBeLessThan(20)
  await put(12_000, false, 3)
  await put(12_000, true, 61)
  expect(await readBy((tx) => purgeOwnSends(tx, clock.now()))).toBeLessThan(3 * 24_000)
  const [left] = await all(
    db,
    sql`select count(*)::integer as count, min(at) > chasqui_now() - interval '60 days' as young, bool_and(is_cold or at > chasqui_now() - interval '2 days') as warm from own_sends`,
  )
  expect(left).toEqual({ count: 14_000, young: true, warm: true })
})

const DETAILS: DeliveryDetails = {
  url: 'https://receiver.example/',
  style: 'canonical',
  eventId: newId(),
  eventSeq: 1,
  eventType: 'message.sent',
}

/** Deliveries of one receiver, due now. */
async function putDeliveries(workspaceId: string, count: number): Promise<void> {
  const rows = Array.from({ length: count }, () => ({
    subject: newId(),
    workspaceId,
    attempt: 1,
    receiver: 'host:receiver.example',
    claim: undefined,
    dueAt: new Date(0),
    details: DETAILS,
  }))
  await inTransaction(house.database.engine, {}, (db) => insertWaiting(db, rows))
}

/** Claims deliveries and parts their bodies; every third is given back, tried again later, or done. */
async function tellAll(count: number): Promise<number> {
  const claim = newId()
  return readBy(async (db) => {
    const rows = await claimDue(db, claim, count)
    expect(rows).toHaveLength(count)
    const subjects = rows.map(({ subject }) => subject)
    const parted = subjects.map((subject) => ({ parent: subject, subject, toldAs: 'message.sent' }))
    expect(await partClaimed(db, claim, parted)).toEqual(new Set(subjects))
    const third = (which: number) => subjects.filter((_, i) => i % 3 === which)
    const put = third(0).map((subject) => ({ subject, afterMs: HOUR_MS, parked: false }))
    const dueAt = new Date(house.clock.now().getTime() + HOUR_MS)
    const redated = third(1).map((subject) => ({ subject, claim, attempt: 2, dueAt }))
    await putBack(db, claim, put)
    await redateWaiting(db, redated)
    await removeWaiting(
      db,
      third(2).map((subject) => ({ subject, claim })),
    )
  })
}

test('what a delivery costs does not grow with what waits', async () => {
  const { workspaceId } = await bareChannel(house.database, { rate: 1, capacity: 1, at: house.clock.now() })
  const work: Work = { put: (count) => putDeliveries(workspaceId, count), take: tellAll }
  for (const cost of await costs('outbox_deliveries', work)) expect(cost).toBeLessThan(20)
})

test('what a file to fetch costs does not grow with what waits', async () => {
  const { database, clock } = house
  const { workspaceId } = await bareChannel(database, { rate: 1, capacity: 1, at: clock.now() })
  const work: Work = {
    put: async (count) => {
      const subjects = Array.from({ length: count }, () => newId())
      await run(
        database.db,
        sql`insert into outbox (kind, subject, workspace_id, order_at, due_at)
          select 'task', subject, ${workspaceId}, ${new Date(0)}::timestamptz, ${new Date(0)}::timestamptz from unnest(${subjects}::uuid[]) as s(subject)`,
      )
    },
    take: (count) =>
      readBy(async (db) => {
        const now = clock.now()
        expect(await leaseFetches(db, { now, until: new Date(now.getTime() + 60_000), most: count, each: count, except: [] })).toHaveLength(
          count,
        )
      }),
  }
  for (const cost of await costs('outbox_tasks', work)) expect(cost).toBeLessThan(20)
})
