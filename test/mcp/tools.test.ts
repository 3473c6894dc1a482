import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EXCLUDED } from '../../mcp/src/exclusions.ts'
import { eventually, type LiveHouse, openLiveHouse } from '../conformance/house.ts'
import { type Assistant, overHttp, overStdio, serveOverHttp, type Told } from './mcp-process.ts'

let house: LiveHouse
let key: string
let http: Awaited<ReturnType<typeof serveOverHttp>>

const MESSAGE_ACTIONS = ['list', 'send', 'send_many', 'get', 'edit', 'cancel', 'revoke', 'list_pins', 'pin', 'unpin', 'preview']
const NEW = { pin: '2026-07-28' }
const WAYS = {
  stdio: () => overStdio({ CHASQUI_URL: house.url, CHASQUI_API_KEY: key }),
  http: () => overHttp(http.url, key),
  'stdio without a handshake': () => overStdio({ CHASQUI_URL: house.url, CHASQUI_API_KEY: key }, NEW),
  'http without a handshake': () => overHttp(http.url, key, NEW),
}
type Way = keyof typeof WAYS
const ways = Object.keys(WAYS) as Way[] // its own keys
const assistants = new Map<Way, Assistant>()

beforeAll(async () => {
  house = await openLiveHouse()
  key = house.firstRun.keys.canonical
  http = await serveOverHttp({ CHASQUI_URL: house.url })
  for (const way of ways) assistants.set(way, await WAYS[way]())
})
afterAll(async () => {
  for (const assistant of assistants.values()) await assistant.close()
  await http.close()
  await house.close()
})

const assistant = (way: Way): Assistant => {
  const one = assistants.get(way)
  if (!one) throw new Error('not connected')
  return one
}
const phoneOf = (way: Way, n: number) => `+1415555${1200 + n * 10 + ways.indexOf(way)}`
const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString()

describe.each(ways)('over %s', (way) => {
  test('the tools are listed with their actions, arguments and hints', async () => {
    const tools = await assistant(way).tools()
    const names = tools.map(({ name }) => name)
    expect(names).toEqual(
      expect.arrayContaining([
        'messages',
        'conversations',
        'contacts',
        'audiences',
        'channels',
        'webhooks',
        'events',
        'scheduled_messages',
      ]),
    )
    expect(names).not.toContain('api_keys')
    const messages = tools.find(({ name }) => name === 'messages')
    const { properties, required }: Told = messages?.inputSchema ?? {}
    expect(properties.action.enum).toEqual(MESSAGE_ACTIONS)
    expect(required).toEqual(['action'])
    expect(Object.keys(properties)).toEqual(expect.arrayContaining(['id', 'to', 'text', 'content', 'sendAt', 'limit', 'idempotencyKey']))
    expect(messages?.description).toContain('- send: Send a message. Accept a message')
    expect(messages?.description).toContain('to*')
    expect(messages?.annotations).toMatchObject({ readOnlyHint: false, destructiveHint: true, idempotentHint: false })
    expect(tools.find(({ name }) => name === 'events')?.annotations).toMatchObject({ readOnlyHint: true, destructiveHint: false })
    expect(JSON.stringify(tools)).not.toContain('$ref')
  })

  test('a message is sent, and stands on the simulated phone', async () => {
    const phone = phoneOf(way, 1)
    const sent = await assistant(way).ok('messages', { action: 'send', to: phone, text: `Hello over ${way}` })
    expect(sent).toMatchObject({ direction: 'out', address: phone, content: { type: 'text', text: `Hello over ${way}` } })
    await eventually(async () => {
      const { bubbles } = await assistant(way).ok('simulator', { action: 'get_chat', phone })
      return bubbles.some(({ content }: Told) => content.text === `Hello over ${way}`)
    })
    const { body } = await house.ask(`/v2/messages/${sent.id}`, { key })
    expect(body.id).toBe(sent.id)
  })

  test('a message is scheduled, changed, listed and taken back', async () => {
    const phone = phoneOf(way, 2)
    const one = assistant(way)
    const { id, state } = await one.ok('scheduled_messages', { action: 'create', to: phone, text: 'At noon', sendAt: inAnHour() })
    expect(state).toBe('scheduled')
    expect(await one.ok('scheduled_messages', { action: 'update', id, text: 'At one' })).toMatchObject({ id, content: { text: 'At one' } })
    const { data } = await one.ok('scheduled_messages', { action: 'list', address: phone })
    expect(data).toMatchObject([{ id, state: 'scheduled' }])
    expect(await one.ok('scheduled_messages', { action: 'cancel', id })).toMatchObject({ id, state: 'cancelled' })
    expect((await one.ok('scheduled_messages', { action: 'list', address: phone })).data).toEqual([])
    expect(await one.refused('scheduled_messages', { action: 'create', to: phone, text: 'Now?' })).toMatchObject({
      code: 'invalid',
      errors: [{ path: 'sendAt', code: 'required' }],
    })
  })

  test('wrong arguments are told with their paths', async () => {
    const wrong = await assistant(way).refused('messages', { action: 'send', to: '+14155551205', text: 'Hi', sendAt: 'tomorrow' })
    expect(wrong).toMatchObject({ code: 'invalid', status: 422, errors: [{ path: 'sendAt' }] })
    expect(wrong.requestId).toBeTruthy()
    expect(await assistant(way).refused('messages', { action: 'get' })).toMatchObject({ errors: [{ path: 'id', code: 'required' }] })
    expect(await assistant(way).refused('messages', { action: 'edit', id: 'msg_1', awaitMs: 5 })).toMatchObject({
      errors: [{ path: 'awaitMs', code: 'unrecognized_keys', message: expect.stringContaining('sendAt') }],
    })
  })

  test('an unknown action is told the known ones, an unknown tool is no tool', async () => {
    for (const action of ['explode', undefined, 7])
      expect(await assistant(way).refused('messages', { action })).toMatchObject({
        errors: [{ path: 'action', message: `must be one of ${MESSAGE_ACTIONS.join(', ')}` }],
      })
    await expect(assistant(way).call('explosives', { action: 'list' })).rejects.toThrow(/Unknown tool: explosives/)
  })

  test('what is not there is not found, and no argument leads to another route', async () => {
    expect(await assistant(way).refused('contacts', { action: 'get', id: 'con_01jbst8pvcfp79y00h48sm8nb6' })).toMatchObject({
      status: 404,
      code: 'not_found',
    })
    expect(await assistant(way).refused('contacts', { action: 'get', id: '../messages?limit=1' })).toMatchObject({ status: 404 })
    for (const id of ['..', '.', ''])
      expect(await assistant(way).refused('contacts', { action: 'get', id })).toMatchObject({ errors: [{ path: 'id' }] })
    expect(await assistant(way).refused('contacts', { action: 'get', id: { toString: 1 } })).toMatchObject({ errors: [{ path: 'id' }] })
  })

  test('the same idempotencyKey has one effect', async () => {
    const args = { action: 'send', to: '+14155551206', text: 'Once', idempotencyKey: `once-${ways.indexOf(way)}` }
    const first = await assistant(way).ok('messages', args)
    expect((await assistant(way).ok('messages', args)).id).toBe(first.id)
    expect(await assistant(way).refused('messages', { ...args, text: 'Twice' })).toMatchObject({
      code: 'idempotency_conflict',
      status: 409,
    })
    expect(await assistant(way).refused('messages', { ...args, idempotencyKey: 'two\r\nlines' })).toMatchObject({
      errors: [{ path: 'idempotencyKey' }],
    })
  })

  test('lists go on by cursor, and what has no body answers nothing', async () => {
    const one = assistant(way)
    const { id } = await one.ok('audiences', { action: 'create', name: `Of ${way}` })
    const people = Array.from({ length: 3 }, (_, n) => ({ to: `+1415555130${n}`, variables: { n: String(n) } }))
    expect(await one.ok('audiences', { action: 'members_append', id, members: people })).toMatchObject({ added: 3 })
    const page = await one.ok('audiences', { action: 'members_list', id, limit: 2 })
    expect(page.data).toHaveLength(2)
    const rest = await one.ok('audiences', { action: 'members_list', id, limit: 2, cursor: page.nextCursor })
    expect(rest).toMatchObject({ data: [{}], nextCursor: null })
    expect(await one.ok('audiences', { action: 'delete', id })).toEqual({})
  })
})

