import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../database.ts'
import { type Asked, type Doors, openDoors, type Tenant } from './doors.ts'
import { allRowsOf, PERSON, type Things, thingsOf } from './foreign-things.ts'
import { idsIn, type Route } from './route-inputs.ts'

let database: TestDatabase
let doors: Doors
let mine: Tenant
let theirs: Tenant
let foreign: Things
let own: Things

/** Every route of every door as Fastify knows it. */
const routes: Route[] = []

beforeAll(async () => {
  database = await testDatabase({ own: true })
  doors = await openDoors(database, { onRoute: (route) => routes.push(route) })
  mine = await doors.tenant()
  theirs = await doors.tenant()
  own = await thingsOf(database, mine)
  foreign = await thingsOf(database, theirs)
})
afterAll(async () => {
  await doors.close()
  await database.close()
})

/** One request of ours that names something of theirs. `at`: where. */
type Case = {
  at: string
  /** In place of the route's own path. */
  path?: string
  body?: unknown
  /** Of a door that answers otherwise than by 404, and says nothing either. */
  told?: { status: number; body: unknown }
}

/** What stands for ':id' under each noun. */
const NOUNS = (things: Things): Record<string, string> => ({
  '/v2/messages': things.waiting,
  '/v2/conversations': things.conversation,
  '/v2/contacts': things.contact,
  '/v2/audiences': things.audience,
  '/v2/campaigns': things.campaign,
  '/v2/channels': things.channel,
  '/v2/webhooks': things.endpoint,
  '/v2/media': things.media,
  '/v2/deliveries': things.delivery,
  '/v2/api-keys': things.key,
  '/v1/scheduled-messages': things.waiting,
  '/v1/audiences': things.audience,
  '/v1/campaigns': things.campaign,
  '/v1/webhooks': things.blueticksEndpoint,
})

/** A body that the route would take from its owner, so that the id alone decides. */
const BODIES: Record<string, unknown> = {
  'PATCH /v2/messages/:id': { text: 'x' },
  'PATCH /v2/contacts/:id': { name: 'x' },
  'PATCH /v2/channels/:id': { name: 'x' },
  'PATCH /v2/audiences/:id': { name: 'x' },
  'PATCH /v2/campaigns/:id': { name: 'x' },
  'POST /v2/audiences/:id/members': { members: [{ to: '+14155550199' }] },
  'PATCH /v2/audiences/:id/members/:memberId': { variables: {} },
  'PATCH /v1/audiences/:id': { name: 'x' },
  'POST /v1/audiences/:id/contacts': { contacts: [{ to: '+14155550199' }] },
  'PATCH /v1/audiences/:id/contacts/:contactId': { variables: {} },
  'PATCH /v2/webhooks/:id': { description: 'x' },
  'POST /v2/conversations/:id/messages': { text: 'x' },
  'POST /v2/webhooks/:id/replay': { since: '2020-01-01T00:00:00Z' },
  'PATCH /v1/scheduled-messages/:id': { text: 'x' },
  'PATCH /v1/webhooks/:id': { description: 'x' },
}

const FILE = (media: string) => ({ type: 'document', media: { id: media } })
const HEADER = (media: string) => ({
  type: 'interactive',
  interactive: { kind: 'buttons', header: { type: 'image', media: { id: media } }, body: 'B', buttons: [{ id: 'y', title: 'Yes' }] },
})

/** What a message at /v2 can name; a header with a file needs a channel that takes them. */
const said = ({ message, media }: Things, path: string): Case[] => [
  { at: 'body.replyTo', path, body: { text: 'x', replyTo: message } },
  { at: 'body.content.media.id', path, body: { content: FILE(media) } },
  { at: 'body.content.messageId', path, body: { content: { type: 'reaction', messageId: message, emoji: '👍' } } },
]
const HEADER_AT = 'body.content.interactive.header.media.id'

/** A number that is not linked is told as such at each door; it names a sender and opens nothing. */
const NOT_LINKED = { status: 422, body: { success: false, error: { code: 'from_not_linked' } } }
const NO_CHANNEL = { status: 422, body: { code: 'no_channel' } }

