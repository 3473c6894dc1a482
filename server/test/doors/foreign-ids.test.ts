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
  foreign = await thingsOf(database, theirs, '+14155550126')
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
  '/v2/recurrences': things.recurrence,
  '/v2/audiences': things.audience,
  '/v2/campaigns': things.campaign,
  '/v2/groups': things.group,
  '/v2/newsletters': things.newsletter,
  '/v2/simulator': things.group,
  '/v1/groups': things.groupAddress,
  '/v1/newsletters': things.newsletterAddress,
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
  'POST /v2/channels/:id/pairing-code': { phone: PERSON },
  'PATCH /v2/recurrences/:id': { text: 'x' },
  'PATCH /v2/recurrences/:id/occurrences/:occurrence': { text: 'x' },
  'PATCH /v2/audiences/:id': { name: 'x' },
  'PATCH /v2/campaigns/:id': { name: 'x' },
  'POST /v2/audiences/:id/members': { members: [{ to: '+14155550199' }] },
  'PATCH /v2/audiences/:id/members/:memberId': { variables: {} },
  'PATCH /v1/audiences/:id': { name: 'x' },
  'POST /v1/audiences/:id/contacts': { contacts: [{ to: '+14155550199' }] },
  'PATCH /v1/audiences/:id/contacts/:contactId': { variables: {} },
  'PATCH /v2/groups/:id': { name: 'x' },
  'PUT /v2/groups/:id/picture': { media: { base64: 'iVBORw0KGgo=' } },
  'POST /v2/groups/:id/participants': { participants: ['+14155550199'] },
  'PATCH /v2/groups/:id/participants/:participant': { role: 'admin' },
  'POST /v2/simulator/groups/:id/acts': { phone: PERSON, act: 'leave' },
  'PATCH /v1/groups/:id': { name: 'x' },
  'POST /v1/groups/:id/members': { chatId: '+14155550199' },
  'PUT /v1/groups/:id/picture': { fileDataUrl: 'data:image/png;base64,iVBORw0KGgo=' },
  'PATCH /v2/webhooks/:id': { description: 'x' },
  'POST /v2/conversations/:id/messages': { text: 'x' },
  'PATCH /v2/conversations/:id': { archived: true },
  'POST /v2/webhooks/:id/replay': { since: '2020-01-01T00:00:00Z' },
  'PATCH /v1/scheduled-messages/:id': { text: 'x' },
  'PATCH /v1/webhooks/:id': { description: 'x' },
}

/** A time at which everybody's recurrence comes. */
const OCCURRENCE = '2031-05-06T09:30:00Z'
const EVERY_DAY = { rule: 'FREQ=DAILY', startsAt: '2031-05-05T09:30:00', timeZone: 'UTC', to: PERSON }

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
const REACTION = (messageId: string) => ({ type: 'reaction', messageId, emoji: '👍' })
const NO_REACTION = { status: 422, body: { code: 'invalid' } }
const NO_BUTTONS = { status: 422, body: { code: 'unsupported' } }
const NO_CHANNEL = { status: 422, body: { code: 'no_channel' } }

/** What a send at /v1 can name. */
const sent = ({ message, messageKey, number }: Things, to?: string): Case[] => [
  { at: 'body.replyTo', body: { to, text: 'x', replyTo: message } },
  { at: 'body.replyTo', body: { to, text: 'x', replyTo: messageKey } },
  { at: 'body.from', body: { to, text: 'x', from: number }, told: NOT_LINKED },
]

/** What a phone does to a bubble. */
const PHONE_DEEDS = { reactions: { emoji: '👍' }, votes: { options: ['x'] }, edits: { text: 'x' }, revocations: {}, pins: {} }
/** What one does to a message at /v1. */
const MESSAGE_DEEDS = {
  'POST /v1/messages/reactions/:key': { emoji: '👍' },
  'POST /v1/messages/pin/:key': {},
  'POST /v1/messages/unpin/:key': {},
  'GET /v1/messages/media_url/:key': undefined,
}
/** What one asks and does in a chat at /v1, by the route. */
const CHAT_DEEDS: Readonly<Record<string, unknown>> = {
  'GET /v1/chats/:chatId': undefined,
  'GET /v1/chats/:chatId/participants': undefined,
  'GET /v1/chats/:chatId/messages': undefined,
  'POST /v1/chats/:chatId/mark_read': {},
  'POST /v1/chats/:chatId/archive': {},
  'POST /v1/chats/:chatId/unarchive': {},
  'POST /v1/chats/:chatId/messages/load_older': {},
  'POST /v1/messages/load_older/:chatId': {},
  'GET /v1/messages/pinned/:chatId': undefined,
}
const inChat = '/v1/chats/14155550123@c.us/messages'

const onPhone = `/v2/simulator/phones/${encodeURIComponent(PERSON)}`

