import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAudience, listMembers } from '#core/audiences'
import { createChannel } from '#core/channels'
import { createContact } from '#core/contacts'
import { createGroup } from '#core/groups'
import { sendMessage } from '#core/messages'
import { createEndpoint } from '#core/webhooks'
import { typeId } from '#kit/ids'
import { type TestDatabase, testDatabase } from '../database.ts'
import { type Asked, countRows, type Doors, openDoors, type Tenant } from './doors.ts'

/** What every case may need: our own things, somebody else's, and keys that do not suffice. */
type World = {
  mine: Tenant
  theirs: Tenant
  keys: Record<'revoked' | 'reader' | 'channelReader' | 'live', string>
  ids: Record<string, string>
  foreign: Record<string, string>
}
type Case = { name: string; ask(world: World): Asked; status: number; code: string; path?: string; headers?: Record<string, string> }

let database: TestDatabase
let doors: Doors
let world: World

beforeAll(async () => {
  database = await testDatabase({ own: true })
  doors = await openDoors(database)
  const mine = await doors.tenant()
  const theirs = await doors.tenant()
  const live = await doors.tenant({ environment: 'live' })
  const revoked = await mine.makeKey(['*'])
  const keys = {
    revoked,
    reader: await mine.makeKey(['messages:read']),
    channelReader: await mine.makeKey(['channels:read']),
    live: live.key,
  }
  world = { mine, theirs, keys, ids: await thingsOf(mine), foreign: await thingsOf(theirs) }
  const listed = await doors.ask({ path: '/v2/api-keys', key: mine.key })
  const { data } = listed.body as { data: { id: string; lastFour: string }[] }
  const id = data.find(({ lastFour }) => revoked.endsWith(lastFour))?.id
  await doors.ask({ method: 'DELETE', path: `/v2/api-keys/${id}`, key: mine.key })
  await send({ key: mine.key, headers: { 'idempotency-key': 'used' }, body: { to, text: 'first' } })
  await doors.ask({ path: '/v2/contacts', key: mine.key, headers: { 'idempotency-key': 'contact-used' }, body: { phone: '+14155550177' } })
})
afterAll(async () => {
  await doors.close()
  await database.close()
})

async function thingsOf({ ctx, own }: Tenant): Promise<Record<string, string>> {
  const { message } = await sendMessage(ctx, { to, content: { type: 'text', text: 'there' }, sendAt: new Date(Date.now() + 86_400_000) })
  const contact = await createContact(ctx, { phone: '+14155550188' })
  const { endpoint } = await createEndpoint(ctx, { url: 'https://example.com/hook', events: ['*'] })
  const audience = await createAudience(ctx, { name: 'there', members: [{ to }, { to: '+14155550124' }] })
  const [member] = (await listMembers(ctx, { audienceId: audience.id })).rows
  const { group } = await createGroup(ctx, { name: 'there', participants: [to] })
  // such a number belongs to a live workspace; what is asked here is only how it is linked
  const web = await createChannel({ ...ctx, actor: { ...ctx.actor, environment: 'live' } }, { kind: 'web', name: 'Shop' })
  return {
    group: typeId('grp', group.id),
    audience: typeId('aud', audience.id),
    member: typeId('mem', member?.id ?? ''),
    message: typeId('msg', message.id),
    conversation: typeId('cnv', message.conversationId),
    contact: typeId('con', contact.id),
    endpoint: typeId('whk', endpoint.id),
    channel: typeId('cha', own.id),
    web: typeId('cha', web.id),
  }
}

const to = '+14155550123'
const text = 'Hello'
const json = { 'content-type': 'application/json' }
const send = (more: Partial<Asked>) => doors.ask({ path: '/v2/messages', ...more })
const post =
  (body: unknown, more: Partial<Asked> = {}) =>
  ({ mine }: World): Asked => ({ path: '/v2/messages', key: mine.key, body, ...more })
const raw =
  (body: string, headers: Record<string, string> = json) =>
  ({ mine }: World): Asked => ({ path: '/v2/messages', key: mine.key, raw: body, headers })
const form =
  (body: string) =>
  ({ mine }: World): Asked => ({
    path: '/v2/media',
    key: mine.key,
    raw: body,
    headers: { 'content-type': 'multipart/form-data; boundary=x' },
  })
const get =
  (path: string) =>
  ({ mine }: World): Asked => ({ path, key: mine.key })
const at = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString()
const nested = (depth: number) => `{"to":"${to}","text":"x","metadata":{"a":${'['.repeat(depth)}${']'.repeat(depth)}}}`

/** Bodies of campaigns that are none: what, beside the name, and where it is told. */
const CAMPAIGNS: readonly [name: string, body: Record<string, unknown>, path?: string][] = [
  ['a campaign to nobody', { text }, 'audienceId'],
  ['a campaign to an empty list', { text, recipients: [] }, 'recipients'],
  ['a campaign to 1,001 at once', { text, recipients: Array.from({ length: 1_001 }, () => ({ to })) }, 'recipients'],
  ['a campaign to one wrong phone', { text, recipients: [{ to }, { to: 'call me' }] }, 'recipients.1.to'],
  ['a campaign without words', { recipients: [{ to }] }, 'content'],
  ['a campaign with two contents', { text, content: { type: 'text', text }, recipients: [{ to }] }, 'content'],
  ['a campaign with too long a text', { text: text.repeat(900), recipients: [{ to }] }],
  ['a campaign for nobody knows whose clock', { text, recipients: [{ to }], zone: 'moon' }, 'zone'],
  ['a campaign in over a year', { text, recipients: [{ to }], startAt: at(366) }, 'startAt'],
  ['a campaign that ends before it begins', { text, recipients: [{ to }], startAt: at(2), sendUntil: at(1) }, 'sendUntil'],
  ['a campaign that has ended', { text, recipients: [{ to }], sendUntil: at(-1) }, 'sendUntil'],
  ['quiet hours of no time', { text, recipients: [{ to }], quietHours: { from: '25:00', to: '08:00' } }, 'quietHours.from'],
  ['quiet hours all day long', { text, recipients: [{ to }], quietHours: { from: '08:00', to: '08:00' } }, 'quietHours'],
  ['a guard that never sleeps', { text, recipients: [{ to }], guard: { failurePercent: 0 } }, 'guard.failurePercent'],
  ['a word missing and a policy that is none', { text, recipients: [{ to }], onMissingVariable: 'skip' }, 'onMissingVariable'],
]

