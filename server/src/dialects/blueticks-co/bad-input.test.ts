import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { text as readText } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAudience } from '#core/audiences'
import { sendMessage } from '#core/messages'
import { createEndpoint } from '#core/webhooks'
import { type TestDatabase, testDatabase } from '#test/database'
import { type Asked, countRows, type Doors, openDoors, type Tenant } from '#test/doors/doors'
import { showId } from './ids.wire.ts'

/** What every case may need: our own things, somebody else's, and keys that do not suffice. */
type World = {
  mine: Tenant
  free: Tenant
  ids: Record<Thing, string>
  foreign: Record<Thing, string>
  keys: Record<'reader' | 'writer' | 'revoked', string>
}
type Thing = 'message' | 'webhook' | 'canonical' | 'audience'
type Case = [name: string, status: number, code: string, ask: (world: World) => Asked, path?: string]

let database: TestDatabase
let doors: Doors
let world: World

const to = '+14155551234'
const DAY = 86_400_000

beforeAll(async () => {
  database = await testDatabase({ own: true })
  doors = await openDoors(database)
  const [mine, theirs, free] = [await doors.tenant(), await doors.tenant(), await doors.tenant({ plan: 'free' })]
  const revoked = await mine.makeKey(['*'])
  const listed = await doors.ask({ path: '/v2/api-keys', key: mine.key })
  const id = (listed.body as { data: { id: string; lastFour: string }[] }).data.find(({ lastFour }) => revoked.endsWith(lastFour))?.id
  await doors.ask({ method: 'DELETE', path: `/v2/api-keys/${id}`, key: mine.key })
  const keys = { revoked, reader: await mine.makeKey(['messages:read']), writer: await mine.makeKey(['messages:write']) }
  world = { mine, free, keys, ids: await thingsOf(mine), foreign: await thingsOf(theirs) }
  await doors.ask({ path: '/v1/scheduled-messages', key: mine.key, headers: { 'idempotency-key': 'used' }, body: { to, text: 'first' } })
  await doors.ask({ path: '/v1/scheduled-messages', key: free.key, body: { to, text: 'one may wait', sendAt: at(1) } })
})
afterAll(async () => {
  await doors.close()
  await database.close()
})

async function thingsOf({ ctx }: Tenant): Promise<Record<Thing, string>> {
  const { message } = await sendMessage(ctx, { to, content: { type: 'text', text: 'there' }, sendAt: new Date(Date.now() + DAY) })
  const ours = await createEndpoint(ctx, { url: 'https://example.com/hook', events: ['message.read'], style: 'blueticks-co' })
  const canonical = await createEndpoint(ctx, { url: 'https://example.com/hook', events: ['*'] })
  const audience = await createAudience(ctx, { name: 'there', members: [{ to }] })
  return {
    message: showId('msg', message.id),
    webhook: showId('wh', ours.endpoint.id),
    canonical: showId('wh', canonical.endpoint.id),
    audience: showId('aud', audience.id),
  }
}

const at = (days: number) => new Date(Date.now() + days * DAY).toISOString()
const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString()
const json = { 'content-type': 'application/json' }
const post =
  (body: unknown, headers: Record<string, string> = {}) =>
  ({ mine }: World): Asked => ({ path: '/v1/scheduled-messages', key: mine.key, body, headers })
const raw =
  (body: string, headers: Record<string, string> = json) =>
  ({ mine }: World): Asked => ({ path: '/v1/scheduled-messages', key: mine.key, raw: body, headers })
const postTo =
  (path: string, body: unknown) =>
  ({ mine }: World): Asked => ({ path, key: mine.key, body })
const get =
  (path: string) =>
  ({ mine }: World): Asked => ({ path, key: mine.key })
const one =
  (method: string, thing: Thing, body?: unknown) =>
  ({ mine, ids }: World): Asked => ({ method, path: pathOf(thing, ids[thing]), key: mine.key, ...(body !== undefined && { body }) })
const foreign =
  (method: string, thing: Thing, body?: unknown) =>
  ({ mine, foreign: others }: World): Asked => ({
    method,
    path: pathOf(thing, others[thing]),
    key: mine.key,
    ...(body !== undefined && { body }),
  })
