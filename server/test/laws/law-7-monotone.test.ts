import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { appendEvents } from '#core/events'
import { callbackDataOf, type Settler } from '#core/messages'
import type { Receipt } from '#core/transport'
import { all, type Database, openDatabase, run, sql } from '#kit/db'
import { openLog } from '#kit/log'
import type { NewMessage } from '../../src/core/messages/new-message.ts'
import { type TestDatabase, testDatabase } from '../database.ts'
import { type BareChannel, bareChannel, putMessages } from '../engine-fixture.ts'
import { factsOf, INSTALLATION, openEngineStage, openSettlerOver } from './engine-stage.ts'

let test: TestDatabase
let channel: BareChannel
let other: Database
let nodes: [Settler, Settler]
let base: Date
beforeAll(async () => {
  test = await testDatabase({ own: true })
  other = openDatabase(test.address, openLog('silent'))
  nodes = [openSettlerOver(test.database), openSettlerOver(other)]
  base = test.clock.now()
  channel = await bareChannel(test.database, { rate: 100_000, capacity: 25_000, at: base })
})
afterAll(async () => {
  await other.close()
  await test.close()
})

/** Messages that are on the wire. */
async function begin(count: number): Promise<NewMessage[]> {
  const stage = openEngineStage(test)
  const at = test.clock.now()
  const messages = await putMessages(test.database, channel, { count, at })
  const begun = new Set(await stage.start(await stage.claim(test.clock.now()), test.clock.now()))
  expect(messages.every(({ id }) => begun.has(id))).toBe(true)
  return messages
}

const STATES = ['sent', 'delivered', 'read'] as const
const wireIdOf = ({ id }: NewMessage) => `wamid.${id}`
const receiptOf = (message: NewMessage, state: Receipt['state'], named: boolean): Receipt => ({
  wireId: wireIdOf(message),
  state,
  at: test.clock.now(),
  ...(named && { callbackData: callbackDataOf(INSTALLATION, message.id, 1) }),
})
const accept = (settler: Settler, message: NewMessage) =>
  settler.outcome(message, {
    attempt: 1,
    outcome: { kind: 'accepted', wireId: wireIdOf(message) },
    at: test.clock.now(),
    reconcileMs: 60_000,
  })
const shuffled = <One>(list: readonly One[]): One[] =>
  list
    .map((one) => ({ one, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ one }) => one)

type Story = { id: string; words: string[] }
const storiesOf = (ids: readonly string[]): Promise<Story[]> =>
  all(
    test.database.db,
    sql<Story>`select subjects ->> 'messageId' as id, array_agg(type order by seq) as words from events
      where subjects ->> 'messageId' = any(${ids}::text[]) group by 1`,
  )