const EVERY_DAY = { rule: 'FREQ=DAILY', startsAt: '2031-02-03T09:00:00', timeZone: 'UTC', to, text }

/** Linking what cannot be linked, or by whom it cannot. */
function linkingCases(): Case[] {
  const pairing = (channel: (world: World) => string | undefined, key: (world: World) => string, body: unknown) => (world: World) => ({
    path: `/v2/channels/${channel(world)}/pairing-code`,
    key: key(world),
    body,
  })
  const mine = ({ ids }: World) => ids.channel
  const ours = ({ ids }: World) => ids.web
  const may = (world: World) => world.mine.key
  const mayNot = ({ keys }: World) => keys.reader
  const refused = { status: 422, code: 'invalid' }
  return [
    { name: 'letters for what no phone links', ask: pairing(mine, may, { phone: to }), status: 422, code: 'unsupported' },
    { name: 'letters for a phone that is none', ask: pairing(ours, may, { phone: 'call me' }), ...refused, path: 'phone' },
    { name: 'letters for nobody', ask: pairing(ours, may, {}), ...refused, path: 'phone' },
    { name: 'letters with more than a phone', ask: pairing(ours, may, { phone: to, letters: 'ABCDEFGH' }), ...refused },
    { name: 'letters by a key that may not', ask: pairing(ours, mayNot, { phone: to }), status: 403, code: 'forbidden' },
    {
      name: 'a QR for a key that only reads',
      ask: ({ keys, ids }) => ({ path: `/v2/channels/${ids.web}/qr`, key: keys.channelReader }),
      status: 403,
      code: 'forbidden',
    },
    {
      name: 'a QR of a simulated number',
      ask: ({ ids, ...world }) => ({ path: `/v2/channels/${ids.channel}/qr`, key: world.mine.key }),
      status: 422,
      code: 'unsupported',
    },
    {
      name: 'a simulated number linked again',
      ask: ({ ids, ...world }) => ({ method: 'POST', path: `/v2/channels/${ids.channel}/relink`, key: world.mine.key }),
      status: 422,
      code: 'unsupported',
    },
  ]
}