/** Somebody of their audience, looked for in ours. */
const inAudience = (url: string, at: string, { audience, member }: Pick<Things, 'audience' | 'member'>): Record<string, Case[]> =>
  Object.fromEntries(
    ['PATCH', 'DELETE'].map((method) => [
      `${method} ${url}`,
      [{ at, path: url.replace(':id', audience).replace(/:[a-zA-Z]+Id$/, member), body: BODIES[`${method} ${url}`] }],
    ]),
  )

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
    'POST /v2/recurrences': [
      { at: 'body.channelId', body: { ...EVERY_DAY, text: 'x', channelId: channel } },
      { at: 'body.from', body: { ...EVERY_DAY, text: 'x', from: number }, told: NO_CHANNEL },
      { at: 'body.content.media.id', body: { ...EVERY_DAY, content: FILE(theirs.media) } },
      { at: 'body.content.messageId', body: { ...EVERY_DAY, content: REACTION(theirs.message) }, told: NO_REACTION },
      { at: HEADER_AT, body: { ...EVERY_DAY, channelId: ours.cloudChannel, content: HEADER(theirs.media) } },
    ],
    ...Object.fromEntries(
      [`/v2/recurrences/${ours.recurrence}`, `/v2/recurrences/${ours.recurrence}/occurrences/${OCCURRENCE}`].map((path) => [
        path.includes('occurrences') ? 'PATCH /v2/recurrences/:id/occurrences/:occurrence' : 'PATCH /v2/recurrences/:id',
        [
          ...(path.includes('occurrences') ? [] : [{ at: 'body.channelId', path, body: { channelId: channel } }]),
          { at: 'body.content.media.id', path, body: { content: FILE(theirs.media) } },
          { at: 'body.content.messageId', path, body: { content: REACTION(theirs.message) }, told: NO_REACTION },
          { at: HEADER_AT, path, body: { content: HEADER(theirs.media) }, told: NO_BUTTONS },
        ],
      ]),
    ),
    'GET /v2/conversations': [
      { at: 'query.channelId', path: `/v2/conversations?channelId=${channel}` },
      { at: 'query.contactId', path: `/v2/conversations?contactId=${contact}` },
    ],
    'POST /v2/conversations/:id/messages': [
      ...said(theirs, `/v2/conversations/${ours.conversation}/messages`),
      { at: HEADER_AT, path: `/v2/conversations/${ours.cloudConversation}/messages`, body: { content: HEADER(theirs.media) } },
    ],
    'POST /v2/conversations': [{ at: 'body.channelId', body: { to: PERSON, channelId: channel } }],
    'POST /v2/webhooks': [{ at: 'body.channelId', body: { url: 'https://example.com/x', events: ['*'], channelId: channel } }],
    'PATCH /v2/webhooks/:id': [{ at: 'body.channelId', path: `/v2/webhooks/${ours.endpoint}`, body: { channelId: channel } }],
    'GET /v2/simulator/phones': [{ at: 'query.channelId', path: `/v2/simulator/phones?channelId=${channel}` }],
    'GET /v2/simulator/phones/:phone': [{ at: 'query.channelId', path: `${onPhone}?channelId=${channel}` }],
    'POST /v2/simulator/phones/:phone/messages': [
      { at: 'body.channelId', path: `${onPhone}/messages`, body: { text: 'x', channelId: channel } },
      { at: 'body.replyTo', path: `${onPhone}/messages`, body: { text: 'x', replyTo: bubble } },
    ],
    ...Object.fromEntries(
      Object.entries(PHONE_DEEDS).map(([deed, body]) => [
        `POST /v2/simulator/phones/:phone/${deed}`,
        [
          { at: 'body.channelId', path: `${onPhone}/${deed}`, body: { wireId: bubble, ...body, channelId: channel } },
          { at: 'body.wireId', path: `${onPhone}/${deed}`, body: { wireId: bubble, ...body } },
        ],
      ]),
    ),
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
    'GET /v2/groups': [{ at: 'query.channelId', path: `/v2/groups?channelId=${channel}` }],
    'POST /v2/groups': [{ at: 'body.channelId', body: { channelId: channel, name: 'x', participants: [PERSON] } }],
    'PUT /v2/groups/:id/picture': [
      { at: 'body.media.id', path: `/v2/groups/${ours.group}/picture`, body: { media: { id: theirs.media } } },
    ],
    'POST /v2/newsletters': [{ at: 'body.channelId', body: { channelId: channel, name: 'x' } }],
    'POST /v2/simulator/groups/:id/acts': [
      {
        at: 'body.replyTo',
        path: `/v2/simulator/groups/${ours.group}/acts`,
        body: { phone: PERSON, act: 'write', text: 'x', replyTo: bubble },
      },
    ],
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
    ...Object.fromEntries(
      Object.entries(MESSAGE_DEEDS).map(([route, body]) => [
        route,
        [{ at: 'path.key', path: route.split(' ')[1]?.replace(':key', key), body }],
      ]),
    ),
    ...Object.fromEntries(
      ['', '/media', '/media_url'].map((part) => [
        `GET /v1/chats/:chatId/messages/:key${part}`,
        [messageKey, bareKey].map((one) => ({ at: 'path.key', path: `${inChat}/${encodeURIComponent(one)}${part}` })),
      ]),
    ),
    ...Object.fromEntries(
      Object.entries(CHAT_DEEDS).map(([route, body]) => [
        route,
        [{ at: 'path.chatId', path: route.split(' ')[1]?.replace(':chatId', theirs.chat), body }],
      ]),
    ),
    'POST /v1/chats/:chatId/messages/:key/reactions': [{ at: 'path.key', path: `${inChat}/${key}/reactions`, body: { emoji: '👍' } }],
    'GET /v1/chats/:chatId/messages/:key/ack': [
      { at: 'path.key', path: `${inChat}/${key}/ack`, told: { status: 200, body: { ack: null } } },
    ],
    'POST /v1/chats/:chatId/messages': sent(theirs).map((one) => ({ ...one, path: inChat })),
    'POST /v1/chats/message_acks': [
      {
        at: 'body.messageKeys',
        body: { messageKeys: [messageKey] },
        told: { status: 200, body: { data: [{ key: messageKey, ack: null, found: false }] } },
      },
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

/** Where the noun's usual thing would not do for its owner either. */
const PARTICULAR = (things: Things): Record<string, string> => ({ 'GET /v2/channels/:id/qr': things.webChannel })

/** People in a path are nobody's. */
const withPerson = (url: string) => url.replace(':participant', PERSON).replace(':chatId', PERSON)

/** ':id' of a noun, and what else the route is known to take. */
function casesOf(route: Route, theirThings: Things, ourThings: Things): Case[] {
  const id = PARTICULAR(theirThings)[nameOf(route)] ?? NOUNS(theirThings)[nounOf(route.url)]
  const byPath =
    route.url.includes('/:id') && id !== undefined
      ? [{ at: 'path.id', path: withPerson(route.url).replace(':id', id).replace(':occurrence', OCCURRENCE), body: BODIES[nameOf(route)] }]
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

const LISTS = {
  '/v2': ['messages', 'conversations', 'contacts', 'audiences', 'campaigns', 'groups', 'newsletters', 'webhooks', 'deliveries'],
  '/v1': ['chats', 'contacts', 'scheduled-messages', 'messages', 'audiences', 'campaigns', 'groups', 'newsletters', 'webhooks'],
}

/** Operations of Blueticks that name nothing which somebody could own: the caller's account, a new thing, people, the web. */
const NAMES_NOTHING = [
  ...['GET /v1/ping', 'GET /v1/account', 'GET /v1/engines', 'GET /v1/engines/me', 'POST /v1/engines/logout', 'POST /v1/engines/reload'],
  ...['POST /v1/audiences', 'POST /v1/groups', 'POST /v1/newsletters', 'POST /v1/webhooks', 'POST /messages'],
  ...['POST /v1/chats/:chatId/open', 'GET /v1/contacts/:chatId/profile_picture'],
  ...['POST /v1/utils/validate_phone', 'GET /v1/utils/link_preview'],
]
/** And those that show a stranger nothing beside the plain lists. */
const SHOWS_NOTHING = ['GET /v1/latest-chats', 'GET /v1/contacts/:chatId/common_groups']

test('every operation of Blueticks has a foreign case: an id, a list, or nothing that one could name', () => {
  const blueticks = walked().filter(({ url }) => /^\/(v1|messages)(\/|$)/.test(url))
  const lists = LISTS['/v1'].map((noun) => `GET /v1/${noun}`)
  const open = blueticks
    .filter((route) => casesOf(route, foreign, own).length === 0)
    .map(nameOf)
    .filter((name) => !lists.includes(name) && !SHOWS_NOTHING.includes(name))
  expect([...new Set(open)].sort()).toEqual(NAMES_NOTHING.toSorted())
  expect(new Set(blueticks.map(nameOf)).size).toBe(81)
})

test('a list shows nothing of another workspace', async () => {
  const stranger = await doors.tenant()
  for (const path of LISTS['/v2'].map((noun) => `/v2/${noun}`))
    expect({ path, ...((await doors.ask({ path, key: stranger.key })).body as object) }).toEqual({ path, data: [], nextCursor: null })
  for (const path of [
    ...LISTS['/v1'].map((noun) => `/v1/${noun}`),
    '/v1/messages?chatId=14155550123@c.us',
    '/v1/contacts/14155550123@c.us/common_groups',
  ])
    expect({ path, ...((await doors.ask({ path, key: stranger.key })).body as object) }).toMatchObject({ path, data: [] })
  expect((await doors.ask({ path: '/v1/latest-chats', key: stranger.key })).body).toMatchObject({ chats: [], totalChats: 0 })
  expect((await doors.ask({ path: '/v2/simulator/phones', key: stranger.key })).body).toEqual({ data: [] })
  expect((await doors.ask({ path: '/v2/simulator/faults', key: stranger.key })).body).toEqual({ data: [] })
})
