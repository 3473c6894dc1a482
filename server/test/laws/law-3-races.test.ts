import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { all, run, sql } from '#kit/db'
import { fromTypeId } from '#kit/ids'
import { eventually, openTestHouse, type TestHouse } from '../house.ts'

let house: TestHouse
let channelId: string
beforeAll(async () => {
  house = await openTestHouse()
  const { body } = await house.call<{ data: { id: string; kind: string; settings: { persona: string } }[] }>('GET', '/v2/channels')
  channelId = body.data.find(({ settings }) => settings.persona === 'own_number')?.id ?? ''
  await house.call('PATCH', `/v2/channels/${channelId}`, { body: { settings: { rate: 1_000 } } })
})
afterAll(() => house?.close())

type Message = { id: string; state: string; sendingAt: string | null; contactId: string | null }
let last = 5_000_100
const person = () => `+1202${last++}`
type Bulk = { results: { status: string; message?: Message }[] }
/** All of them in one request, since hundreds would be late for their own time. */
const sendAll = async (messages: readonly Record<string, unknown>[]): Promise<Message[]> => {
  const { body } = await house.call<Bulk>('POST', '/v2/messages/bulk', {
    body: { messages: messages.map((one) => ({ channelId, ...one })) },
  })
  const sent = body.results.flatMap(({ message }) => message ?? [])
  if (sent.length !== messages.length) throw new Error(JSON.stringify(body).slice(0, 500))
  return sent
}
const get = async (id: string) => (await house.call<Message>('GET', `/v2/messages/${id}`)).body
const wordsOn = async (phone: string) => {
  const { body } = await house.call<{ bubbles: { content: { text?: string } }[] }>(
    'GET',
    `/v2/simulator/phones/${encodeURIComponent(phone)}`,
  )
  return body.bubbles.map(({ content }) => content.text)
}
const inMs = (ms: number) => new Date(Date.now() + ms).toISOString()
const wait = (ms: number) => new Promise((done) => setTimeout(done, Math.max(0, ms)))
/** Everything that was to leave has left. */
const quiet = () =>
  eventually(async () => {
    const left = await all(
      house.test.database.db,
      sql`select 1 from outbox o where kind = 'send' and due_at < chasqui_now() + interval '10 minutes' limit 1`,
    )
    return left.length === 0
  }, 20_000)

const AT_ONCE = 60
const AHEAD_MS = 1_000
/** A start that looked before a no was committed may end a moment after it. */
const LAST_LOOK_MS = 200

type Try = { to: string; id: string; status: number }

/** Hundreds of tries, each with something at a random moment around the time of its message; on a slow day the moments move until both sides win. */
async function race(act: (id: string) => Promise<number>): Promise<Try[]> {
  const tries: Try[] = []
  const won = (list: readonly Try[]) => list.filter(({ status }) => status === 200).length
  for (let round = 0, early = 0; round < 3 || (round < 8 && Math.min(won(tries), tries.length - won(tries)) < 4); round++) {
    const people = Array.from({ length: AT_ONCE }, () => ({ to: person(), due: Date.now() + AHEAD_MS + Math.random() * 300 }))
    const sent = await sendAll(people.map(({ to, due }) => ({ to, text: 'before', sendAt: new Date(due).toISOString() })))
    const made = await Promise.all(
      people.map(async ({ to, due }, i) => {
        const id = sent[i]?.id ?? ''
        await wait(due - Date.now() - early - 30 + Math.random() * 60)
        return { to, id, status: await act(id) }
      }),
    )
    tries.push(...made)
    if (won(made) < AT_ONCE / 4) early += 100
    if (won(made) > (AT_ONCE * 3) / 4) early -= 50
  }
  await quiet()
  expect(new Set(tries.map(({ status }) => status))).toEqual(new Set([200, 409])) // or there was no race
  expect(Math.min(won(tries), tries.length - won(tries))).toBeGreaterThan(3)
  return tries
}

