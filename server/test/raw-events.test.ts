import { describe, expect, test } from 'vitest'
import type { Incoming } from '#core/transport'
import { all, run, sql } from '#kit/db'
import { DomainError } from '#kit/errors'
import { newId } from '#kit/ids'
import { openLog } from '#kit/log'
import { openMetrics } from '#kit/metrics'
import { openHearing } from '../src/dispatch/hearing.ts'
import { insertRaw } from '../src/dispatch/inbound.store.ts'
import { type ReaderParts, readRawEvents } from '../src/dispatch/read-raw-events.ts'
import { pastRaces, together } from '../src/dispatch/together.ts'
import { inboundStages, wordsOf } from './inbound-stage.ts'

const stages = inboundStages()

const ANA = { phone: '+14155550150' }
const NOTHING: Incoming = { messages: [], receipts: [], notices: [] }
const db = () => stages.test.database.engine

/** Bodies that are texts from Ana; `before` comes in between when one is read. */
async function stageWith(before: (text: string) => Promise<void>) {
  const stage = await stages.open()
  const { database, clock } = stages.test
  const parts: ReaderParts = {
    database,
    ports: stage.ctx.ports,
    metrics: openMetrics(),
    hearing: openHearing(database),
    now: () => clock.now(),
    log: openLog('silent'),
    async parse(_, body) {
      await before(body.toString())
      return new Map([[undefined, { ...NOTHING, messages: [stage.said(ANA, body.toString(), { wireId: body.toString() })] }]])
    },
  }
  const rows = (table: 'inbound_events' | 'inbound_rejects') =>
    all(
      db(),
      sql<{ body: Buffer }>`select body from ${sql.raw(table)} where channel_id = ${stage.channelId}
        ${table === 'inbound_events' ? sql`and parsed_at is null` : sql``} order by id`,
    )
  return {
    stage,
    read: () => readRawEvents(parts, stage.channelId),
    put: (...texts: string[]) =>
      insertRaw(
        db(),
        texts.map((text) => ({ id: newId(), workspaceId: stage.workspaceId, channelId: stage.channelId, body: Buffer.from(text) })),
        clock.now(),
      ),
    words: async () => (await stage.messages()).map(wordsOf),
    waiting: async () => (await rows('inbound_events')).map(({ body }) => body.toString()),
    refused: async () => (await rows('inbound_rejects')).map(({ body }) => body.toString()),
  }
}

describe('a body whose reading fails', () => {
  test.each<[string, () => Promise<unknown>]>([
    ['the database goes away', () => run(db(), sql`select pg_terminate_backend(pg_backend_pid())`)],
    ['the database takes too long', () => run(db(), sql`do $$ begin raise exception using errcode = '57014'; end $$`)],
    ['the library cannot be loaded', () => Promise.reject(new DomainError('unavailable', 'It cannot be loaded'))],
  ])('because %s waits, with those beside it, and is read the next time', async (_, fault) => {
    let isFaulty = true
    const one = await stageWith(async (text) => {
      if (isFaulty && text === 'b') await fault()
    })
    await one.put('a', 'b', 'c')
    await expect(one.read()).rejects.toThrow()
    expect(await one.waiting()).toEqual(['a', 'b', 'c'])
    expect(await one.refused()).toEqual([])
    isFaulty = false
    await one.read()
    expect(await one.waiting()).toEqual([])
    expect(await one.refused()).toEqual([])
    expect(await one.words()).toEqual(['a', 'b', 'c'])
  })

  test.each([SyntaxError, TypeError, RangeError])('of itself (%o) is put aside', async (Kind) => {
    const one = await stageWith(async (text) => {
      if (text === 'b') throw new Kind('unreadable')
    })
    await one.put('a', 'b', 'c')
    await one.read()
    expect(await one.refused()).toEqual(['b'])
    expect(await one.waiting()).toEqual([])
    expect(await one.words()).toEqual(['a', 'c'])
  })
})

test('a row that somebody else makes at the same time is no fault of the data, unless it is there the second time too', async () => {
  const { stage } = await stageWith(async () => undefined)
  let tries = 0
  const makeTwice = () => {
    tries++
    return run(db(), sql`insert into workspaces select * from workspaces where id = ${stage.workspaceId} and ${tries === 1}::boolean`).then(
      () => 'done',
    )
  }
  expect(await pastRaces(makeTwice)).toBe('done')
  expect(tries).toBe(2)
  const always = () => run(db(), sql`insert into workspaces select * from workspaces where id = ${stage.workspaceId}`)
  await expect(pastRaces(always)).rejects.toMatchObject({ code: '23505' })
})

test('bodies read together lose nothing that one of them says', async () => {
  const { stage } = await stageWith(async () => undefined)
  const channel = await stage.ctx.ports.channels.get(stage.workspaceId, stage.channelId)
  if (!channel) throw new Error('the channel is not there')
  const incoming: Required<Incoming> = {
    messages: [stage.said(ANA, 'a')],
    receipts: [{ wireId: 'x', state: 'sent', at: new Date() }],
    notices: [{ type: 'x', facts: {} }],
    optOuts: [{ from: ANA, category: 'marketing', out: true, at: new Date() }],
    groupChanges: [],
    newsletters: [],
    people: [ANA],
    history: [stage.chat(ANA, [])],
    chatMarks: [{ with: { person: ANA }, marks: { archived: true } }],
  }
  const [joined] = together([
    { channel, incoming: NOTHING },
    { channel, incoming },
  ])
  expect(joined?.incoming).toEqual(incoming)
})