describe('answers and receipts', () => {
  it.each([
    ['that carry our word', true],
    ['known by the network’s id alone', false],
  ])('%s, twice, in any order, on two nodes at once: one climb, each state told once', async (_, named) => {
    const messages = await begin(150)
    const acts = messages.flatMap((message) => [
      () => accept(nodes[0], message),
      ...STATES.flatMap((state) => [0, 1].map((node) => () => nodes[node as 0 | 1].receipts(channel, [receiptOf(message, state, named)]))),
    ])
    await Promise.all(shuffled(acts).map((act) => act()))
    const ids = messages.map(({ id }) => id)
    const facts = await factsOf(test.database, ids)
    expect(facts.filter(({ state }) => state !== 'read')).toEqual([])
    const stories = await storiesOf(ids)
    expect(stories).toHaveLength(messages.length)
    const rank = ['message.sending', 'message.sent', 'message.delivered', 'message.read']
    for (const { words } of stories) {
      expect(new Set(words).size).toBe(words.length)
      expect(words.at(-1)).toBe('message.read')
      expect(words.map((word) => rank.indexOf(word))).toEqual(words.map((word) => rank.indexOf(word)).toSorted((a, b) => a - b))
    }
    expect(await all(test.database.db, sql`select 1 from outbox where subject = any(${ids}::uuid[])`)).toEqual([])
  })

  it('a receipt without our word that comes while the answer is being committed is not lost', async () => {
    const lost: string[] = []
    for (let round = 0; round < 15; round++) {
      const messages = await begin(20)
      await Promise.all(
        messages.flatMap((message) => [
          accept(nodes[0], message),
          new Promise((done) => setTimeout(done, Math.random() * 12)).then(() =>
            nodes[1].receipts(channel, [receiptOf(message, 'delivered', false)]),
          ),
        ]),
      )
      await Promise.all(nodes.map((node) => node.drain()))
      const facts = await factsOf(
        test.database,
        messages.map(({ id }) => id),
      )
      lost.push(...facts.flatMap(({ id, state }) => (state === 'delivered' ? [] : [id])))
    }
    expect(lost).toEqual([])
  })

  it('a receipt that a crash left beside its message is found by the sweep', async () => {
    const [message] = await begin(1)
    if (!message) throw new Error('nothing began')
    await accept(nodes[0], message)
    const { workspaceId, id } = channel
    const stray = JSON.stringify(receiptOf(message, 'delivered', false))
    const stranger = JSON.stringify({ ...receiptOf(message, 'read', false), wireId: 'wamid.of-nobody' })
    await run(
      test.database.db,
      sql`insert into stray_receipts (workspace_id, channel_id, wire_id, receipt, at) values
        (${workspaceId}, ${id}, ${wireIdOf(message)}, ${stray}::jsonb, chasqui_now()), (${workspaceId}, ${id}, 'wamid.of-nobody', ${stranger}::jsonb, chasqui_now())`,
    )
    await nodes[1].matchStrays()
    expect(await factsOf(test.database, [message.id])).toMatchObject([{ state: 'delivered' }])
    const left = await all(test.database.db, sql<{ wire_id: string }>`select wire_id from stray_receipts`)
    expect(left).toEqual([{ wire_id: 'wamid.of-nobody' }])
    await run(test.database.db, sql`delete from stray_receipts`)
  })

  it('prove a send whose end was unknown and whose failure was told; nothing else corrects a failure', async () => {
    const [unknown, refused] = await begin(2)
    if (!unknown || !refused) throw new Error('nothing began')
    await openSettlerOver(test.database).outcome(refused, {
      attempt: 1,
      outcome: { kind: 'rejected', code: '131026', reason: 'not on WhatsApp' },
      at: test.clock.now(),
      reconcileMs: 1,
    })
    await sql`update messages set state = 'failed', code = 'outcome_unknown' where id = ${unknown.id}`.execute(test.database.db)
    for (const message of [unknown, refused]) await nodes[1].receipts(channel, [receiptOf(message, 'delivered', true)])
    expect(await factsOf(test.database, [unknown.id])).toMatchObject([{ state: 'delivered', code: null }])
    expect(await factsOf(test.database, [refused.id])).toMatchObject([{ state: 'failed', code: '131026' }])
    expect((await storiesOf([unknown.id]))[0]?.words.slice(-2)).toEqual(['message.recovered', 'message.delivered'])
  })
})

describe('state and event', () => {
  it('are one commit: without its event no state moves', async () => {
    const [message] = await begin(1)
    if (!message) throw new Error('nothing began')
    const mute = openSettlerOver(test.database, {
      append: () => {
        throw new Error('no event can be written')
      },
    })
    await expect(accept(mute, message)).rejects.toThrow('no event can be written')
    expect(await factsOf(test.database, [message.id])).toMatchObject([{ state: 'sending' }])
    expect(await all(test.database.db, sql`select 1 from outbox where subject = ${message.id}`)).toHaveLength(1)
    await openSettlerOver(test.database, { append: appendEvents }).outcome(message, {
      attempt: 1,
      outcome: { kind: 'accepted', wireId: wireIdOf(message) },
      at: test.clock.now(),
      reconcileMs: 1,
    })
    expect(await factsOf(test.database, [message.id])).toMatchObject([{ state: 'sent' }])
  })

  it('are numbered without a gap while two nodes write', async () => {
    const rows = await all(
      test.database.db,
      sql<{ seq: number }>`select seq from events where workspace_id = ${channel.workspaceId} order by seq`,
    )
    expect(rows.length).toBeGreaterThan(1_000)
    expect(rows.map(({ seq }) => seq)).toEqual(rows.map((_, i) => i + 1))
  })
})