describe('hundreds of times at the moment of its start', () => {
  it('a cancel either wins, and nothing leaves, or is told that it came too late', async () => {
    const tries = await race(async (id) => (await house.call('POST', `/v2/messages/${id}/cancel`)).status)
    for (const { to, id, status } of tries) {
      expect(await wordsOn(to)).toEqual(status === 200 ? [] : ['before'])
      if (status === 200) expect(await get(id)).toMatchObject({ state: 'cancelled', sendingAt: null })
    }
  }, 60_000)

  it('an edit of the words either shows on the phone, or is told that it came too late', async () => {
    const tries = await race(async (id) => (await house.call('PATCH', `/v2/messages/${id}`, { body: { text: 'after' } })).status)
    for (const { to, status } of tries) expect(await wordsOn(to)).toEqual([status === 200 ? 'after' : 'before'])
  }, 60_000)

  it('an edit of the time either keeps it back, or is told that it came too late', async () => {
    const tries = await race(async (id) => (await house.call('PATCH', `/v2/messages/${id}`, { body: { sendAt: inMs(3_600_000) } })).status)
    for (const { to, status } of tries) expect(await wordsOn(to)).toEqual(status === 200 ? [] : ['before'])
  }, 60_000)
})

it('edits by the dozen are answered, although nothing is remembered of their channel', async () => {
  const sent = await sendAll(Array.from({ length: 60 }, () => ({ to: person(), text: 'x', sendAt: inMs(3_600_000) })))
  const forget = sql`select pg_notify('chasqui_changed', ${`channel:${fromTypeId('cha', channelId)}`})`
  const begun = performance.now()
  const editing = sent.map(({ id }) => house.call('PATCH', `/v2/messages/${id}`, { body: { tag: 'later' } }))
  let answered = 0
  for (const edit of editing) edit.finally(() => answered++)
  while (answered < editing.length) {
    await run(house.test.database.db, forget)
    await wait(2)
  }
  const edits = await Promise.all(editing)
  expect(new Set(edits.map(({ status }) => status))).toEqual(new Set([200]))
  expect(performance.now() - begun).toBeLessThan(10_000)
}, 60_000)

describe('after a no that was answered 2xx', () => {
  it('no start is begun on a paused channel, and all of them are when it goes on', async () => {
    const people = Array.from({ length: 120 }, person)
    const begun = Date.now()
    const sent = await sendAll(people.map((to) => ({ to, text: 'x', sendAt: inMs(AHEAD_MS + Math.random() * 1_000) })))
    const ids = sent.map(({ id }) => id)
    await wait(begun + AHEAD_MS + 300 - Date.now())
    expect((await house.call('POST', `/v2/channels/${channelId}/pause`)).status).toBe(200)
    const pausedAt = Date.now()
    await wait(begun + AHEAD_MS + 1_200 - Date.now()) // they are all due by now
    const started = (await Promise.all(ids.map(get))).filter(({ sendingAt }) => sendingAt !== null)
    expect(started.length).toBeLessThan(people.length)
    for (const { sendingAt } of started) expect(new Date(sendingAt ?? 0).getTime()).toBeLessThan(pausedAt + LAST_LOOK_MS)
    expect((await house.call('POST', `/v2/channels/${channelId}/resume`)).status).toBe(200)
    await quiet()
    for (const to of people) expect(await wordsOn(to)).toEqual(['x'])
  }, 60_000)

  it('marketing does not reach who opted out, in the moment before its time; what was asked for does', async () => {
    const wanted = Array.from({ length: 40 }, () => ({ to: person(), due: Date.now() + AHEAD_MS + Math.random() * 200 }))
    const sent = await sendAll(
      wanted.flatMap(({ to, due }) => [
        { to, text: 'offer', category: 'marketing', sendAt: new Date(due).toISOString() },
        { to, text: 'receipt', sendAt: new Date(due + 1).toISOString() },
      ]),
    )
    const people = wanted.map((one, i) => ({ ...one, id: sent[i * 2]?.id ?? '', contactId: sent[i * 2]?.contactId }))
    const outcomes = await Promise.all(
      people.map(async ({ to, id, contactId, due }) => {
        await wait(due - Date.now() - 500 + Math.random() * 520)
        const { status } = await house.call('PATCH', `/v2/contacts/${contactId}`, { body: { optedOut: true } })
        expect(status).toBe(200)
        return { to, id, at: Date.now() }
      }),
    )
    await quiet()
    let skipped = 0
    for (const { to, id, at } of outcomes) {
      const message = await get(id)
      if (message.state === 'skipped') {
        skipped++
        expect(await wordsOn(to)).toEqual(['receipt'])
      } else {
        expect(new Date(message.sendingAt ?? 0).getTime()).toBeLessThan(at + LAST_LOOK_MS)
        expect(await wordsOn(to)).toEqual(['offer', 'receipt'])
      }
    }
    expect(skipped).toBeGreaterThan(0)
  }, 60_000)
})
