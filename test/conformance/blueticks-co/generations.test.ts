import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../house.ts'
import { openPlace } from '../places/open-place.ts'
import type { Place } from '../places/place.ts'
import { openWeb, PNG, type Web } from '../web.ts'
import { ACCOUNT_CALLS, ENGINE_CALLS } from './generations/account-calls.ts'
import { AUDIENCE_CALLS } from './generations/audience-calls.ts'
import { type Call, rowsOf, type World } from './generations/call.ts'
import { CLIENTS, type Client, type Read, readAs, requestOf, type Wish } from './generations/clients.ts'
import { GROUP_CALLS } from './generations/group-calls.ts'
import { MESSAGE_CALLS } from './generations/message-calls.ts'
import { METHODS } from './generations/methods.ts'
import { fieldFor } from './generations/models.ts'

// every method of every older client: its request as it sends it, the answer read as strictly as it reads it
let house: Place
let web: Web
beforeAll(async () => {
  const page = { type: 'text/html', bytes: Buffer.from('<html><head><title>Red shoes</title></head></html>') }
  web = await openWeb({ '/pixel.png': { type: 'image/png', bytes: PNG }, '/page': page })
  house = await openPlace()
})
afterAll(async () => {
  await house.close()
  await web.close()
})

const CALLS = [...ACCOUNT_CALLS, ...MESSAGE_CALLS, ...AUDIENCE_CALLS, ...GROUP_CALLS, ...ENGINE_CALLS]
const callsOf = ({ family }: Client) => CALLS.filter(({ only = family }) => only === family)
const nameIn = ({ family }: Client, { method }: Call) => (typeof method === 'string' ? method : method[family])

describe.each(CLIENTS.map((client, n) => [client.name, client, n] as const))('%s', (_, client, n) => {
  const ids: Record<string, string> = {}
  const world = (): World => ({
    ...{ web: web.url, own: house.number, kept: ids },
    ...{ number: `+1415555040${n}`, chat: `1415555040${n}@c.us`, other: `+1415555050${n}`, many: `+120255${50 + n}` },
  })

  test('all its methods are called', () => {
    expect([...new Set(callsOf(client).map((call) => nameIn(client, call)))].sort()).toEqual([...METHODS[client.family]].sort())
  })

  test.each(callsOf(client).map((call) => [nameIn(client, call), call] as const))('%s', async (_, call) => {
    const answer = await eventually(async () => {
      const told = await ask(client, call, call.ask(world()))
      return (call.until ?? (() => true))(told) && told
    })
    if (call.logsOut) await house.comeBack()
    if (call.says) expect(answer).toMatchObject(call.says(world()))
    for (const [name, id] of Object.entries(call.keep?.(answer) ?? {})) ids[name] = String(id)
  })
})

test('the API before /v1: the key in the body, one call', async () => {
  const [reader] = CLIENTS
  const field = fieldFor('Message', 'first')
  if (!reader || !field) throw new Error('nobody reads')
  const send = async (fields: object) => {
    const body = JSON.stringify({ apiKey: house.keys.blueticks, to: '+14155550409', ...fields })
    const headers = { 'content-type': 'application/json', 'user-agent': 'PostmanRuntime/7.36.0', accept: '*/*' }
    const answer = await fetch(`${house.url}/messages`, { method: 'POST', headers, body })
    expect(answer.status).toBe(200)
    return readAs(reader, field, await answer.json())
  }
  expect(await send({ message: 'Hello' })).toMatchObject({ text: 'Hello', status: 'queued', from: house.number, sendAt: null })
  const dueDate = new Date(Date.now() + 3_600_000).toISOString()
  expect(await send({ message: 'See', fileUrl: `${web.url}/pixel.png`, mimeType: 'image/png', dueDate })).toMatchObject({
    ...{ text: 'See', status: 'scheduled', sendAt: dueDate, mediaUrl: expect.stringMatching(/^http/) },
  })
})

const PAGES_MOST = 10

/** The answer as the client reads it; of a list each page after, as well. */
async function ask(client: Client, call: Call, wish: Wish): Promise<Read> {
  const answer = await askOnce(client, call, wish)
  let { nextCursor } = answer
  const seen = typeof call.wants === 'object' ? rowsOf(answer).map(idOf) : []
  for (let pages = 1; typeof nextCursor === 'string' && pages < PAGES_MOST; pages++) {
    const { skip: _, ...query } = wish.query ?? {}
    const page = await askOnce(client, call, { ...wish, query: { ...query, cursor: nextCursor } })
    seen.push(...rowsOf(page).map(idOf))
    nextCursor = page.nextCursor
  }
  expect(new Set(seen).size, 'rows of all pages are others').toBe(seen.length)
  return answer
}

const idOf = ({ id, key, chatId }: Read) => id ?? key ?? chatId

async function askOnce(client: Client, { wants }: Call, wish: Wish): Promise<Read> {
  const { path, ...request } = requestOf(client, wish, house.keys.blueticks)
  const answer = await fetch(`${house.url}${path}`, request)
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${request.method} ${path} ${request.body ?? ''}: ${answer.status} ${text}`)
  if (wants === 'nothing') expect([answer.status, text]).toEqual([204, ''])
  const field = fieldFor(wants, client.family)
  return field ? readAs(client, field, JSON.parse(text)) : {}
}