/** What a send at /v1 can name. */
const sent = ({ message, messageKey, number }: Things, to?: string): Case[] => [
  { at: 'body.replyTo', body: { to, text: 'x', replyTo: message } },
  { at: 'body.replyTo', body: { to, text: 'x', replyTo: messageKey } },
  { at: 'body.from', body: { to, text: 'x', from: number }, told: NOT_LINKED },
]

const onPhone = `/v2/simulator/phones/${encodeURIComponent(PERSON)}`

/** Somebody of their audience, looked for in ours. */
const inAudience = (url: string, at: string, { audience, member }: Pick<Things, 'audience' | 'member'>): Record<string, Case[]> =>
  Object.fromEntries(
    ['PATCH', 'DELETE'].map((method) => [
      `${method} ${url}`,
      [{ at, path: url.replace(':id', audience).replace(/:[a-zA-Z]+Id$/, member), body: BODIES[`${method} ${url}`] }],
    ]),
  )

const REACTION = (messageId: string) => ({ type: 'reaction', messageId, emoji: '👍' })
const NO_REACTION = { status: 422, body: { code: 'invalid' } }

/** What a campaign can name. */
const inCampaign = ({ audience, channel, media, number, message }: Things, ours: Things, path: string): Case[] => [
  { at: 'body.audienceId', path, body: { name: 'x', text: 'x', audienceId: audience } },
  { at: 'body.channelId', path, body: { name: 'x', text: 'x', audienceId: ours.audience, channelId: channel } },
  { at: 'body.content.media.id', path, body: { name: 'x', content: FILE(media), audienceId: ours.audience } },
  { at: HEADER_AT, path, body: { name: 'x', content: HEADER(media), audienceId: ours.audience, channelId: ours.cloudChannel } },
  { at: 'body.content.messageId', path, body: { name: 'x', content: REACTION(message), audienceId: ours.audience }, told: NO_REACTION },
  { at: 'body.from', path, body: { name: 'x', text: 'x', audienceId: ours.audience, from: number }, told: NO_CHANNEL },
]

