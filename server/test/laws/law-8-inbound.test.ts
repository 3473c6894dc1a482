import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hmacSha256 } from '#kit/crypto'
import { all, first, inTransaction, run, sql } from '#kit/db'
import { eventually } from '../house.ts'
import { untilSomebodyWaits } from './engine-stage.ts'
import { APP_SECRET, NUMBERS, openTwoNodes, type TwoNodes } from './two-nodes.ts'

let nodes: TwoNodes
let hooks: [string, string]
beforeAll(async () => {
  nodes = await openTwoNodes({ reconcileSeconds: 60, mostSeconds: 120, rate: 100 })
  hooks = [`${nodes.house.url}${new URL(nodes.hookUrl).pathname}`, nodes.hookUrl]
})
afterAll(() => nodes?.close())

const db = () => nodes.house.test.database.db
const post = async (url: string, body: string) =>
  (
    await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-hub-signature-256': `sha256=${hmacSha256(APP_SECRET, Buffer.from(body)).toString('hex')}`,
      },
      body,
    })
  ).status

let count = 0
const bodyWith = (messages: number, from: string) =>
  JSON.stringify({
    object: 'whatsapp_business_account',
    entry: [
      {
        id: '1029384756',
        changes: [
          {
            field: 'messages',
            value: {
              messaging_product: 'whatsapp',
              metadata: { phone_number_id: NUMBERS[0].id },
              contacts: [{ wa_id: from, profile: { name: 'Ann' } }],
              messages: Array.from({ length: messages }, () => ({
                from,
                id: `wamid.in${++count}`,
                timestamp: String(Math.floor(Date.now() / 1000)),
                type: 'text',
                text: { body: `words ${count}` },
              })),
            },
          },
        ],
      },
    ],
  })

const texts = async () =>
  (await all(db(), sql<{ text: string }>`select content ->> 'text' as text from messages where direction = 'in'`)).map(({ text }) => text)

describe('what a network brings', () => {
  it('is on the disk when it is answered, understood or not', async () => {
    const body = bodyWith(3, '12025550190')
    expect(await post(hooks[0], body)).toBe(200)
    const kept = await first(db(), sql<{ body: Buffer }>`select body from inbound_events order by id desc limit 1`)
    expect(kept?.body.toString('utf8')).toBe(body)
  })

  it('is not answered before that', async () => {
    let answered = false
    const posting = await inTransaction(db(), {}, async (tx) => {
      await run(tx, sql`lock table inbound_events in exclusive mode`)
      const posting = post(hooks[0], bodyWith(1, '12025550192')).finally(() => {
        answered = true
      })
      await untilSomebodyWaits(nodes.house.test.database)
      await nodes.call(0, 'GET', '/v2/me') // whatever was to be answered at once has been
      return { posting, early: answered }
    })
    expect(posting.early).toBe(false)
    expect(await posting.posting).toBe(200)
  })

  it('is as many rows as messages, however often it is brought and to whichever node', async () => {
    const before = count
    const bodies = Array.from({ length: 12 }, (_, i) => bodyWith(5, `1202555${1000 + (i % 4)}`))
    const brought = bodies.flatMap((body) => [0, 1, 0, 1].map((node) => () => post(hooks[node as 0 | 1], body)))
    const answers = await Promise.all(brought.sort(() => Math.random() - 0.5).map((bring) => bring()))
    expect(new Set(answers)).toEqual(new Set([200]))
    const done = await eventually(async () => {
      const waiting = await first(db(), sql`select 1 from inbound_events where parsed_at is null limit 1`)
      return waiting === undefined
    }, 20_000)
    expect(done).toBe(true)
    const rows = await texts()
    expect(rows).toHaveLength(count)
    expect(rows.filter((text) => Number(text.split(' ')[1]) > before)).toHaveLength(60)
    expect(new Set(rows).size).toBe(count)
  })

  it('that cannot be read waits for a person and holds up nobody', async () => {
    expect(await post(hooks[1], '{"object":"whatsapp_business_account","entry":')).toBe(200)
    const from = '12025550191'
    expect(await post(hooks[1], bodyWith(1, from))).toBe(200)
    await eventually(async () => (await texts()).includes(`words ${count}`))
    const rejects = await all(db(), sql<{ body: Buffer }>`select body from inbound_rejects`)
    expect(rejects.map(({ body }) => body.toString('utf8'))).toEqual(['{"object":"whatsapp_business_account","entry":'])
  })
})

describe('figures', () => {
  it('are what the rows say: unread, events, and the list at the door', async () => {
    const rows = (await texts()).length
    expect(rows).toBe(count)
    const { body } = await nodes.call<{ data: { unread: number }[] }>(1, 'GET', '/v2/conversations?limit=200')
    expect(body.data.reduce((sum, { unread }) => sum + unread, 0)).toBe(rows)
    const events = await first(db(), sql<{ count: number }>`select count(*) as count from events where type = 'message.received'`)
    expect(events?.count).toBe(rows)
    const list = await nodes.call<{ data: unknown[] }>(0, 'GET', '/v2/messages?direction=in&limit=200')
    expect(list.body.data).toHaveLength(rows)
  })
})
