import { afterAll, beforeAll, expect, test } from 'vitest'
import { createChannel } from '#core/channels'
import { resolveContacts } from '#core/contacts'
import { joinConversations, resolveConversations, withStrayThreads } from '#core/conversations'
import type { Context } from '#kit/context'
import { type Db, first, inTransaction, run, sql } from '#kit/db'
import { newId } from '#kit/ids'
import { mergeContacts } from '../src/core/contacts/merge-contacts.ts'
import { findEchoes, findHolders, findUnderWay, giveWireIds, takeWireIds } from '../src/core/messages/receive-messages.store.ts'
import { wireIdOf } from '../src/core/messages/wire-id-of.ts'
import { findTargets } from '../src/core/messages/wire-ids.store.ts'
import { mendJoined } from '../src/dispatch/sweep.store.ts'
import { testWorkspace } from './context.ts'
import { type TestDatabase, testDatabase } from './database.ts'

const MANY = 20_000

let house: TestDatabase
let ctx: Context
let channel: { workspaceId: string; id: string }
beforeAll(async () => {
  house = await testDatabase({ own: true })
  ctx = (await testWorkspace(house, { environment: 'test' })).ctx
  const { id } = await createChannel(ctx, { kind: 'sandbox', persona: 'own_number' })
  channel = { workspaceId: ctx.workspaceId, id }
  const { db } = house.database
  // many people with a thread each, and a group in which all of them wrote
  await run(
    db,
    sql`insert into conversations (id, workspace_id, channel_id, contact_id, address)
      select gen_random_uuid(), ${ctx.workspaceId}, ${id}, null, '+1202' || lpad(i::text, 7, '0') from generate_series(1, ${MANY}::int) as i`,
  )
  for (const address of ['+12025550100', '120363041234567891@g.us'])
    await run(
      db,
      sql`insert into messages (workspace_id, id, direction, channel_id, conversation_id, contact_id, address, state, content, wire_id, created_at)
        select ${ctx.workspaceId}, (lpad(to_hex((extract(epoch from now()) * 1000)::bigint - i), 12, '0') || '7000' || lpad(to_hex(i), 16, ${address.length > 12 ? '9' : '8'}))::uuid, 'in',
          ${id}, ${newId()}, gen_random_uuid(), ${address}, 'received', '{"type":"text","text":"x"}', ${address} || i, now() from generate_series(1, ${MANY}::int) as i`,
    )
  await run(
    db,
    sql`insert into wire_ids (workspace_id, channel_id, wire_id, message_id) select workspace_id, channel_id, wire_id, id from messages`,
  )
  await run(db, sql`analyze`)
})
afterAll(() => house.close())

/** Rows that PostgreSQL looks at while `work` asks, as the engine asks. */
async function rowsRead(work: (db: Db) => Promise<unknown>): Promise<number> {
  return inTransaction(house.database.engine, {}, async (db) => {
    const read = async () =>
      (
        await first(
          db,
          sql<{
            read: number
          }>`select coalesce(sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)), 0)::integer as read from pg_stat_xact_user_tables
            where relname ~ '^(messages|wire_ids|conversations|contact|outbox|joined)'`,
        )
      )?.read ?? Number.NaN
    const before = await read()
    await work(db)
    return (await read()) - before
  })
}

const spot = (address: string, contactId?: string) => ({ workspaceId: channel.workspaceId, channelId: channel.id, contactId, address })

test('a page of what was heard looks at what it is about, not at all there is', async () => {
  const wires = Array.from({ length: 50 }, () => ({ wireId: wireIdOf(newId()), messageId: newId(), address: '+12020000042' }))
  const read = await rowsRead(async (db) => {
    await takeWireIds(db, channel, wires)
    await findUnderWay(db, channel, wires)
    await findEchoes(db, channel, wires)
    const had = wires.map((_, i) => `+12025550100${i + 1}`)
    expect(await findHolders(db, channel, had)).toHaveProperty('size', 50)
    expect(await findTargets(db, channel, had)).toHaveLength(50)
    await giveWireIds(db, channel, new Map(wires.map(({ wireId, messageId }) => [wireId, messageId])))
    await withStrayThreads(
      db,
      channel.id,
      wires.map(({ address }, i) => ({ addresses: [address, `${i}@lid`] })),
    )
  })
  expect(read).toBeLessThan(1_000)
})

test('two who turn out to be one are joined without a walk through the workspace', async () => {
  const [phone, lid] = [
    { kind: 'phone', value: '+12025559999' },
    { kind: 'lid', value: '777@lid' },
  ] as const
  const [one, two] = await resolveContacts(ctx.db, ctx.workspaceId, [{ identities: [phone] }, { identities: [lid] }])
  await resolveConversations(ctx.db, [spot(phone.value, one?.id), spot(lid.value, two?.id)])
  const read = await rowsRead(async (db) => {
    expect(await joinConversations(db, channel, [[phone.value, lid.value]])).toHaveLength(1)
    await mergeContacts(db, ctx.workspaceId, [one?.id ?? '', two?.id ?? ''])
    await mendJoined(db)
  })
  expect(read).toBeLessThan(200)
})