/** Beside ':id': what else each route can name. */
const CASES = (theirs: Things, ours: Things): Record<string, Case[]> => {
  const { channel, conversation, contact, messageKey, bareKey, number, bubble, fault } = theirs
  const key = encodeURIComponent(messageKey)
  return {
    'POST /v2/messages': [
      ...said(theirs, '/v2/messages').map((one) => ({ ...one, body: { to: PERSON, ...(one.body as object) } })),
      { at: HEADER_AT, body: { to: PERSON, channelId: ours.cloudChannel, content: HEADER(theirs.media) } },
      { at: 'body.channelId', body: { to: PERSON, text: 'x', channelId: channel } },
      { at: 'body.from', body: { to: PERSON, text: 'x', from: number }, told: NO_CHANNEL },
    ],
    'GET /v2/messages': [
      { at: 'query.channelId', path: `/v2/messages?channelId=${channel}` },
      { at: 'query.conversationId', path: `/v2/messages?conversationId=${conversation}` },
      { at: 'query.contactId', path: `/v2/messages?contactId=${contact}` },
    ],
    'PATCH /v2/messages/:id': [
      ...said(theirs, `/v2/messages/${ours.waiting}`),
      { at: HEADER_AT, path: `/v2/messages/${ours.cloudWaiting}`, body: { content: HEADER(theirs.media) } },
    ],
    'GET /v2/conversations': [
      { at: 'query.channelId', path: `/v2/conversations?channelId=${channel}` },
      { at: 'query.contactId', path: `/v2/conversations?contactId=${contact}` },
    ],
    'POST /v2/conversations/:id/messages': [
      ...said(theirs, `/v2/conversations/${ours.conversation}/messages`),
      { at: HEADER_AT, path: `/v2/conversations/${ours.cloudConversation}/messages`, body: { content: HEADER(theirs.media) } },
    ],
    'POST /v2/webhooks': [{ at: 'body.channelId', body: { url: 'https://example.com/x', events: ['*'], channelId: channel } }],
    'PATCH /v2/webhooks/:id': [{ at: 'body.channelId', path: `/v2/webhooks/${ours.endpoint}`, body: { channelId: channel } }],
    'GET /v2/simulator/phones': [{ at: 'query.channelId', path: `/v2/simulator/phones?channelId=${channel}` }],
    'GET /v2/simulator/phones/:phone': [{ at: 'query.channelId', path: `${onPhone}?channelId=${channel}` }],
    'POST /v2/simulator/phones/:phone/messages': [
      { at: 'body.channelId', path: `${onPhone}/messages`, body: { text: 'x', channelId: channel } },
      { at: 'body.replyTo', path: `${onPhone}/messages`, body: { text: 'x', replyTo: bubble } },
    ],
    'POST /v2/simulator/phones/:phone/reactions': [
      { at: 'body.channelId', path: `${onPhone}/reactions`, body: { wireId: bubble, emoji: '👍', channelId: channel } },
      { at: 'body.wireId', path: `${onPhone}/reactions`, body: { wireId: bubble, emoji: '👍' } },
    ],
    'POST /v2/simulator/phones/:phone/read': [{ at: 'body.channelId', path: `${onPhone}/read`, body: { channelId: channel } }],
    'POST /v2/campaigns': inCampaign(theirs, ours, '/v2/campaigns'),
    'POST /v2/campaigns/dry-run': inCampaign(theirs, ours, '/v2/campaigns/dry-run'),
    'PATCH /v2/campaigns/:id': [
      { at: 'body.channelId', path: `/v2/campaigns/${ours.campaign}`, body: { channelId: channel } },
      { at: 'body.content.media.id', path: `/v2/campaigns/${ours.campaign}`, body: { content: FILE(theirs.media) } },
      {
        at: HEADER_AT,
        path: `/v2/campaigns/${ours.campaign}`,
        body: { content: HEADER(theirs.media), channelId: ours.cloudChannel },
      },
      {
        at: 'body.content.messageId',
        path: `/v2/campaigns/${ours.campaign}`,
        body: { content: REACTION(theirs.message) },
        told: NO_REACTION,
      },
    ],
    'POST /v1/campaigns': [
      { at: 'body.audienceId', body: { name: 'x', text: 'x', audienceId: theirs.audience } },
      { at: 'body.from', body: { name: 'x', text: 'x', audienceId: ours.audience, from: number }, told: NOT_LINKED },
    ],
    'POST /v2/simulator/faults': [{ at: 'body.channelId', body: { kind: 'duplicate', channelId: channel } }],
    ...inAudience('/v2/audiences/:id/members/:memberId', 'path.memberId', { audience: ours.audience, member: theirs.member }),
    ...inAudience('/v1/audiences/:id/contacts/:contactId', 'path.contactId', { audience: ours.audience, member: theirs.member }),
    'DELETE /v2/simulator/faults/:fault': [{ at: 'path.fault', path: `/v2/simulator/faults/${fault}` }],
    'POST /v1/scheduled-messages': sent(theirs, PERSON),
    'POST /v1/scheduled-messages/:chatId': sent(theirs).map((one) => ({ ...one, path: '/v1/scheduled-messages/14155550123@c.us' })),
    'PATCH /v1/scheduled-messages/:id': [theirs.message, messageKey].map((replyTo) => ({
      at: 'body.replyTo',
      path: `/v1/scheduled-messages/${ours.waiting}`,
      body: { replyTo },
    })),
    'POST /v1/messages': sent(theirs, PERSON),
    'POST /v1/messages/:chatId': sent(theirs).map((one) => ({ ...one, path: '/v1/messages/14155550123@c.us' })),
    'GET /v1/messages/:key': [
      { at: 'path.key', path: `/v1/messages/${key}` },
      { at: 'path.key', path: `/v1/messages/${theirs.message}` },
      { at: 'path.key', path: `/v1/messages/${bareKey}?chatId=14155550123@c.us` },
    ],
    'GET /v1/messages/media/:key': [
      { at: 'path.key', path: `/v1/messages/media/${key}` },
      { at: 'path.key', path: `/v1/messages/media/${bareKey}?chatId=14155550123@c.us` },
    ],
    // this product answers what it does not know by null
    'GET /v1/messages/ack/:key': [{ at: 'path.key', path: `/v1/messages/ack/${key}`, told: { status: 200, body: { ack: null } } }],
    'POST /v1/messages/acks': [
      {
        at: 'body.messageKeys',
        body: { messageKeys: [messageKey] },
        told: { status: 200, body: { data: [{ key: messageKey, ack: null, found: false }] } },
      },
    ],
  }
}