const withAudience =
  (body: Record<string, unknown>) =>
  ({ mine, ids }: World): Asked => ({ path: '/v1/campaigns', key: mine.key, body: { audienceId: ids.audience, ...body } })
const FOLDERS = { message: 'scheduled-messages', webhook: 'webhooks', canonical: 'webhooks', audience: 'audiences' } as const
const pathOf = (thing: Thing, id: string) => `/v1/${FOLDERS[thing]}/${id}`
const text = (length: number) => 'x'.repeat(length)
const form = (fields: Record<string, string>, file?: { name: string; bytes: string }) => {
  const boundary = 'border'
  const parts = Object.entries(fields).map(
    ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  )
  if (file)
    parts.push(
      `--${boundary}\r\nContent-Disposition: form-data; name="${file.name}"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n${file.bytes}\r\n`,
    )
  return { raw: `${parts.join('')}--${boundary}--\r\n`, headers: { 'content-type': `multipart/form-data; boundary=${boundary}` } }
}
const upload =
  (path: string, ...content: Parameters<typeof form>) =>
  ({ mine }: World): Asked => ({ path, key: mine.key, ...form(...content) })

const BAD = 'invalid_request'
const CASES: Case[] = [
  // who asks
  ['no key', 401, 'authentication_required', () => ({ path: '/v1/ping' })],
  ['no key and nonsense as body', 401, 'authentication_required', () => ({ path: '/v1/scheduled-messages', raw: '{', headers: json })],
  ['an unknown key', 401, 'authentication_required', () => ({ path: '/v1/ping', key: `bt_live_${text(32)}` })],
  ['a revoked key', 401, 'authentication_required', ({ keys }) => ({ path: '/v1/ping', key: keys.revoked })],
  ['a key in the query', 401, 'authentication_required', ({ mine }) => ({ path: `/v1/ping?apiKey=${mine.key}` })],
  ['reading with a key that may only write', 403, 'permission_denied', ({ keys }) => ({ path: '/v1/webhooks', key: keys.writer })],
  [
    'sending with a key that may only read',
    403,
    'permission_denied',
    ({ keys }) => ({ path: '/v1/scheduled-messages', key: keys.reader, body: { to, text: 'x' } }),
  ],
  ['chats with a key for messages', 403, 'permission_denied', ({ keys }) => ({ path: '/v1/messages', key: keys.reader })],
  // the body as such
  ['no JSON', 400, BAD, raw('{"to":')],
  ['an empty body', 400, BAD, raw('')],
  ['a list', 400, BAD, raw('[]')],
  ['a form', 415, BAD, raw('to=1', { 'content-type': 'application/x-www-form-urlencoded' })],
  [
    'text without a type',
    415,
    BAD,
    ({ mine }) => ({ path: '/v1/webhooks', key: mine.key, raw: '{}', headers: { 'content-type': 'text/plain' } }),
  ],
  ['U+0000', 400, BAD, post({ to, text: 'a\0b' })],
  ['over 1 MiB where no file is taken', 413, BAD, postTo('/v1/webhooks', { url: text(1_100_000) })],
  // fields
  ['an unknown field', 400, BAD, post({ to, text: 'x', priority: 1 }), ''],
  ['an unknown field within', 400, BAD, post({ to, media: { url: 'https://e.com/a', size: 1 } }), 'media'],
  ['both spellings that differ', 400, BAD, post({ to, text: 'x', send_at: at(1), sendAt: at(2) }), 'sendAt'],
  ['no recipient', 400, BAD, post({ text: 'x' }), 'to'],
  ['a recipient of the wrong type', 400, BAD, post({ to: 14155551234, text: 'x' }), 'to'],
  ['a phone without its plus', 400, BAD, post({ to: '14155551234', text: 'x' }), 'to'],
  ['a phone too short', 400, BAD, post({ to: '+1', text: 'x' }), 'to'],
  ['a phone too long', 400, BAD, post({ to: '+1234567890123456', text: 'x' }), 'to'],
  ['a chat that cannot be sent to', 400, BAD, post({ to: '1234567@broadcast', text: 'x' }), 'to'],
  ['a bad phone in the path', 400, BAD, postTo('/v1/scheduled-messages/call-me', { text: 'x' }), 'chatId'],
  [
    'another recipient in the body than in the path',
    400,
    BAD,
    postTo('/v1/scheduled-messages/%2B14155551234', { to: '+14155559999', text: 'x' }),
    'to',
  ],
  ['an unknown type', 400, BAD, post({ to, type: 'smell' }), 'type'],
  ['text without words', 400, BAD, post({ to, type: 'text' }), 'text'],
  ['words of the wrong type', 400, BAD, post({ to, text: { a: 1 } }), 'text'],
  ['empty words', 400, BAD, post({ to, text: '' }), 'text'],
  ['words too long', 400, BAD, post({ to, text: text(4097) }), 'text'],
  ['a file that is not there', 400, BAD, post({ to, type: 'media' }), 'mediaUrl'],
  ['a file that is no URL', 400, BAD, post({ to, mediaUrl: 'nowhere' }), 'mediaUrl'],
  ['a file on a private address', 400, BAD, post({ to, mediaUrl: 'https://10.0.0.1/a.png' }), 'mediaUrl'],
  ['a file at nobody', 400, BAD, post({ to, mediaUrl: 'http://127.0.0.1:9/a.png' }), 'mediaUrl'],
  ['a file that is not base64', 400, BAD, post({ to, type: 'media', mediaBase64: '***' }), 'mediaBase64'],
  ['a file too large as base64', 400, BAD, post({ to, type: 'media', mediaBase64: text(15_728_641) }), 'mediaBase64'],
  ['a sound with a caption', 400, BAD, post({ to, type: 'media', mediaBase64: 'SUQzBAAAAAAAAA==', mediaKind: 'audio', text: 'x' }), 'text'],
  [
    'a sticker that is too large',
    413,
    BAD,
    post({ to, type: 'media', mediaBase64: Buffer.alloc(600_000, 1).toString('base64'), mediaKind: 'sticker' }),
  ],
  ['a kind of file that is none', 400, BAD, post({ to, mediaUrl: 'https://e.com/a', mediaKind: 'smell' }), 'mediaKind'],
  ['a poll of one option', 400, BAD, post({ to, type: 'poll', pollQuestion: 'q', pollOptions: ['a'] }), 'pollOptions'],
  ['a poll with the same option twice', 400, BAD, post({ to, type: 'poll', pollQuestion: 'q', pollOptions: ['a', 'a'] }), 'pollOptions'],
  ['a poll without a question', 400, BAD, post({ to, type: 'poll', pollOptions: ['a', 'b'] }), 'pollQuestion'],
  ['too early', 400, BAD, (w) => post({ to, text: 'x', sendAt: inSeconds(5) })(w), 'sendAt'],
  ['in the past', 400, BAD, post({ to, text: 'x', send_at: '2024-01-01T00:00:00Z' }), 'sendAt'],
  ['too late', 400, BAD, post({ to, text: 'x', sendAt: at(366) }), 'sendAt'],
  ['too early, with a file', 400, BAD, (w) => post({ to, mediaBase64: 'aGVsbG8=', sendAt: inSeconds(5) })(w), 'sendAt'],
  ['a time without a zone', 400, BAD, post({ to, text: 'x', sendAt: '2031-01-01T00:00:00' }), 'sendAt'],
  ['a time that is none', 400, BAD, post({ to, text: 'x', sendAt: 1_900_000_000 }), 'sendAt'],
  ['a tag too long', 400, BAD, post({ to, text: 'x', secret: text(257) }), 'secret'],
  ['an answer to nothing', 404, 'not_found', post({ to, text: 'x', replyTo: 'true_14155551234@c.us_3EB0NONE' }), 'replyTo'],
  ['an answer to no key', 400, BAD, post({ to, text: 'x', replyTo: 'yesterday' }), 'replyTo'],
  ['a sender that is no number', 400, BAD, post({ to, text: 'x', from: 'me' }), 'from'],
  ['a sender that is not linked', 422, 'from_not_linked', post({ to, text: 'x', from: '+4915112345678' })],
  ['a group on a road without groups', 422, BAD, post({ to: '120363041234567890@g.us', text: 'x' })],
  ['a time on a direct send', 400, BAD, postTo('/v1/messages/%2B14155551234', { text: 'x', sendAt: at(1) }), ''],
  ['too much typing', 400, BAD, postTo('/v1/messages/%2B14155551234', { text: 'x', typingSeconds: 26 }), 'typingSeconds'],
  // one key, two bodies
  ['a key used with another body', 409, 'idempotency_key_conflict', post({ to, text: 'second' }, { 'idempotency-key': 'used' })],
  ['a key too long', 400, BAD, post({ to, text: 'x' }, { 'idempotency-key': text(65) }), 'Idempotency-Key'],
  // what the plan allows
  [
    'a second message that waits',
    403,
    'permission_denied',
    ({ free }) => ({ path: '/v1/scheduled-messages', key: free.key, body: { to, text: 'x', sendAt: at(2) } }),
    'sendAt',
  ],
  [
    'words that leave the footer no room',
    400,
    BAD,
    ({ free }) => ({ path: '/v1/scheduled-messages', key: free.key, body: { to, text: text(4096) } }),
    'text',
  ],
  // forms
  [
    'a form with a file of another name',
    400,
    BAD,
    upload('/v1/messages/%2B14155551234', { type: 'media' }, { name: 'avatar', bytes: 'x' }),
    'avatar',
  ],
  ['a form that says nothing', 400, BAD, upload('/v1/scheduled-messages/%2B14155551234', {}), 'text'],
  ['a form with a field too many', 400, BAD, upload('/v1/scheduled-messages/%2B14155551234', { text: 'x', colour: 'red' }), ''],
  ['a form with a field twice as long as any', 413, BAD, upload('/v1/scheduled-messages/%2B14155551234', { text: text(70_000) }), 'text'],
  ['a form where none is taken', 400, BAD, upload('/v1/webhooks', { url: 'https://example.com' })],
  [
    'a form broken off',
    400,
    BAD,
    ({ mine }) => ({
      path: '/v1/messages/%2B14155551234',
      key: mine.key,
      raw: '--border\r\nContent-Disposition: form-data; name="text"\r\n\r\nx',
      headers: { 'content-type': 'multipart/form-data; boundary=border' },
    }),
  ],
  // things that are not there
  ['an unknown message', 404, 'not_found', get('/v1/scheduled-messages/663f0c1de1b2a30012345678')],
  ["somebody else's message", 404, 'not_found', foreign('GET', 'message')],
  ["editing somebody else's message", 404, 'not_found', foreign('PATCH', 'message', { text: 'x' })],
  ["deleting somebody else's message", 404, 'not_found', foreign('DELETE', 'message')],
  ['an edit of nothing', 400, BAD, one('PATCH', 'message', {})],
  ['an edit of the recipient', 400, BAD, one('PATCH', 'message', { to }), ''],
  ['an edit to too early', 400, BAD, (w) => one('PATCH', 'message', { sendAt: inSeconds(3) })(w), 'sendAt'],
  ['an edit to half a poll', 400, BAD, one('PATCH', 'message', { type: 'poll', pollQuestion: 'q' }), 'pollOptions'],
  ['an edit to a text and a file', 400, BAD, one('PATCH', 'message', { text: 'x', mediaUrl: 'https://e.com/a' }), 'mediaUrl'],
  ['a message of no key', 400, BAD, get('/v1/messages/3EB0ABC'), 'waMessageKey'],
  ['a message of an unknown key', 404, 'not_found', get('/v1/messages/true_14155551234%40c.us_3EB0ABC')],
  ['a file of an unknown key', 404, 'not_found', get('/v1/messages/media/true_14155551234%40c.us_3EB0ABC')],
  ['a key with U+0000', 400, BAD, get('/v1/messages/true_1%40c.us_%00')],
  ['an unknown path', 404, 'not_found', get('/v1/campaigns-of-tomorrow')],
  ['a broken path', 400, BAD, get('/v1/messages/%zz')],
  ['a method that is none', 404, 'not_found', one('PUT', 'message', { text: 'x' })],
  // lists
  ['a page of none', 400, BAD, get('/v1/scheduled-messages?limit=0'), 'limit'],
  ['a page too large', 400, BAD, get('/v1/scheduled-messages?limit=201'), 'limit'],
  ['a page of words', 400, BAD, get('/v1/messages?limit=many'), 'limit'],
  ['fewer than none left out', 400, BAD, get('/v1/webhooks?skip=-1'), 'skip'],
  ['a cursor that is none', 400, BAD, get('/v1/scheduled-messages?cursor=nonsense'), 'cursor'],
  ["somebody's else's kind of cursor", 400, BAD, get(`/v1/messages?cursor=${Buffer.from('{"a":1}').toString('base64url')}`), 'cursor'],
  ['an order that is none', 400, BAD, get('/v1/scheduled-messages?order=random'), 'order'],
  ['a status that is none', 400, BAD, get('/v1/scheduled-messages?status=lost'), 'status'],
  ['a chat that is none', 400, BAD, get('/v1/messages?chatId=me'), 'chatId'],
  ['a kind of message that is none', 400, BAD, get('/v1/messages?messageTypes=chat,smell'), 'messageTypes.1'],
  // receipts
  ['receipts of nothing', 400, BAD, postTo('/v1/messages/acks', { messageKeys: [] }), 'messageKeys'],
  [
    'receipts of too many',
    400,
    BAD,
    postTo('/v1/messages/acks', { messageKeys: Array.from({ length: 201 }, () => 'true_1@c.us_A') }),
    'messageKeys',
  ],
  ['receipts of a bare id without its chat', 400, BAD, postTo('/v1/messages/acks', { messageKeys: ['3EB0'] }), 'waMessageKey'],
  // webhooks
  ['a webhook without events', 400, BAD, postTo('/v1/webhooks', { url: 'https://example.com', events: [] }), 'events'],
  [
    'a webhook for an event that is none',
    400,
    BAD,
    postTo('/v1/webhooks', { url: 'https://example.com', events: ['message.sent'] }),
    'events.0',
  ],
  ['a webhook at no URL', 400, BAD, postTo('/v1/webhooks', { url: 'example', events: ['message.read'] }), 'url'],
  ['a webhook within the house', 400, BAD, postTo('/v1/webhooks', { url: 'https://169.254.169.254/', events: ['message.read'] }), 'url'],
  [
    'a webhook described at length',
    400,
    BAD,
    postTo('/v1/webhooks', { url: 'https://example.com', events: ['message.read'], description: text(121) }),
    'description',
  ],
  ['a webhook that is half on', 400, BAD, one('PATCH', 'webhook', { status: 'paused' }), 'status'],
  ["somebody else's webhook", 404, 'not_found', foreign('GET', 'webhook')],
  ["changing somebody else's webhook", 404, 'not_found', foreign('PATCH', 'webhook', { status: 'disabled' })],
  ["deleting somebody else's webhook", 404, 'not_found', foreign('DELETE', 'webhook')],
  ['a webhook of another door', 404, 'not_found', one('DELETE', 'canonical')],
  [
    "rotating somebody else's secret",
    404,
    'not_found',
    ({ mine, foreign: others }) => ({ method: 'POST', path: `${pathOf('webhook', others.webhook)}/rotate-secret`, key: mine.key }),
  ],
  [
    "somebody else's message by its stored id",
    404,
    'not_found',
    ({ mine, foreign: others }) => ({ path: `/v1/messages/${others.message}`, key: mine.key }),
  ],
  [
    "an answer to somebody else's message",
    404,
    'not_found',
    ({ mine, foreign: others }) => ({ path: '/v1/scheduled-messages', key: mine.key, body: { to, text: 'x', replyTo: others.message } }),
    'replyTo',
  ],
  // audiences
  ['an audience without a name', 400, BAD, postTo('/v1/audiences', { contacts: [{ to }] }), 'name'],
  ['an audience with a long name', 400, BAD, postTo('/v1/audiences', { name: text(121) }), 'name'],
  ['an audience that is made of members', 400, BAD, postTo('/v1/audiences', { name: 'x', members: [{ to }] })],
  ['an audience of 1,001 at once', 400, BAD, postTo('/v1/audiences', { name: 'x', contacts: Array(1_001).fill({ to }) }), 'contacts'],
  ['a contact without a phone', 400, BAD, postTo('/v1/audiences', { name: 'x', contacts: [{ to }, { to: 'Ana' }] }), 'contacts.1.to'],
  [
    'a contact with a number for a variable',
    400,
    BAD,
    postTo('/v1/audiences', { name: 'x', contacts: [{ to, variables: { age: 42 } }] }),
    'contacts.0.variables.age',
  ],
  [
    'a contact with too much to say',
    400,
    BAD,
    postTo('/v1/audiences', { name: 'x', contacts: [{ to, variables: { a: text(1_025) } }] }),
    'contacts.0.variables.a',
  ],
  [
    'page none of an audience',
    400,
    BAD,
    ({ mine, ids }) => ({ path: `${pathOf('audience', ids.audience)}?page=0`, key: mine.key }),
    'page',
  ],
  ['an audience without its new name', 400, BAD, one('PATCH', 'audience', {}), 'name'],
  [
    'adding nobody',
    400,
    BAD,
    ({ mine, ids }) => ({ path: `${pathOf('audience', ids.audience)}/contacts`, key: mine.key, body: { contacts: [] } }),
    'contacts',
  ],
  [
    'a contact who is not in it',
    404,
    'not_found',
    ({ mine, ids }) => ({ method: 'DELETE', path: `${pathOf('audience', ids.audience)}/contacts/mem_1`, key: mine.key }),
  ],
  ["somebody else's audience", 404, 'not_found', foreign('GET', 'audience')],
  ["renaming somebody else's audience", 404, 'not_found', foreign('PATCH', 'audience', { name: 'x' })],
  ["deleting somebody else's audience", 404, 'not_found', foreign('DELETE', 'audience')],
  [
    'making an audience with a key for messages',
    403,
    'permission_denied',
    ({ keys }) => ({ path: '/v1/audiences', key: keys.writer, body: { name: 'x' } }),
  ],
  // campaigns
  ['a campaign to no audience', 400, BAD, postTo('/v1/campaigns', { name: 'x', text: 'x' }), 'audienceId'],
  ['a campaign to nobody knows whom', 404, 'not_found', postTo('/v1/campaigns', { name: 'x', text: 'x', audienceId: 'aud_1' })],
  ['a campaign that says nothing', 400, BAD, withAudience({ name: 'x' }), 'text'],
  ['a campaign with a caption of nothing', 400, BAD, withAudience({ name: 'x', text: 'x', mediaCaption: 'y' }), 'mediaCaption'],
  [
    'a campaign with a long caption',
    400,
    BAD,
    withAudience({ name: 'x', mediaUrl: 'https://example.com/a.png', mediaCaption: text(1_025) }),
    'mediaCaption',
  ],
  ['a campaign with a long name', 400, BAD, withAudience({ name: text(121), text: 'x' }), 'name'],
  [
    'a campaign with a policy that is none',
    400,
    BAD,
    withAudience({ name: 'x', text: 'x', onMissingVariable: 'leaveToken' }),
    'onMissingVariable',
  ],
  ['a campaign with a time', 400, BAD, withAudience({ name: 'x', text: 'x', sendAt: at(1) })],
  ['a campaign whose words somebody lacks', 400, BAD, withAudience({ name: 'x', text: 'Hello {firstName}' })],
  [
    "a campaign to somebody else's audience",
    404,
    'not_found',
    ({ mine, foreign: others }) => ({ path: '/v1/campaigns', key: mine.key, body: { name: 'x', text: 'x', audienceId: others.audience } }),
  ],
  ['a campaign that is not there', 404, 'not_found', get('/v1/campaigns/cmp_1')],
  ['pausing a campaign that is not there', 404, 'not_found', postTo('/v1/campaigns/cmp_1/pause', undefined)],
  [
    'making a campaign with a key for messages',
    403,
    'permission_denied',
    ({ keys, ids }) => ({ path: '/v1/campaigns', key: keys.writer, body: { name: 'x', text: 'x', audienceId: ids.audience } }),
  ],
  // the first API
  ['first API: no key', 401, 'authentication_required', () => ({ path: '/messages', body: { to, message: 'x' } })],
  ['first API: a wrong key', 401, 'authentication_required', () => ({ path: '/messages', body: { apiKey: text(32), to, message: 'x' } })],
  [
    'first API: two different keys',
    401,
    'authentication_required',
    ({ mine }) => ({ path: '/messages', key: mine.key, body: { apiKey: text(32), to, message: 'x' } }),
  ],
  ['first API: no words', 400, BAD, ({ mine }) => ({ path: '/messages', body: { apiKey: mine.key, to } }), 'message'],
  ['first API: a bad phone', 400, BAD, postTo('/messages', { to: 'me', message: 'x' }), 'to'],
  ['first API: a bad date', 400, BAD, postTo('/messages', { to, message: 'x', dueDate: 'soon' }), 'dueDate'],
  ['first API: too late', 400, BAD, postTo('/messages', { to, message: 'x', dueDate: at(366) }), 'dueDate'],
  [
    'first API: a callback within the house',
    400,
    BAD,
    postTo('/messages', { to, message: 'x', callbackUrl: 'https://192.168.0.1/' }),
    'callbackUrl',
  ],
  ['first API: a file at nobody', 400, BAD, postTo('/messages', { to, message: 'x', fileUrl: 'http://127.0.0.1:9/a' }), 'mediaUrl'],
  ['first API: another method', 404, 'not_found', get('/messages')],
]

