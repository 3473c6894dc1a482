import { afterAll, beforeAll, expect, test } from 'vitest'
import { createContact } from '#core/contacts'
import { storeMedia } from '#core/media'
import { sendMessage } from '#core/messages'
import { createEndpoint } from '#core/webhooks'
import { all, sql } from '#kit/db'
import { typeId } from '#kit/ids'
import { type TestDatabase, testDatabase } from '../database.ts'
import { type Doors, openDoors, type Tenant } from './doors.ts'

let database: TestDatabase
let doors: Doors
let mine: Tenant
let theirs: Tenant
let foreign: Record<string, string>

/** Every route of every door as Fastify knows it. */
const routes: { method: string; url: string }[] = []

beforeAll(async () => {
  database = await testDatabase({ own: true })
  doors = await openDoors(database, { onRoute: (route) => routes.push(route) })
  mine = await doors.tenant()
  theirs = await doors.tenant()
  foreign = await thingsOf(theirs)
})
afterAll(async () => {
  await doors.close()
  await database.close()
})

/** One of each thing that a path can name, and a delivery that failed. */
async function thingsOf({ ctx, own, workspace }: Tenant): Promise<Record<string, string>> {
  const { message } = await sendMessage(ctx, { to: '+14155550123', content: { type: 'text', text: 'there' } })
  const contact = await createContact(ctx, { phone: '+14155550188' })
  const { endpoint } = await createEndpoint(ctx, { url: 'https://example.com/hook', events: ['*'] })
  const media = await storeMedia(ctx, { bytes: Buffer.from('%PDF-1.4 '), filename: 'a.pdf', source: 'upload' })
  const [key] = await all(database.database.db, sql<{ id: string }>`select id from keys where workspace_id = ${workspace.id}`)
  const delivery = '0192f3a4-5b6c-7d8e-9f00-112233445566'
  await all(
    database.database.db,
    sql`insert into deliveries (workspace_id, id, attempt, endpoint_id, url, style, event_id, event_seq, event_type, succeeded, at)
      values (${workspace.id}, ${delivery}, 1, ${endpoint.id}, 'https://example.com/hook', 'canonical', ${delivery}, 1, 'message.sent', false, now())`,
  )
  return {
    messages: typeId('msg', message.id),
    conversations: typeId('cnv', message.conversationId),
    contacts: typeId('con', contact.id),
    channels: typeId('cha', own.id),
    webhooks: typeId('whk', endpoint.id),
    media: typeId('med', media.id),
    deliveries: typeId('dlv', delivery),
    'api-keys': typeId('key', key?.id ?? ''),
  }
}

/** A body that the route would take from its owner, so that the id alone decides. */
const BODIES: Record<string, unknown> = {
  'PATCH /v2/messages/:id': { text: 'x' },
  'PATCH /v2/contacts/:id': { name: 'x' },
  'PATCH /v2/channels/:id': { name: 'x' },
  'PATCH /v2/webhooks/:id': { description: 'x' },
  'POST /v2/conversations/:id/messages': { text: 'x' },
  'POST /v2/webhooks/:id/replay': { since: '2020-01-01T00:00:00Z' },
}

const withId = () => routes.filter(({ method, url }) => method !== 'HEAD' && url.startsWith('/v2/') && url.includes('/:id'))

test('every route of /v2 with an id is walked', () => {
  const nouns = new Set(withId().map(({ url }) => url.split('/')[2]))
  expect([...nouns].sort()).toEqual(Object.keys(foreign).sort())
  expect(withId().length).toBeGreaterThan(25)
})

test("somebody else's id is nobody's: 404 on every route, and nothing of theirs changes", async () => {
  const before = await theirRows()
  for (const { method, url } of withId()) {
    const noun = url.split('/')[2] ?? ''
    const body = BODIES[`${method} ${url}`]
    const told = await doors.ask({
      method,
      path: url.replace(':id', foreign[noun] ?? ''),
      key: mine.key,
      ...(body !== undefined && { body }),
    })
    expect({ route: `${method} ${url}`, status: told.status, code: (told.body as { code?: string }).code }).toEqual({
      route: `${method} ${url}`,
      status: 404,
      code: 'not_found',
    })
  }
  expect(await theirRows()).toEqual(before)
})

test('the same ids open for their owner', async () => {
  for (const { method, url } of withId().filter((route) => route.method === 'GET')) {
    const told = await doors.ask({ method, path: url.replace(':id', foreign[url.split('/')[2] ?? ''] ?? ''), key: theirs.key })
    expect({ url, status: told.status }).toEqual({ url, status: 200 })
  }
})

test('a list shows nothing of another workspace, and refuses to be filtered by what is there', async () => {
  for (const path of ['/v2/messages', '/v2/conversations', '/v2/contacts', '/v2/webhooks', '/v2/deliveries'])
    expect({ path, ...((await doors.ask({ path, key: mine.key })).body as object) }).toEqual({ path, data: [], nextCursor: null })
  const filtered = [
    `/v2/messages?channelId=${foreign.channels}`,
    `/v2/messages?conversationId=${foreign.conversations}`,
    `/v2/messages?contactId=${foreign.contacts}`,
    `/v2/conversations?channelId=${foreign.channels}`,
  ]
  for (const path of filtered) expect({ path, status: (await doors.ask({ path, key: mine.key })).status }).toEqual({ path, status: 404 })
})

async function theirRows(): Promise<string> {
  const { db } = database.database
  const tables = [
    'messages',
    'contacts',
    'conversations',
    'channels',
    'endpoints',
    'media',
    'keys',
    'outbox',
    'buckets',
    'events',
    'deliveries',
  ]
  const rows = await Promise.all(
    tables.map((table) =>
      all(
        db,
        sql<{
          rows: string
        }>`select coalesce(jsonb_agg(to_jsonb(t) - 'last_used_at' order by to_jsonb(t)::text), '[]')::text as rows from ${sql.table(table)} t where workspace_id = ${theirs.workspace.id}`,
      ),
    ),
  )
  return rows
    .flat()
    .map((row) => row.rows)
    .join('\n')
}
