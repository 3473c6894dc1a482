import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../database.ts'
import { type Doors, openDoors } from './doors.ts'
import type { Route } from './route-inputs.ts'

let database: TestDatabase
let doors: Doors
/** Every route of every door as Fastify knows it. */
const routes: Route[] = []
beforeAll(async () => {
  database = await testDatabase()
  doors = await openDoors(database, { onRoute: (route) => routes.push(route) })
})
afterAll(async () => {
  await doors.close()
  await database.close()
})

/** Every operation of the product, from its first API to its last. */
const OPERATIONS: Readonly<Record<string, readonly string[]>> = {
  '/v1/ping': ['GET'],
  '/v1/account': ['GET'],
  '/v1/engines': ['GET'],
  '/v1/engines/me': ['GET'],
  '/v1/engines/logout': ['POST'],
  '/v1/engines/reload': ['POST'],
  '/v1/utils/validate_phone': ['POST'],
  '/v1/utils/link_preview': ['GET'],
  '/v1/messages': ['GET', 'POST'],
  '/v1/messages/{}': ['GET', 'POST'],
  '/v1/messages/ack/{}': ['GET'],
  '/v1/messages/acks': ['POST'],
  '/v1/messages/load_older/{}': ['POST'],
  '/v1/messages/media/{}': ['GET'],
  '/v1/messages/media_url/{}': ['GET'],
  '/v1/messages/pinned/{}': ['GET'],
  '/v1/messages/pin/{}': ['POST'],
  '/v1/messages/unpin/{}': ['POST'],
  '/v1/messages/reactions/{}': ['POST'],
  '/v1/scheduled-messages': ['GET', 'POST'],
  '/v1/scheduled-messages/{}': ['DELETE', 'GET', 'PATCH', 'POST'],
  '/v1/chats': ['GET'],
  '/v1/chats/{}': ['GET'],
  '/v1/chats/{}/participants': ['GET'],
  '/v1/chats/{}/mark_read': ['POST'],
  '/v1/chats/{}/archive': ['POST'],
  '/v1/chats/{}/unarchive': ['POST'],
  '/v1/chats/{}/open': ['POST'],
  '/v1/chats/{}/messages': ['GET', 'POST'],
  '/v1/chats/{}/messages/{}': ['GET'],
  '/v1/chats/{}/messages/{}/ack': ['GET'],
  '/v1/chats/{}/messages/{}/media': ['GET'],
  '/v1/chats/{}/messages/{}/media_url': ['GET'],
  '/v1/chats/{}/messages/{}/reactions': ['POST'],
  '/v1/chats/{}/messages/load_older': ['POST'],
  '/v1/chats/message_acks': ['POST'],
  '/v1/latest-chats': ['GET'],
  '/v1/contacts': ['GET'],
  '/v1/contacts/{}/common_groups': ['GET'],
  '/v1/contacts/{}/profile_picture': ['GET'],
  '/v1/groups': ['GET', 'POST'],
  '/v1/groups/{}': ['GET', 'PATCH'],
  '/v1/groups/{}/members': ['POST'],
  '/v1/groups/{}/members/me': ['DELETE'],
  '/v1/groups/{}/members/{}': ['DELETE'],
  '/v1/groups/{}/members/{}/admin': ['DELETE', 'POST'],
  '/v1/groups/{}/picture': ['PUT'],
  '/v1/newsletters': ['GET', 'POST'],
  '/v1/newsletters/{}': ['GET'],
  '/v1/audiences': ['GET', 'POST'],
  '/v1/audiences/{}': ['DELETE', 'GET', 'PATCH'],
  '/v1/audiences/{}/contacts': ['POST'],
  '/v1/audiences/{}/contacts/{}': ['DELETE', 'PATCH'],
  '/v1/campaigns': ['GET', 'POST'],
  '/v1/campaigns/{}': ['GET'],
  '/v1/campaigns/{}/pause': ['POST'],
  '/v1/campaigns/{}/resume': ['POST'],
  '/v1/campaigns/{}/cancel': ['POST'],
  '/v1/webhooks': ['GET', 'POST'],
  '/v1/webhooks/{}': ['DELETE', 'GET', 'PATCH'],
  '/v1/webhooks/{}/rotate-secret': ['POST'],
  '/messages': ['POST'],
}
const wanted = Object.entries(OPERATIONS).flatMap(([path, methods]) => methods.map((method) => `${method} ${path}`))

test('the product has 81 operations: each is here, and nothing else is', () => {
  expect(wanted).toHaveLength(81)
  const here = routes
    .filter(({ method, url }) => method !== 'HEAD' && /^\/(v1|messages)(\/|$)/.test(url))
    .map(({ method, url }) => `${method} ${url.replace(/:[A-Za-z]+/g, '{}').replace(/(.)\/$/, '$1')}`)
  expect([...new Set(here)].sort()).toEqual([...wanted].sort())
})

test('each of them is in the document of the door', async () => {
  const { body } = await doors.ask({ path: '/docs/blueticks-co/openapi.json' })
  const { paths } = body as { paths: Record<string, Record<string, object>> }
  const told = Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path.replace(/\{[^}]+\}/g, '{}').replace(/(.)\/$/, '$1')}`),
  )
  expect(told.sort()).toEqual([...wanted].sort())
})
