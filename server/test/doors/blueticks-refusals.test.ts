import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../database.ts'
import { countRows, type Doors, openDoors, type Tenant, type Told } from './doors.ts'
import { type Operation, operationsIn, pathOf, type Reference, type Spoilt, spoiltOf } from './spoilt-requests.ts'

// every operation of the reference, asked wrongly in every way that its schemas forbid
let database: TestDatabase
let doors: Doors
let mine: Tenant
let operations: Operation[]
beforeAll(async () => {
  database = await testDatabase({ own: true })
  doors = await openDoors(database)
  mine = await doors.tenant()
  operations = operationsIn((await doors.ask({ path: '/docs/blueticks-co/openapi.json' })).body as Reference) // other tests read it too
})
afterAll(async () => {
  await doors.close()
  await database.close()
})

/** Operations that take nothing: a wrong key is all that one can do wrong. */
const TAKE_NOTHING = [
  'GET /v1/ping',
  'GET /v1/account',
  'GET /v1/engines',
  'GET /v1/engines/me',
  'POST /v1/engines/logout',
  'POST /v1/engines/reload',
]
const NEEDS_NO_SCOPE = ['GET /v1/ping']
/** Faults that are none: the first API ignores what it does not know, and the ack of an unknown message is null. */
const NO_FAULTS: Readonly<Record<string, RegExp>> = {
  'POST /messages/': /^an unknown field|apiKey/,
  'GET /v1/chats/{chatId}/messages/{key}/ack': /^key (nonsense|-1)/,
}

const badOf = (operation: Operation): Spoilt[] => spoiltOf(operation).filter(({ what }) => !NO_FAULTS[operation.name]?.test(what))

test('every operation has a bad case', () => {
  expect(operations).toHaveLength(81)
  expect(operations.filter((operation) => badOf(operation).length === 0).map(({ name }) => name)).toEqual(TAKE_NOTHING)
})

type Refusal = {
  error: { code: string; message: string; requestId: string; request_id: string; details?: { path: string; code: string }[] }
}
const CODES: Readonly<Record<number, string>> = {
  400: 'invalid_request',
  401: 'authentication_required',
  403: 'permission_denied',
  404: 'not_found',
}

/** What is wrong with a refusal, in words. */
function faultOf({ status, headers, body, text }: Told, { statuses, detail }: Pick<Spoilt, 'statuses' | 'detail'>): string | undefined {
  if (!statuses.includes(status)) return `answered ${status}: ${text.slice(0, 200)}`
  const { success, error } = body as Refusal & { success: unknown } // looked at field by field below
  const { code, message, requestId, request_id, details = [] } = error
  if (success !== false || code !== CODES[status] || !/\w/.test(message)) return `speaks otherwise: ${text.slice(0, 200)}`
  const id = headers.get('x-request-id')
  if (requestId !== id || request_id !== id) return `names another request: ${text.slice(0, 200)}`
  const named = details.some((one) => (detail?.path ?? one.path) === one.path && (detail?.code ?? one.code) === one.code)
  return detail === undefined || named ? undefined : `does not name ${JSON.stringify(detail)}: ${text.slice(0, 300)}`
}

const ask = ({ method }: Operation, { path, body }: Pick<Spoilt, 'path' | 'body'>, key: string | undefined): Promise<Told> =>
  doors.ask({ method, path, key, ...(body !== undefined && { body }) })

test('each fault is refused in the voice of the door, and nothing is written', async () => {
  const before = await countRows(database)
  const faults: string[] = []
  for (const operation of operations)
    for (const spoilt of badOf(operation)) {
      const fault = faultOf(await ask(operation, spoilt, mine.key), spoilt)
      if (fault !== undefined) faults.push(`${operation.name}, ${spoilt.what}: ${fault}`)
    }
  expect(faults).toEqual([])
  expect(await countRows(database)).toEqual(before)
})

/** Every scope that this product knows, and ours by their own names. */
const NOUNS = ['organization', 'messages', 'conversations', 'contacts', 'groups', 'newsletters', 'audiences', 'campaigns', 'webhooks', 'channels', 'media'] // biome-ignore format: a list
const OURS: Readonly<Record<string, string>> = { account: 'organization', chats: 'conversations', engines: 'channels' }

/** A key that may do everything but this; who may write may read. */
function keyWithout(scope: string): Promise<string> {
  const [noun = '', verb = ''] = scope.split(':')
  const own = OURS[noun] ?? noun
  const kept = NOUNS.flatMap((one) => (one === own ? [] : [`${one}:read`, `${one}:write`]))
  return mine.makeKey(verb === 'write' ? [...kept, `${own}:read`] : kept)
}

test('each operation is closed to strangers, and to keys that lack its scope alone', async () => {
  const keys = new Map<string, string>()
  for (const { scope } of operations) if (scope !== undefined && !keys.has(scope)) keys.set(scope, await keyWithout(scope))
  const before = await countRows(database)
  const faults: string[] = []
  for (const operation of operations) {
    const { name, scope } = operation
    const shown = { path: pathOf(operation), ...(operation.example && { body: operation.example }) }
    const refusals: [key: string | undefined, status: number][] = [
      [undefined, 401],
      [`bt_test_${'x'.repeat(32)}`, 401],
      ...(scope === undefined ? [] : [[keys.get(scope), 403] satisfies [string | undefined, number]]),
    ]
    for (const [key, status] of refusals) {
      const fault = faultOf(await ask(operation, withUrl(operation, shown), key), { statuses: [status] })
      if (fault !== undefined) faults.push(`${name} without ${status === 403 ? scope : 'a key'}: ${fault}`)
    }
  }
  expect(faults).toEqual([])
  expect(operations.filter(({ scope }) => scope === undefined).map(({ name }) => name)).toEqual(NEEDS_NO_SCOPE)
  expect(await countRows(database)).toEqual(before)
})

/** One operation cannot be asked at all without its query. */
const withUrl = ({ parameters }: Operation, shown: { path: string; body?: unknown }) =>
  parameters.some(({ in: place, name }) => place === 'query' && name === 'url')
    ? { ...shown, path: `${shown.path}?url=https://example.com/` }
    : shown