const CASES: Case[] = [
  // who asks
  { name: 'no key', ask: () => ({ path: '/v2/me' }), status: 401, code: 'unauthenticated', headers: { 'www-authenticate': 'Bearer' } },
  {
    name: 'not a Bearer',
    ask: ({ mine }) => ({ path: '/v2/me', headers: { authorization: `Basic ${mine.key}` } }),
    status: 401,
    code: 'unauthenticated',
  },
  { name: 'an unknown key', ask: () => ({ path: '/v2/me', key: `chq_test_${'a'.repeat(32)}` }), status: 401, code: 'unauthenticated' },
  { name: 'a key of no format', ask: () => ({ path: '/v2/me', key: 'x' }), status: 401, code: 'unauthenticated' },
  { name: 'a very long key', ask: () => ({ path: '/v2/me', key: 'k'.repeat(8_000) }), status: 401, code: 'unauthenticated' },
  {
    name: 'a revoked key',
    ask: ({ keys }) => ({ path: '/v2/messages', key: keys.revoked, body: { to, text } }),
    status: 401,
    code: 'unauthenticated',
  },
  {
    name: 'a key without the scope',
    ask: ({ keys }) => ({ path: '/v2/messages', key: keys.reader, body: { to, text } }),
    status: 403,
    code: 'forbidden',
  },
  {
    name: 'no key, and nonsense as body',
    ask: () => ({ path: '/v2/messages', raw: '{', headers: json }),
    status: 401,
    code: 'unauthenticated',
  },
  // the body as such
  { name: 'no JSON', ask: raw('{"to":'), status: 400, code: 'malformed' },
  { name: 'two JSON values', ask: raw('{}{}'), status: 400, code: 'malformed' },
  { name: 'a forbidden key in JSON', ask: raw(`{"to":"${to}","text":"x","__proto__":{"a":1}}`), status: 400, code: 'malformed' },
  { name: 'an empty body', ask: raw(''), status: 422, code: 'invalid' },
  { name: 'null', ask: raw('null'), status: 422, code: 'invalid' },
  { name: 'a list', ask: raw('[]'), status: 422, code: 'invalid' },
  { name: 'a number', ask: raw('42'), status: 422, code: 'invalid' },
  { name: 'a form', ask: raw('to=1', { 'content-type': 'application/x-www-form-urlencoded' }), status: 415, code: 'unsupported_media' },
  { name: 'plain text', ask: raw('hello', { 'content-type': 'text/plain' }), status: 415, code: 'unsupported_media' },
  { name: 'XML', ask: raw('<to/>', { 'content-type': 'application/xml' }), status: 415, code: 'unsupported_media' },
  { name: 'nested too deep', ask: raw(nested(80)), status: 422, code: 'invalid' },
  {
    name: 'a list too long',
    ask: raw(`{"to":"${to}","text":"x","metadata":{"a":[${'0,'.repeat(20_000)}0]}}`),
    status: 422,
    code: 'invalid',
  },
  { name: 'the character U+0000', ask: post({ to, text: 'a\0b' }), status: 422, code: 'invalid' },
  { name: 'half a surrogate pair', ask: raw(`{"to":"${to}","text":"\\ud83d"}`), status: 422, code: 'invalid' },
  {
    name: 'over 1 MiB',
    ask: ({ mine }) => ({ path: '/v2/contacts', key: mine.key, body: { phone: to, name: 'x'.repeat(1_100_000) } }),
    status: 413,
    code: 'too_large',
  },
  { name: 'over 24 MiB', ask: post({ to, text: 'x'.repeat(25_500_000) }), status: 413, code: 'too_large' },
  // the fields of a message
  { name: 'no recipient', ask: post({ text }), status: 422, code: 'invalid', path: 'to' },
  { name: 'a recipient of the wrong type', ask: post({ to: 14155550123, text }), status: 422, code: 'invalid', path: 'to' },
  { name: 'a phone that is none', ask: post({ to: 'call me', text }), status: 422, code: 'invalid', path: 'to' },
  { name: 'a phone too short', ask: post({ to: '+1', text }), status: 422, code: 'invalid', path: 'to' },
  { name: 'a JID of no kind', ask: post({ to: 'someone@example.com', text }), status: 422, code: 'invalid', path: 'to' },
  { name: 'nothing to say', ask: post({ to }), status: 422, code: 'invalid', path: 'content' },
  { name: 'text and content', ask: post({ to, text, content: { type: 'text', text } }), status: 422, code: 'invalid', path: 'content' },
  { name: 'an empty text', ask: post({ to, text: '' }), status: 422, code: 'invalid', path: 'content.text' },
  { name: 'a text too long', ask: post({ to, text: 'x'.repeat(4_097) }), status: 422, code: 'invalid', path: 'content.text' },
  {
    name: 'a caption too long',
    ask: post({
      to,
      content: { type: 'image', media: { id: typeId('med', '0192f3a4-5b6c-7d8e-9f00-112233445566') }, caption: 'x'.repeat(1_025) },
    }),
    status: 422,
    code: 'invalid',
    path: 'content.caption',
  },
  { name: 'content of no kind', ask: post({ to, content: { type: 'smell' } }), status: 422, code: 'invalid', path: 'content.type' },
  { name: 'an unknown field', ask: post({ to, text, colour: 'red' }), status: 422, code: 'invalid' },
  {
    name: 'an unknown field in the content',
    ask: post({ to, content: { type: 'text', text, colour: 'red' } }),
    status: 422,
    code: 'invalid',
    path: 'content',
  },
  { name: 'a time without a zone', ask: post({ to, text, sendAt: '2031-01-01T10:00:00' }), status: 422, code: 'invalid', path: 'sendAt' },
  { name: 'a time that is none', ask: post({ to, text, sendAt: 'tomorrow' }), status: 422, code: 'invalid', path: 'sendAt' },
  {
    name: 'a day that is not in the calendar',
    ask: post({ to, text, sendAt: '2031-02-30T10:00:00Z' }),
    status: 422,
    code: 'invalid',
    path: 'sendAt',
  },
  { name: 'later than 365 days', ask: post({ to, text, sendAt: at(366) }), status: 422, code: 'invalid', path: 'sendAt' },
  {
    name: 'expired before it may leave',
    ask: post({ to, text, sendAt: at(2), expiresAt: at(1) }),
    status: 422,
    code: 'invalid',
    path: 'expiresAt',
  },
  {
    name: 'a location off the globe',
    ask: post({ to, content: { type: 'location', latitude: 91, longitude: 0 } }),
    status: 422,
    code: 'invalid',
    path: 'content.latitude',
  },
  {
    name: 'a poll of one option',
    ask: post({ to, content: { type: 'poll', question: 'Yes?', options: ['yes'] } }),
    status: 422,
    code: 'invalid',
    path: 'content.options',
  },
  {
    name: 'a template on a channel without them',
    ask: post({ to, content: { type: 'template', name: 'hello', language: 'en' } }),
    status: 422,
    code: 'unsupported',
    path: 'content.type',
  },
  {
    name: 'a file that is nowhere',
    ask: post({ to, content: { type: 'image', media: { id: typeId('med', '0192f3a4-5b6c-7d8e-9f00-112233445566') } } }),
    status: 404,
    code: 'not_found',
    path: 'content.media.id',
  },
  {
    name: 'a file from nowhere',
    ask: post({ to, content: { type: 'image', media: {} } }),
    status: 422,
    code: 'invalid',
    path: 'content.media',
  },
  {
    name: 'a file that is not base64',
    ask: post({ to, content: { type: 'image', media: { base64: '***' } } }),
    status: 422,
    code: 'invalid',
  },
  {
    name: 'a file on a private address',
    ask: post({ to, content: { type: 'image', media: { url: 'http://10.0.0.1/a.png' } } }),
    status: 422,
    code: 'invalid',
  },
  {
    name: 'a callback on a private address',
    ask: post({ to, text, callbackUrl: 'https://192.168.0.1/hook' }),
    status: 422,
    code: 'invalid',
  },
  {
    name: 'a free-form message outside the window',
    ask: ({ mine }) => ({ path: '/v2/messages', key: mine.key, body: { to, text, channelId: typeId('cha', mine.cloud.id) } }),
    status: 422,
    code: 'window_closed',
  },
  { name: 'a number that is no channel of ours', ask: post({ to, text, from: '+4915112345678' }), status: 422, code: 'no_channel' },
  {
    name: 'an id of another noun',
    ask: ({ mine, ids }) => ({ path: '/v2/messages', key: mine.key, body: { to, text, channelId: ids.contact } }),
    status: 422,
    code: 'invalid',
    path: 'channelId',
  },
  {
    name: "somebody else's channel",
    ask: ({ mine, foreign }) => ({ path: '/v2/messages', key: mine.key, body: { to, text, channelId: foreign.channel } }),
    status: 404,
    code: 'not_found',
  },
  {
    name: "an answer to somebody else's message",
    ask: ({ mine, foreign }) => ({ path: '/v2/messages', key: mine.key, body: { to, text, replyTo: foreign.message } }),
    status: 404,
    code: 'not_found',
    path: 'replyTo',
  },
  { name: 'waiting for an hour', ask: post({ to, text, awaitMs: 3_600_000 }), status: 422, code: 'invalid', path: 'awaitMs' },
  // the Idempotency-Key
  {
    name: 'a key used with another body',
    ask: post({ to, text: 'second' }, { headers: { 'idempotency-key': 'used' } }),
    status: 409,
    code: 'idempotency_conflict',
  },
  {
    name: 'a key used on another route',
    ask: ({ mine }) => ({ path: '/v2/contacts', key: mine.key, body: { phone: '+14155550199' }, headers: { 'idempotency-key': 'used' } }),
    status: 409,
    code: 'idempotency_conflict',
  },
  {
    name: "a contact's key used for a message",
    ask: post({ to, text }, { headers: { 'idempotency-key': 'contact-used' } }),
    status: 409,
    code: 'idempotency_conflict',
  },
  {
    name: 'a key too long',
    ask: post({ to, text }, { headers: { 'idempotency-key': 'k'.repeat(256) } }),
    status: 422,
    code: 'invalid',
    path: 'Idempotency-Key',
  },
  {
    name: 'a key that is no ASCII',
    ask: post({ to, text }, { headers: { 'idempotency-key': 'caf\u00e9' } }),
    status: 422,
    code: 'invalid',
    path: 'Idempotency-Key',
  },
  {
    name: 'a fresh key and a wrong body',
    ask: post({ to: '?', text }, { headers: { 'idempotency-key': 'fresh' } }),
    status: 422,
    code: 'invalid',
  },
  // paths and queries
  { name: 'an unknown path', ask: get('/v2/nothing'), status: 404, code: 'not_found' },
  { name: 'a path of no door', ask: () => ({ path: '/nothing' }), status: 404, code: 'not_found' },
  {
    name: 'a wrong method',
    ask: ({ mine }) => ({ method: 'PUT', path: '/v2/messages', key: mine.key, body: {} }),
    status: 404,
    code: 'not_found',
  },
  { name: 'a malformed URL', ask: get('/v2/messages/%zz'), status: 400, code: 'malformed' },
  { name: 'an id that is none', ask: get('/v2/messages/17'), status: 404, code: 'not_found' },
  {
    name: 'an id nobody has',
    ask: get(`/v2/messages/${typeId('msg', '0192f3a4-5b6c-7d8e-9f00-112233445566')}`),
    status: 404,
    code: 'not_found',
  },
  { name: 'an id that is no UUID', ask: get('/v2/messages/msg_00000000000000000000000001'), status: 404, code: 'not_found' },
  { name: 'an id with U+0000', ask: get('/v2/messages/msg_%00'), status: 404, code: 'not_found' },
  {
    name: "somebody else's message",
    ask: ({ mine, foreign }) => ({ path: `/v2/messages/${foreign.message}`, key: mine.key }),
    status: 404,
    code: 'not_found',
  },
  { name: 'a limit of 0', ask: get('/v2/messages?limit=0'), status: 422, code: 'invalid', path: 'limit' },
  { name: 'a limit of 201', ask: get('/v2/messages?limit=201'), status: 422, code: 'invalid', path: 'limit' },
  { name: 'a limit of words', ask: get('/v2/messages?limit=many'), status: 422, code: 'invalid', path: 'limit' },
  { name: 'two limits', ask: get('/v2/messages?limit=1&limit=2'), status: 422, code: 'invalid', path: 'limit' },
  { name: 'a cursor that is none', ask: get('/v2/messages?cursor=abc'), status: 422, code: 'invalid', path: 'cursor' },
  { name: 'an empty cursor', ask: get('/v2/messages?cursor='), status: 422, code: 'invalid', path: 'cursor' },
  {
    name: 'a cursor of another list',
    ask: get(`/v2/conversations?cursor=${Buffer.from('[]').toString('base64url')}`),
    status: 422,
    code: 'invalid',
    path: 'cursor',
  },
  { name: 'an unknown filter', ask: get('/v2/messages?colour=red'), status: 422, code: 'invalid' },
  { name: 'a state that is none', ask: get('/v2/messages?state=lost'), status: 422, code: 'invalid' },
  {
    name: 'a time in the year 0',
    ask: get('/v2/messages?since=0000-01-01T00:00:00Z'),
    status: 422,
    code: 'invalid',
    path: 'since',
  },
  {
    name: 'an offset that leads into the year 10000',
    ask: ({ mine, ids }) => ({ path: `/v2/webhooks/${ids.endpoint}/replay`, key: mine.key, body: { since: '9999-12-31T23:59:59-23:59' } }),
    status: 422,
    code: 'invalid',
    path: 'since',
  },
  { name: 'a form that is none', ask: form('no parts'), status: 400, code: 'malformed' },
  {
    name: 'a form that breaks off',
    ask: form('--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nno end'),
    status: 400,
    code: 'malformed',
  },
  { name: 'a search with U+0000', ask: get('/v2/messages?search=%00'), status: 422, code: 'invalid' },
  // other nouns
  {
    name: 'a bulk of nothing',
    ask: ({ mine }) => ({ path: '/v2/messages/bulk', key: mine.key, body: { messages: [] } }),
    status: 422,
    code: 'invalid',
    path: 'messages',
  },
  {
    name: 'a bulk of 1,001',
    ask: ({ mine }) => ({
      path: '/v2/messages/bulk',
      key: mine.key,
      body: { messages: Array.from({ length: 1_001 }, () => ({ to, text })) },
    }),
    status: 422,
    code: 'invalid',
    path: 'messages',
  },
  {
    name: 'a contact who is known',
    ask: ({ mine }) => ({ path: '/v2/contacts', key: mine.key, body: { phone: '+14155550188' } }),
    status: 409,
    code: 'conflict',
  },
  {
    name: 'a contact without a phone',
    ask: ({ mine }) => ({ path: '/v2/contacts', key: mine.key, body: { name: 'Ana' } }),
    status: 422,
    code: 'invalid',
    path: 'phone',
  },
  {
    name: 'an e-mail that is none',
    ask: ({ mine, ids }) => ({ method: 'PATCH', path: `/v2/contacts/${ids.contact}`, key: mine.key, body: { email: 'ana' } }),
    status: 422,
    code: 'invalid',
    path: 'email',
  },
  {
    name: 'history of a third kind',
    ask: ({ mine, ids }) => ({ method: 'DELETE', path: `/v2/contacts/${ids.contact}?history=burn`, key: mine.key }),
    status: 422,
    code: 'invalid',
    path: 'history',
  },
  {
    name: 'a plan that is none',
    ask: ({ keys }) => ({ method: 'PUT', path: '/v2/plan', key: keys.live, body: { name: 'gold' } }),
    status: 422,
    code: 'invalid',
    path: 'name',
  },
  {
    name: 'a plan by a test key',
    ask: ({ mine }) => ({ method: 'PUT', path: '/v2/plan', key: mine.key, body: { name: 'free' } }),
    status: 403,
    code: 'forbidden',
  },
  {
    name: 'a country that is none',
    ask: ({ mine }) => ({ method: 'PATCH', path: '/v2/workspace', key: mine.key, body: { defaultCountry: 'XX' } }),
    status: 422,
    code: 'invalid',
    path: 'defaultCountry',
  },
  {
    name: 'a time zone that is none',
    ask: ({ mine }) => ({ method: 'PATCH', path: '/v2/workspace', key: mine.key, body: { timeZone: 'Mars/Olympus' } }),
    status: 422,
    code: 'invalid',
    path: 'timeZone',
  },
  {
    name: 'a price list in no currency',
    ask: ({ mine }) => ({ method: 'PATCH', path: '/v2/workspace', key: mine.key, body: { prices: { currency: 'coins', byCountry: {} } } }),
    status: 422,
    code: 'invalid',
    path: 'prices.currency',
  },
  {
    name: 'a price below nothing',
    ask: ({ mine }) => ({
      method: 'PATCH',
      path: '/v2/workspace',
      key: mine.key,
      body: { prices: { currency: 'USD', byCountry: { PE: { marketing: -1 } } } },
    }),
    status: 422,
    code: 'invalid',
    path: 'prices.byCountry.PE.marketing',
  },
  {
    name: 'a STOP word of no letters',
    ask: ({ mine }) => ({ method: 'PATCH', path: '/v2/workspace', key: mine.key, body: { optOut: { stopWords: [' '] } } }),
    status: 422,
    code: 'invalid',
    path: 'optOut.stopWords.0',
  },
  {
    name: 'an answer to STOP without end',
    ask: ({ mine }) => ({ method: 'PATCH', path: '/v2/workspace', key: mine.key, body: { optOut: { stopReply: 'x'.repeat(1_025) } } }),
    status: 422,
    code: 'invalid',
    path: 'optOut.stopReply',
  },
  {
    name: 'no setting',
    ask: ({ mine }) => ({ method: 'PATCH', path: '/v2/workspace', key: mine.key, body: {} }),
    status: 422,
    code: 'invalid',
    path: '',
  },
  {
    name: 'settings with a key that may only read messages',
    ask: ({ keys }) => ({ method: 'PATCH', path: '/v2/workspace', key: keys.reader, body: { timeZone: 'UTC' } }),
    status: 403,
    code: 'forbidden',
  },
  {
    name: 'an audience without a name',
    ask: ({ mine }) => ({ path: '/v2/audiences', key: mine.key, body: { name: '  ' } }),
    status: 422,
    code: 'invalid',
    path: 'name',
  },
  {
    name: 'an audience with a field of another product',
    ask: ({ mine }) => ({ path: '/v2/audiences', key: mine.key, body: { name: 'x', contacts: [{ to }] } }),
    status: 422,
    code: 'invalid',
  },
  {
    name: 'an audience of 1,001 at once',
    ask: ({ mine }) => ({
      path: '/v2/audiences',
      key: mine.key,
      body: { name: 'x', members: Array.from({ length: 1_001 }, () => ({ to })) },
    }),
    status: 422,
    code: 'invalid',
    path: 'members',
  },
  {
    name: 'an audience with one wrong phone',
    ask: ({ mine }) => ({ path: '/v2/audiences', key: mine.key, body: { name: 'x', members: [{ to }, { to: 'call me' }] } }),
    status: 422,
    code: 'invalid',
    path: 'members.1.to',
  },
  {
    name: 'nobody to add',
    ask: ({ mine, ids }) => ({ path: `/v2/audiences/${ids.audience}/members`, key: mine.key, body: { members: [] } }),
    status: 422,
    code: 'invalid',
    path: 'members',
  },
  {
    name: 'a variable that is no word',
    ask: ({ mine, ids }) => ({
      path: `/v2/audiences/${ids.audience}/members`,
      key: mine.key,
      body: { members: [{ to: '+14155550125', variables: { 'first name': 'x' } }] },
    }),
    status: 422,
    code: 'invalid',
    path: 'members.0.variables.first name',
  },
  {
    name: 'a member with an address that is taken',
    ask: ({ mine, ids }) => ({
      method: 'PATCH',
      path: `/v2/audiences/${ids.audience}/members/${ids.member}`,
      key: mine.key,
      body: { to: '+14155550124' },
    }),
    status: 409,
    code: 'conflict',
    path: 'to',
  },
  {
    name: 'a member to whom nothing changes',
    ask: ({ mine, ids }) => ({ method: 'PATCH', path: `/v2/audiences/${ids.audience}/members/${ids.member}`, key: mine.key, body: {} }),
    status: 422,
    code: 'invalid',
  },
  ...[
    ['no rule', { rule: undefined }, 'rule'],
    ['an empty rule', { rule: '' }, 'rule'],
    ['a rule that is none', { rule: 'every monday' }, 'rule'],
    ['a rule of seconds', { rule: 'FREQ=SECONDLY' }, 'rule'],
    ['a rule closer together than a minute', { rule: 'FREQ=MINUTELY;BYSECOND=0,30' }, 'rule'],
    ['a rule that counts too far', { rule: 'FREQ=DAILY;COUNT=100000' }, 'rule'],
    ['a rule that never comes', { rule: 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30' }, 'rule'],
    ['a rule that is over', { rule: 'FREQ=DAILY;UNTIL=20200101' }, 'rule'],
    ['a rule too long', { rule: `FREQ=DAILY;BYHOUR=${'1,'.repeat(400)}1` }, 'rule'],
    ['a zone that is none', { timeZone: 'Mars/Olympus' }, 'timeZone'],
    ['a start that is none', { startsAt: '2031-02-30T09:00:00' }, 'startsAt'],
    ['a start with a zone', { startsAt: '2031-02-03T09:00:00Z' }, 'startsAt'],
    ['a recurrence to nobody', { to: 'nobody' }, 'to'],
    ['a recurrence that says nothing', { text: undefined }, 'content'],
  ].map(
    ([name, more, path]): Case => ({
      name: String(name),
      ask: ({ mine }) => ({ path: '/v2/recurrences', key: mine.key, body: { ...EVERY_DAY, ...(more as object) } }),
      status: 422,
      code: 'invalid',
      path: String(path),
    }),
  ),
  {
    name: 'a recurrence with a time to send at',
    ask: ({ mine }) => ({ path: '/v2/recurrences', key: mine.key, body: { ...EVERY_DAY, sendAt: '2031-01-01T00:00:00Z' } }),
    status: 422,
    code: 'invalid',
  },
  {
    name: 'a preview of more than a hundred',
    ask: ({ mine }) => ({
      path: '/v2/recurrences/preview',
      key: mine.key,
      body: { rule: 'FREQ=DAILY', startsAt: '2031-02-03T09:00:00', timeZone: 'UTC', occurrences: 101 },
    }),
    status: 422,
    code: 'invalid',
    path: 'occurrences',
  },
  {
    name: "a member of somebody else's audience in our own",
    ask: ({ mine, ids, foreign }) => ({ method: 'DELETE', path: `/v2/audiences/${ids.audience}/members/${foreign.member}`, key: mine.key }),
    status: 404,
    code: 'not_found',
  },
  ...CAMPAIGNS.map(
    ([name, body, path]): Case => ({
      name,
      ask: ({ mine }) => ({ path: '/v2/campaigns', key: mine.key, body: { name: 'Spring', ...body } }),
      status: 422,
      code: 'invalid',
      ...(path !== undefined && { path }),
    }),
  ),
  {
    name: "a campaign to somebody else's audience",
    ask: ({ mine, foreign }) => ({ path: '/v2/campaigns', key: mine.key, body: { name: 'x', text: 'x', audienceId: foreign.audience } }),
    status: 404,
    code: 'not_found',
  },
  {
    name: 'a campaign whose words somebody lacks',
    ask: ({ mine, ids }) => ({ path: '/v2/campaigns', key: mine.key, body: { name: 'x', text: 'Hello {name}', audienceId: ids.audience } }),
    status: 422,
    code: 'invalid',
  },
  {
    name: 'a dry run of a campaign that is a draft',
    ask: ({ mine }) => ({
      path: '/v2/campaigns/dry-run',
      key: mine.key,
      body: { name: 'x', text: 'x', recipients: [{ to }], draft: true },
    }),
    status: 422,
    code: 'invalid',
  },
  {
    name: 'a state of campaigns that is none',
    ask: ({ mine }) => ({ path: '/v2/campaigns?state=sent', key: mine.key }),
    status: 422,
    code: 'invalid',
  },
  {
    name: 'a webhook by plain http to a name',
    ask: ({ mine }) => ({ path: '/v2/webhooks', key: mine.key, body: { url: 'ftp://example.com', events: ['*'] } }),
    status: 422,
    code: 'invalid',
  },
  {
    name: 'a webhook on the metadata address',
    ask: ({ mine }) => ({ path: '/v2/webhooks', key: mine.key, body: { url: 'https://169.254.169.254/x', events: ['*'] } }),
    status: 422,
    code: 'invalid',
  },
  {
    name: 'a webhook for no event of ours',
    ask: ({ mine }) => ({ path: '/v2/webhooks', key: mine.key, body: { url: 'https://example.com', events: ['sun.risen'] } }),
    status: 422,
    code: 'invalid',
    path: 'events.0',
  },
  {
    name: 'a cloud channel in a test workspace',
    ask: ({ mine }) => ({
      path: '/v2/channels',
      key: mine.key,
      body: {
        kind: 'cloud',
        name: 'x',
        phone: to,
        phoneNumberId: '12345',
        wabaId: '12345',
        accessToken: 'a',
        appSecret: 'b',
        verifyToken: 'c',
      },
    }),
    status: 422,
    code: 'unsupported',
  },
  {
    name: 'a sandbox channel with a number of its own',
    ask: ({ mine }) => ({ path: '/v2/channels', key: mine.key, body: { kind: 'sandbox', persona: 'cloud', phone: to } }),
    status: 422,
    code: 'invalid',
  },
  {
    name: 'an own number in a test workspace',
    ask: ({ mine }) => ({ path: '/v2/channels', key: mine.key, body: { kind: 'web', name: 'Shop' } }),
    status: 422,
    code: 'unsupported',
  },
  {
    name: 'an own number without a name',
    ask: ({ keys }) => ({ path: '/v2/channels', key: keys.live, body: { kind: 'web' } }),
    status: 422,
    code: 'invalid',
    path: 'name',
  },
  {
    name: 'an own number whose number is told by us',
    ask: ({ keys }) => ({ path: '/v2/channels', key: keys.live, body: { kind: 'web', name: 'Shop', phone: to } }),
    status: 422,
    code: 'invalid',
  },
  ...linkingCases(),
  {
    name: 'a logout of what has no session',
    ask: ({ mine }) => ({ method: 'POST', path: `/v2/channels/${typeId('cha', mine.cloud.id)}/logout`, key: mine.key }),
    status: 422,
    code: 'unsupported',
  },
  {
    name: 'new people again, on a channel without rules for them',
    ask: ({ mine }) => ({ method: 'POST', path: `/v2/channels/${typeId('cha', mine.own.id)}/cold/resume`, key: mine.key }),
    status: 422,
    code: 'unsupported',
  },
  {
    name: 'new people again, by a key that may not',
    ask: ({ keys, ids }) => ({ method: 'POST', path: `/v2/channels/${ids.channel}/cold/resume`, key: keys.reader }),
    status: 403,
    code: 'forbidden',
  },
  {
    name: 'the pace of an own number for another channel',
    ask: ({ mine }) => ({
      method: 'PATCH',
      path: `/v2/channels/${typeId('cha', mine.cloud.id)}`,
      key: mine.key,
      body: { settings: { pacing: { cold: 'off' } } },
    }),
    status: 422,
    code: 'unsupported',
  },
  {
    name: 'business hours that end before they begin',
    ask: ({ ids, mine }) => ({
      method: 'PATCH',
      path: `/v2/channels/${ids.channel}`,
      key: mine.key,
      body: { settings: { pacing: { hours: { from: '19:00', to: '09:00', days: [1] } } } },
    }),
    status: 422,
    code: 'invalid',
    path: 'settings.pacing.hours',
  },
  {
    name: 'more than a minute between two messages to one person',
    ask: ({ ids, mine }) => ({
      method: 'PATCH',
      path: `/v2/channels/${ids.channel}`,
      key: mine.key,
      body: { settings: { pacing: { personSeconds: 61 } } },
    }),
    status: 422,
    code: 'invalid',
    path: 'settings.pacing.personSeconds',
  },
  {
    name: 'a pace with a word that nobody knows',
    ask: ({ ids, mine }) => ({
      method: 'PATCH',
      path: `/v2/channels/${ids.channel}`,
      key: mine.key,
      body: { settings: { pacing: { warm: 'up' } } },
    }),
    status: 422,
    code: 'invalid',
    path: 'settings.pacing',
  },
  {
    name: 'a reload by a key that may not',
    ask: ({ keys, ids }) => ({ method: 'POST', path: `/v2/channels/${ids.channel}/reload`, key: keys.reader }),
    status: 403,
    code: 'forbidden',
  },
  {
    name: 'a phone too long to be read',
    ask: ({ mine }) => ({ path: '/v2/contacts/validate-phone', key: mine.key, body: { phone: '1'.repeat(129) } }),
    status: 422,
    code: 'invalid',
    path: 'phone',
  },
  {
    name: 'a link into a private network',
    ask: ({ mine }) => ({ path: `/v2/links/preview?url=${encodeURIComponent('https://192.168.1.1/')}`, key: mine.key }),
    status: 422,
    code: 'invalid',
    path: 'url',
  },
  {
    name: 'a preview of nothing',
    ask: ({ mine }) => ({ path: '/v2/links/preview', key: mine.key }),
    status: 422,
    code: 'invalid',
    path: 'url',
  },
  {
    name: 'a scope that is none',
    ask: ({ mine }) => ({ path: '/v2/api-keys', key: mine.key, body: { name: 'x', scopes: ['moon:read'] } }),
    status: 422,
    code: 'invalid',
  },
  { name: 'an empty upload', ask: ({ mine }) => ({ path: '/v2/media', key: mine.key, body: {} }), status: 422, code: 'invalid' },
  ...conversationCases(),
  {
    name: 'a group without people',
    ask: ({ mine }) => ({ path: '/v2/groups', key: mine.key, body: { name: 'x', participants: [] } }),
    status: 422,
    code: 'invalid',
    path: 'participants',
  },
  {
    name: 'a group of 257',
    ask: ({ mine }) => ({ path: '/v2/groups', key: mine.key, body: { name: 'x', participants: Array.from({ length: 257 }, () => to) } }),
    status: 422,
    code: 'invalid',
    path: 'participants',
  },
  {
    name: 'a group with one wrong phone',
    ask: ({ mine }) => ({ path: '/v2/groups', key: mine.key, body: { name: 'x', participants: [to, 'call me'] } }),
    status: 422,
    code: 'invalid',
    path: 'participants.1',
  },
  {
    name: 'a group in a group',
    ask: ({ mine }) => ({ path: '/v2/groups', key: mine.key, body: { name: 'x', participants: ['120363000000000001@g.us'] } }),
    status: 422,
    code: 'invalid',
    path: 'participants.0',
  },
  {
    name: 'a group with a name too long',
    ask: ({ mine }) => ({ path: '/v2/groups', key: mine.key, body: { name: 'x'.repeat(101), participants: [to] } }),
    status: 422,
    code: 'invalid',
    path: 'name',
  },
  {
    name: 'a group with an unknown field',
    ask: ({ mine }) => ({ path: '/v2/groups', key: mine.key, body: { name: 'x', participants: [to], members: [to] } }),
    status: 422,
    code: 'invalid',
  },
  {
    name: 'a group on a channel that has none',
    ask: ({ mine }) => ({
      path: '/v2/groups',
      key: mine.key,
      body: { channelId: typeId('cha', mine.cloud.id), name: 'x', participants: [to] },
    }),
    status: 422,
    code: 'unsupported',
  },
  {
    name: 'a group without the scope',
    ask: ({ keys }) => ({ path: '/v2/groups', key: keys.reader, body: { name: 'x', participants: [to] } }),
    status: 403,
    code: 'forbidden',
  },
  {
    name: 'nothing to change of a group',
    ask: ({ mine, ids }) => ({ method: 'PATCH', path: `/v2/groups/${ids.group}`, key: mine.key, body: {} }),
    status: 422,
    code: 'invalid',
  },
  {
    name: 'a description too long',
    ask: ({ mine, ids }) => ({ method: 'PATCH', path: `/v2/groups/${ids.group}`, key: mine.key, body: { description: 'x'.repeat(2_049) } }),
    status: 422,
    code: 'invalid',
    path: 'description',
  },
  {
    name: 'nobody who could be added to a group',
    ask: ({ mine, ids }) => ({
      method: 'POST',
      path: `/v2/groups/${ids.group}/participants`,
      key: mine.key,
      body: { participants: ['+14155550002'] },
    }),
    status: 422,
    code: 'invalid',
    path: 'participants.0',
  },
  {
    name: 'an admin who is not in the group',
    ask: ({ mine, ids }) => ({
      method: 'PATCH',
      path: `/v2/groups/${ids.group}/participants/+14155550199`,
      key: mine.key,
      body: { role: 'admin' },
    }),
    status: 404,
    code: 'not_found',
  },
  {
    name: 'an admin whose phone is none',
    ask: ({ mine, ids }) => ({
      method: 'PATCH',
      path: `/v2/groups/${ids.group}/participants/someone`,
      key: mine.key,
      body: { role: 'admin' },
    }),
    status: 404,
    code: 'not_found',
  },
  {
    name: 'a second owner of a group',
    ask: ({ mine, ids }) => ({
      method: 'PATCH',
      path: `/v2/groups/${ids.group}/participants/+14155550123`,
      key: mine.key,
      body: { role: 'owner' },
    }),
    status: 422,
    code: 'invalid',
    path: 'role',
  },
  {
    name: 'the founder taken out of his group',
    ask: ({ mine, ids }) => ({ method: 'DELETE', path: `/v2/groups/${ids.group}/participants/${mine.own.phone}`, key: mine.key }),
    status: 422,
    code: 'invalid',
  },
  {
    name: 'a picture that is no file',
    ask: ({ mine, ids }) => ({ method: 'PUT', path: `/v2/groups/${ids.group}/picture`, key: mine.key, body: { media: { base64: '!' } } }),
    status: 422,
    code: 'invalid',
  },
  {
    name: 'a phone that writes from outside a group',
    ask: ({ mine, ids }) => ({
      path: `/v2/simulator/groups/${ids.group}/acts`,
      key: mine.key,
      body: { phone: '+14155550199', act: 'write', text: 'x' },
    }),
    status: 409,
    code: 'conflict',
  },
  {
    name: 'a phone that does what no phone does',
    ask: ({ mine, ids }) => ({ path: `/v2/simulator/groups/${ids.group}/acts`, key: mine.key, body: { phone: to, act: 'fly' } }),
    status: 422,
    code: 'invalid',
  },
  {
    name: 'a search for nothing writable',
    ask: get('/v2/groups?search=%00'),
    status: 422,
    code: 'invalid',
  },
  {
    name: 'a page of people from nowhere',
    ask: ({ mine, ids }) => ({ path: `/v2/groups/${ids.group}/participants?cursor=MQ`, key: mine.key }),
    status: 422,
    code: 'invalid',
    path: 'cursor',
  },
  {
    name: 'a newsletter without a name',
    ask: ({ mine }) => ({ path: '/v2/newsletters', key: mine.key, body: { name: ' ' } }),
    status: 422,
    code: 'invalid',
    path: 'name',
  },
  {
    name: 'the simulator in a live workspace',
    ask: ({ keys }) => ({ path: '/v2/simulator/phones', key: keys.live }),
    status: 404,
    code: 'not_found',
  },
]

function conversationCases(): Case[] {
  const of = (path: string, body: unknown, method?: string) => (world: World) => post(body, { path, ...(method && { method }) })(world)
  const phone = (does: string, body: object) => of(`/v2/simulator/phones/+14155550123/${does}`, { wireId: 'NONE', ...body })
  const refused = (name: string, ask: Case['ask'], path?: string): Case => ({
    name,
    ask,
    status: 422,
    code: 'invalid',
    ...(path && { path }),
  })
  const gone = (name: string, ask: Case['ask']): Case => ({ name, ask, status: 404, code: 'not_found' })
  const nobody = typeId('cnv', '0192f3a4-5b6c-7d8e-9f00-112233445566')
  const nothing = typeId('msg', '0192f3a4-5b6c-7d8e-9f00-112233445566')
  return [
    refused('conversations of no kind', get('/v2/conversations?kind=friends'), 'kind.0'),
    refused('conversations archived perhaps', get('/v2/conversations?archived=maybe'), 'archived'),
    refused('conversations in no order', get('/v2/conversations?order=best'), 'order'),
    refused('a conversation with nobody', of('/v2/conversations', {}), 'to'),
    refused('a conversation with no number', of('/v2/conversations', { to: 'call me' }), 'to'),
    {
      name: 'a conversation with a group on a channel that has none',
      ask: (world) => of('/v2/conversations', { to: '1-2@g.us', channelId: typeId('cha', world.mine.cloud.id) })(world),
      status: 422,
      code: 'unsupported',
      path: 'to',
    },
    refused('a change of nothing', of(`/v2/conversations/${nobody}`, {}, 'PATCH')),
    refused('a mark of the wrong type', of(`/v2/conversations/${nobody}`, { archived: 'yes' }, 'PATCH'), 'archived'),
    gone('a mark on no conversation', of(`/v2/conversations/${nobody}`, { archived: true }, 'PATCH')),
    gone('pins of no conversation', get(`/v2/conversations/${nobody}/pins`)),
    refused('a pin for no time', of(`/v2/messages/${nothing}/pin`, { seconds: 0 }), 'seconds'),
    refused('a pin for ever', of(`/v2/messages/${nothing}/pin`, { seconds: 31_536_001 }), 'seconds'),
    gone('a pin of no message', of(`/v2/messages/${nothing}/pin`, {})),
    gone('no pin of no message', of(`/v2/messages/${nothing}/unpin`, undefined, 'POST')),
    gone('nothing taken back', of(`/v2/messages/${nothing}/revoke`, undefined, 'POST')),
    {
      name: 'a message taken back that has not left',
      ask: ({ mine, ids }) => ({ method: 'POST', path: `/v2/messages/${ids.message}/revoke`, key: mine.key }),
      status: 409,
      code: 'conflict',
    },
    gone('a phone edits nothing', phone('edits', { text: 'x' })),
    refused('a phone edits into nothing', phone('edits', { text: '' }), 'text'),
    gone('a phone takes nothing back', phone('revocations', {})),
    gone('a phone pins nothing', phone('pins', {})),
    gone('a phone votes for nothing', phone('votes', { options: ['x'] })),
    refused('a phone votes thirteen times', phone('votes', { options: Array.from({ length: 13 }, (_, n) => `${n}`) }), 'options'),
  ]
}

test.each(CASES)('$name: $status $code', async ({ ask, status, code, path, headers }) => {
  const before = await countRows(database)
  const told = await doors.ask(ask(world))
  expect({ status: told.status, ...(told.body as object) }).toMatchObject({ status, code })
  expect(told.headers.get('content-type')).toBe('application/problem+json; charset=utf-8')
  const problem = told.body as { requestId: string; title: string; detail: string; type: string; errors?: { path: string }[] }
  expect(told.headers.get('x-request-id')).toBe(problem.requestId)
  expect(problem).toMatchObject({ type: 'about:blank', title: expect.stringMatching(/\w/), detail: expect.stringMatching(/\w/) })
  if (path !== undefined) expect(problem.errors?.map((issue) => issue.path)).toContain(path)
  for (const [name, value] of Object.entries(headers ?? {})) expect(told.headers.get(name)).toBe(value)
  expect(await countRows(database)).toEqual(before)
})

test('a 403 names the scope that is missing', async () => {
  const told = await send({ key: world.keys.reader, body: { to, text } })
  expect(told.body).toMatchObject({ scope: 'messages:write' })
})

test('a refused body leaves its Idempotency-Key free', async () => {
  const headers = { 'idempotency-key': 'try-again' }
  expect((await send({ key: world.mine.key, headers, body: { to: '?', text } })).status).toBe(422)
  expect((await send({ key: world.mine.key, headers, body: { to, text } })).status).toBe(201)
})

test('a deleted channel cannot be named', async () => {
  const made = await doors.ask({ path: '/v2/channels', key: world.mine.key, body: { kind: 'sandbox', persona: 'cloud' } })
  const { id } = made.body as { id: string }
  expect((await doors.ask({ method: 'DELETE', path: `/v2/channels/${id}`, key: world.mine.key })).status).toBe(204)
  expect((await send({ key: world.mine.key, body: { to, text, channelId: id } })).status).toBe(404)
})