test.each(CASES)('%s: %i %s', async (_, status, code, ask, path) => {
  const before = await countRows(database)
  const told = await doors.ask(ask(world))
  expect({ status: told.status, body: told.body }).toMatchObject({ status, body: { success: false, error: { code } } })
  const { error } = told.body as { error: { requestId: string; request_id: string; message: string; details?: { path: string }[] } }
  expect(told.headers.get('x-request-id')).toMatch(/^req_[0-9a-f]{32}$/)
  expect([error.requestId, error.request_id]).toEqual([told.headers.get('x-request-id'), told.headers.get('x-request-id')])
  expect(error.message).toMatch(/\w/)
  if (path !== undefined) expect(error.details?.map((detail) => detail.path)).toContain(path)
  expect(await countRows(database)).toEqual(before)
})

test('a body over 24 MiB is refused before it is read', async () => {
  const before = await countRows(database)
  // fetch would still be writing when the answer is there: the head alone says how long the body is
  const asked = request(`${doors.url}/v1/scheduled-messages`, {
    method: 'POST',
    headers: { authorization: `Bearer ${world.mine.key}`, ...json, 'content-length': 24 * 1024 * 1024 + 1 },
  })
  asked.on('error', () => undefined) // we break it off ourselves
  asked.flushHeaders()
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  const { error } = JSON.parse(await readText(answer))
  asked.destroy()
  expect([answer.statusCode, error.code, error.requestId]).toEqual([413, BAD, answer.headers['x-request-id']])
  expect(await countRows(database)).toEqual(before)
})

test('a refused body leaves its Idempotency-Key free', async () => {
  const headers = { 'idempotency-key': 'try-again' }
  const ask = (body: object) => doors.ask({ path: '/v1/scheduled-messages', key: world.mine.key, body, headers })
  expect((await ask({ to, text: '' })).status).toBe(400)
  expect((await ask({ to, text: 'x' })).status).toBe(201)
})

test('no key of any request stands in the log', () => {
  const log = doors.log()
  expect(log).toContain('/v1/ping')
  for (const secret of [world.mine.key, world.keys.reader, world.keys.revoked, text(32)]) expect(log).not.toContain(secret)
})
