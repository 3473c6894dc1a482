import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { APIError, AuthenticationError, BadRequestError, Blueticks, NotFoundError, PermissionDeniedError, RateLimitError } from 'blueticks'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LiveHouse, openLiveHouse } from '../house.ts'
import { MISSING, type NamedCall, NOTHING, PERSON, PRESENT, SCOPES } from './refusals/calls.ts'

// what is refused, as the published client 4.0.0 tells it to its caller
let house: LiveHouse
let client: Blueticks
beforeAll(async () => {
  house = await openLiveHouse()
  client = clientWith(house.firstRun.keys.blueticks)
})
afterAll(() => house.close())

/** It does not ask again by itself. */
const clientWith = (apiKey: string) => new Blueticks({ apiKey, baseUrl: house.url, maxRetries: 0 })

async function keyWith(scopes: readonly string[]): Promise<{ id: string; secret: string }> {
  const body = { name: 'limited', style: 'blueticks', scopes }
  const told = await house.ask('/v2/api-keys', { key: house.firstRun.keys.canonical, body })
  return told.body as { id: string; secret: string } // shown when it is made
}
const withScopes = async (scopes: readonly string[]) => clientWith((await keyWith(scopes)).secret)

/** What every error of this door tells. */
const told = (statusCode: number, code: string) => ({
  ...{ statusCode, code, requestId: expect.stringMatching(/^req_\w+$/), message: expect.stringMatching(/\w/) },
})
const soon = (ms: number) => new Date(Date.now() + ms).toISOString()
const DAY_MS = 86_400_000

async function errorOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    (answer) => expect.fail(`it was answered: ${JSON.stringify(answer)}`),
    (error: unknown) => error,
  )
}

describe('401', () => {
  test.each([
    ['no key that one could have', 'nonsense'],
    ['a key that nobody has', `bt_live_${'x'.repeat(32)}`],
  ])('%s', async (_, key) => {
    const error = await errorOf(clientWith(key).ping())
    expect(error).toBeInstanceOf(AuthenticationError)
    expect(error).toMatchObject(told(401, 'authentication_required'))
  })

  test('a key that was taken back, from the next request on', async () => {
    const { id, secret } = await keyWith(['*'])
    expect(await clientWith(secret).ping()).toMatchObject({ api: 'ok' })
    expect((await house.ask(`/v2/api-keys/${id}`, { method: 'DELETE', key: house.firstRun.keys.canonical })).status).toBeLessThan(300)
    const error = await errorOf(clientWith(secret).account.retrieve())
    expect(error).toBeInstanceOf(AuthenticationError)
    expect(error).toMatchObject(told(401, 'authentication_required'))
  })
})

const all = (scope: string): NamedCall[] => [...(MISSING[scope] ?? []), ...(PRESENT[scope] ?? [])]

describe('403', () => {
  test('a key that opens nothing here may ping', async () => {
    expect(await (await withScopes(['simulator:read'])).ping()).toMatchObject({ api: 'ok' })
  })

  test.each(SCOPES)('%s: nothing else opens its calls, and it alone does', async (scope) => {
    // who may write may read
    const others = await withScopes(SCOPES.filter((one) => one !== scope && one !== scope.replace(':read', ':write')))
    const holder = await withScopes([scope])
    expect(all(scope)).not.toEqual([])
    for (const [name, call] of all(scope)) {
      const error = await errorOf(call(others))
      expect(error, name).toBeInstanceOf(PermissionDeniedError)
      expect(error, name).toMatchObject({ ...told(403, 'permission_denied'), message: expect.stringContaining(scope) })
      const opened = await call(holder).catch((refusal: unknown) => refusal)
      expect(opened, name).not.toBeInstanceOf(PermissionDeniedError)
    }
  })

  test('engines:write, for the first clients', async () => {
    const { secret: key } = await keyWith(SCOPES)
    for (const word of ['logout', 'reload'])
      expect(await house.ask(`/v1/engines/${word}`, { method: 'POST', key })).toMatchObject({
        status: 403,
        body: { error: { code: 'permission_denied', message: expect.stringContaining('engines:write') } },
      })
  })
})

describe('404', () => {
  const calls = Object.values(MISSING).flat()
  test.each(calls)('%s', async (_, call) => {
    const error = await errorOf(call(client))
    expect(error).toBeInstanceOf(NotFoundError)
    expect(error).toMatchObject(told(404, 'not_found'))
  })

  test.each<NamedCall>([
    ['suno.getSong', (one) => one.suno.getSong('x')],
    ['suno.generateSong', (one) => one.suno.generateSong({ lyrics: 'la', style: 'pop' })],
    ['suno.uploadReference', (one) => one.suno.uploadReference({ audioUrl: 'https://example.com/a.mp3' })],
    ['suno.account', (one) => one.suno.account()],
  ])('%s: what is not served at all', async (_, call) => {
    expect(await errorOf(call(client))).toBeInstanceOf(NotFoundError)
  })
})