const walked = () => routes.filter(({ method }) => method !== 'HEAD')
const nameOf = ({ method, url }: Route) => `${method} ${url.replace(/(.)\/$/, '$1')}`
const nounOf = (url: string) => url.split('/').slice(0, 3).join('/')

/** ':id' of a noun, and what else the route is known to take. */
function casesOf(route: Route, theirThings: Things, ourThings: Things): Case[] {
  const id = NOUNS(theirThings)[nounOf(route.url)]
  const byPath =
    route.url.includes('/:id') && id !== undefined
      ? [{ at: 'path.id', path: route.url.replace(':id', id), body: BODIES[nameOf(route)] }]
      : []
  return [...byPath, ...(CASES(theirThings, ourThings)[nameOf(route)] ?? [])]
}

test('every place of every route that can name something is walked', () => {
  const unwalked = walked().flatMap((route) => {
    const at = new Set(casesOf(route, foreign, own).map((one) => one.at))
    return idsIn(route)
      .filter((input) => !at.has(input))
      .map((input) => `${nameOf(route)}: ${input}`)
  })
  expect(unwalked).toEqual([])
  const known = new Set(walked().map(nameOf))
  expect(Object.keys(CASES(foreign, own)).filter((name) => !known.has(name))).toEqual([])
  expect(walked().filter((route) => idsIn(route).length > 0).length).toBeGreaterThan(45)
})

const ask = (route: Route, { path, body }: Case, { key }: Tenant): Promise<Awaited<ReturnType<Doors['ask']>>> => {
  const asked: Asked = { method: route.method, path: path ?? route.url, key, ...(body !== undefined && { body }) }
  return doors.ask(asked)
}

/** 'Not found' as each door says it. */
const NOT_FOUND: Record<string, object> = {
  v2: { code: 'not_found' },
  v1: { success: false, error: { code: 'not_found' } },
}

test("somebody else's id is nobody's: 404 in the door's own voice, and nothing changes", async () => {
  const before = [await allRowsOf(database, theirs.workspace.id), await allRowsOf(database, mine.workspace.id)]
  const answers: unknown[] = []
  const expected: unknown[] = []
  for (const route of walked()) {
    for (const one of casesOf(route, foreign, own)) {
      const asked = { route: nameOf(route), at: one.at }
      const { status, body } = await ask(route, one, mine)
      answers.push({ ...asked, status, body })
      expected.push({ ...asked, ...(one.told ?? { status: 404, body: NOT_FOUND[route.url.split('/')[1] ?? ''] }) })
    }
  }
  expect(answers).toMatchObject(expected)
  expect([await allRowsOf(database, theirs.workspace.id), await allRowsOf(database, mine.workspace.id)]).toEqual(before)
})

test('the same ids open for their owner', async () => {
  for (const route of walked().filter(({ method }) => method === 'GET')) {
    for (const one of casesOf(route, foreign, own)) {
      const { status, body } = await ask(route, one, theirs)
      expect({ route: nameOf(route), at: one.at, status }).toEqual({ route: nameOf(route), at: one.at, status: 200 })
      if (one.told) expect(body).not.toMatchObject(one.told.body as object)
    }
  }
})

test('a list shows nothing of another workspace', async () => {
  const stranger = await doors.tenant()
  for (const path of [
    '/v2/messages',
    '/v2/conversations',
    '/v2/contacts',
    '/v2/audiences',
    '/v2/campaigns',
    '/v2/webhooks',
    '/v2/deliveries',
  ])
    expect({ path, ...((await doors.ask({ path, key: stranger.key })).body as object) }).toEqual({ path, data: [], nextCursor: null })
  for (const path of [
    '/v1/scheduled-messages',
    '/v1/messages',
    '/v1/messages?chatId=14155550123@c.us',
    '/v1/audiences',
    '/v1/campaigns',
    '/v1/webhooks',
  ])
    expect({ path, ...((await doors.ask({ path, key: stranger.key })).body as object) }).toMatchObject({ path, data: [] })
  expect((await doors.ask({ path: '/v2/simulator/phones', key: stranger.key })).body).toEqual({ data: [] })
  expect((await doors.ask({ path: '/v2/simulator/faults', key: stranger.key })).body).toEqual({ data: [] })
})