test('a key without the scope is told which one it lacks', async () => {
  const { body } = await house.ask('/v2/api-keys', { key, body: { name: 'reader', scopes: ['contacts:read'] } })
  const reader = await overHttp(http.url, String(body.secret))
  expect(await reader.refused('messages', { action: 'send', to: '+14155551207', text: 'Hi' })).toMatchObject({
    code: 'forbidden',
    status: 403,
    scope: 'messages:write',
  })
  expect((await reader.ok('contacts', { action: 'list', limit: 1 })).data.length).toBeLessThanOrEqual(1)
  await reader.close()
})

test('a key that opens nothing is told so, and the key is in no answer and no log', async () => {
  const nobody = await overStdio({ CHASQUI_URL: house.url, CHASQUI_API_KEY: 'chq_test_nobodyhasthiskey' })
  const told = await nobody.refused('messages', { action: 'list' })
  expect(told).toMatchObject({ status: 401, code: 'unauthenticated' })
  expect(`${JSON.stringify(told)}${nobody.words()}`).not.toContain('nobodyhasthiskey')
  await nobody.close()
})

test('every operation of the API is in a tool, or left out for a reason', async () => {
  const { body } = await house.ask('/docs/canonical/openapi.json', { key: null })
  const paths = body.paths as Record<string, Record<string, { operationId: string; summary: string; tags: string[] }>>
  const operations = Object.values(paths).flatMap((item) => Object.values(item))
  const tools = await assistant('stdio').tools()
  const described = (summary: string, tag: string) =>
    tools.find(({ name }) => name === tag.toLowerCase().replaceAll(/[^a-z]+/g, '_'))?.description?.includes(`: ${summary}. `) === true
  const missing = operations.filter(
    ({ operationId, summary, tags }) => EXCLUDED[operationId] === undefined && !described(summary, tags[0] ?? ''),
  )
  expect(missing.map(({ operationId }) => operationId)).toEqual([])
  const ids = new Set(operations.map(({ operationId }) => operationId))
  expect(Object.keys(EXCLUDED).filter((id) => !ids.has(id))).toEqual([])
})