describe('400', () => {
  const create = (body: object) => (one: Blueticks) => one.scheduledMessages.create(PERSON, { type: 'text', text: 'x', ...body })
  const poll = (options: string[]) => create({ type: 'poll', text: undefined, pollQuestion: 'Lunch?', pollOptions: options })
  test.each<[...NamedCall, path: string, code: string]>([
    ['too soon', (one) => create({ sendAt: soon(5_000) })(one), 'sendAt', 'too_small'],
    ['too far ahead', (one) => create({ sendAt: soon(366 * DAY_MS) })(one), 'sendAt', 'too_big'],
    ['a time without an offset', create({ sendAt: '2031-05-04T09:30:00' }), 'sendAt', 'invalid_string'],
    ['a field that is none', create({ priority: 1 }), '', 'unrecognized_keys'],
    ['words too long', create({ text: 'x'.repeat(4_097) }), 'text', 'too_big'],
    ['a poll of one', poll(['Pizza']), 'pollOptions', 'too_small'],
    ['a poll of thirteen', poll(Array.from({ length: 13 }, (_, i) => `${i}`)), 'pollOptions', 'too_big'],
    ['a poll with an empty option', poll(['Pizza', '']), 'pollOptions.1', 'too_small'],
    ['a type that is none', create({ type: 'video' }), 'type', 'invalid_enum_value'],
    ['a page of 201', (one) => one.webhooks.list({ limit: 201 }), 'limit', 'too_big'],
    ['a skip below none', (one) => one.chats.list({ skip: -1 }), 'skip', 'too_small'],
    ['an event that is none', (one) => one.webhooks.create({ url: 'https://example.com', events: ['message.flew' as 'message.read'] }), 'events.0', 'invalid_enum_value'], // biome-ignore format: a list
    ['a group of nobody', (one) => one.groups.create({ name: 'x', participants: [] }), 'participants', 'too_small'],
    ['an audience without a name', (one) => one.audiences.create({ name: '' }), 'name', 'too_small'],
    ['nothing to change', (one) => one.groups.update(NOTHING.group, {}), '', 'custom'],
  ])('%s', async (_, call, path, code) => {
    const error = await errorOf(call(client))
    expect(error).toBeInstanceOf(BadRequestError)
    expect(error).toMatchObject(told(400, 'invalid_request'))
    expect((error as BadRequestError).details).toContainEqual({ path, code, message: expect.stringMatching(/\w/) })
  })

  test('422 is the same class: a sender that is not linked', async () => {
    const body = { type: 'text' as const, text: 'x', from: '+4915112345678' }
    const error = await errorOf(client.scheduledMessages.create(PERSON, body))
    expect(error).toBeInstanceOf(BadRequestError)
    expect(error).toMatchObject(told(422, 'from_not_linked'))
  })
})

describe('409', () => {
  test.each<[string, (body: object, key: string) => Promise<unknown>]>([
    [
      'scheduledMessages.create',
      (body, idempotencyKey) => client.scheduledMessages.create(PERSON, { type: 'text', text: 'x', ...body }, { idempotencyKey }),
    ],
    ['messages.send', (body, idempotencyKey) => client.messages.send(PERSON, { type: 'text', text: 'x', ...body }, { idempotencyKey })],
  ])('%s: one key, two bodies', async (name, send) => {
    const first = await send({}, name)
    expect(await send({}, name)).toMatchObject({ id: (first as { id: string }).id })
    const error = await errorOf(send({ text: 'y' }, name))
    expect(error).toBeInstanceOf(APIError)
    expect(error).toMatchObject(told(409, 'idempotency_key_conflict'))
  })
})

test('429: the class, and when to come again', async () => {
  const env = { ...process.env, CHASQUI_DATA_DIR: house.dataDir }
  const root = resolve(import.meta.dirname, '../../..')
  await promisify(execFile)(process.execPath, ['server/src/cli.ts', 'plan', 'My organization', 'free'], { cwd: root, env })
  const limited = clientWith(house.firstRun.live.keys.blueticks)
  // should a minute end between them, one of the two has more than its 60
  const answers = await Promise.all(Array.from({ length: 140 }, () => limited.ping().catch((error: unknown) => error)))
  const refused = answers.filter((answer) => answer instanceof RateLimitError)
  expect(refused.length).toBeGreaterThanOrEqual(20)
  expect(answers.filter((answer) => answer instanceof Error)).toEqual(refused)
  expect(refused[0]).toMatchObject(told(429, 'rate_limited'))
  expect(refused[0]?.retryAfter).toBeGreaterThanOrEqual(1)
  expect(refused[0]?.retryAfter).toBeLessThanOrEqual(60)
})
