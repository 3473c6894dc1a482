import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Asked, type LiveHouse, openLiveHouse } from '../house.ts'

// what each refusal leaves in the tables is counted beside the code; here stands what a stranger sees
let house: LiveHouse
beforeAll(async () => {
  house = await openLiveHouse()
})
afterAll(() => house.close())

type Case = [name: string, status: number, code: string, path: string, asked?: Asked]

const BAD = 'invalid_request'
const SEND = '/v1/scheduled-messages'
const to = '+14155551234'
const at = (ms: number) => new Date(Date.now() + ms).toISOString()
const DAY = 86_400_000
const body = (fields: object, headers: Record<string, string> = {}): Asked => ({ body: { to, ...fields }, headers })
const raw = (text: string, type = 'application/json'): Asked => ({ body: text, headers: { 'content-type': type } })
const x = (length: number) => 'x'.repeat(length)
const GROUP = '120363000000000001@g.us'
const KEY = 'true_14155551234@c.us_3EB0NONE'

const CASES: Case[] = [
  ['no key', 401, 'authentication_required', '/v1/ping', { key: null }],
  ['an unknown key', 401, 'authentication_required', '/v1/ping', { key: `bt_test_${x(32)}` }],
  ['no key, nonsense in the body', 401, 'authentication_required', SEND, { key: null, ...raw('{') }],
  ['broken JSON', 400, BAD, SEND, raw('{"to":')],
  ['two JSON values', 400, BAD, SEND, raw('{}{}')],
  ['a list', 400, BAD, SEND, raw('[]')],
  ['null', 400, BAD, SEND, raw('null')],
  ['nothing', 400, BAD, SEND, { method: 'POST' }],
  ['XML', 415, BAD, SEND, raw('<to/>', 'application/xml')],
  ['a form', 415, BAD, SEND, raw('to=1', 'application/x-www-form-urlencoded')],
  ['a polluting key', 400, BAD, SEND, raw(`{"to":"${to}","text":"x","__proto__":{"a":1}}`)],
  ['nested too deep', 400, BAD, SEND, raw(`{"to":"${to}","text":${'['.repeat(100)}${']'.repeat(100)}}`)],
  ['over 1 MiB where no file is taken', 413, BAD, '/v1/webhooks', { body: { url: x(1_100_000), events: ['message.read'] } }],
  ['an unknown field', 400, BAD, SEND, body({ text: 'x', foo: 1 })],
  ['two spellings, two values', 400, BAD, SEND, body({ text: 'x', media_kind: 'image', mediaKind: 'video' })],
  ['words of the wrong type', 400, BAD, SEND, body({ text: 5 })],
  ['words too long', 400, BAD, SEND, body({ text: x(4097) })],
  ['no words', 400, BAD, SEND, body({ type: 'text' })],
  ['a type that is none', 400, BAD, SEND, body({ type: 'video', text: 'x' })],
  ['no recipient', 400, BAD, SEND, { body: { text: 'x' } }],
  ['a bad phone', 400, BAD, SEND, body({ to: '+0123456789', text: 'x' })],
  ['a bad chat', 400, BAD, SEND, body({ to: 'someone@c.us', text: 'x' })],
  ['another recipient than the path', 400, BAD, `${SEND}/%2B14155559999`, body({ text: 'x' })],
  ['too early', 400, BAD, SEND, body({ text: 'x', sendAt: at(5_000) })],
  ['too late', 400, BAD, SEND, body({ text: 'x', send_at: at(366 * DAY) })],
  ['a time without an offset', 400, BAD, SEND, body({ text: 'x', send_at: '2031-01-01T10:00:00' })],
  ['a file by plain ftp', 400, BAD, SEND, body({ mediaUrl: 'ftp://example.com/a.png' })],
  ['a file that nobody serves', 400, BAD, SEND, body({ mediaUrl: 'http://127.0.0.1:9/a.png' })],
  [
    'a poll of thirteen',
    400,
    BAD,
    SEND,
    body({ type: 'poll', pollQuestion: 'q', pollOptions: Array.from({ length: 13 }, (_, i) => `${i}`) }),
  ],
  ['a phone that is none to validate', 400, BAD, '/v1/utils/validate_phone', { body: { phone_or_chat_id: '' } }],
  ['a validation of two things', 400, BAD, '/v1/utils/validate_phone', { body: { phoneOrChatId: to, chatId: to } }],
  ['too many attempts at a file', 400, BAD, `/v1/messages/media/${KEY}?maxAttempts=11`],
  ['no link to preview', 400, BAD, '/v1/utils/link_preview'],
  ['a link into a private network', 400, BAD, '/v1/utils/link_preview?url=https%3A%2F%2F10.0.0.1%2F'],
  ['the picture of nobody', 400, BAD, '/v1/contacts/nobody/profile_picture'],
  ['an Idempotency-Key too long', 400, BAD, SEND, body({ text: 'x' }, { 'idempotency-key': x(65) })],
  ['a sender that is not linked', 422, 'from_not_linked', '/v1/messages', body({ text: 'x', from: '+4915112345678' })],
  ['a direct send for later', 400, BAD, '/v1/messages/14155551234@c.us', { body: { text: 'x', sendAt: at(DAY) } }],
  ['typing of a minute', 400, BAD, '/v1/messages/14155551234@c.us', { body: { text: 'x', typing_seconds: 60 } }],
  ['an unknown message', 404, 'not_found', `${SEND}/msg_nothing`],
  ['an edit of an unknown message', 404, 'not_found', `${SEND}/663f0c1de1b2a30012345678`, { method: 'PATCH', body: { text: 'x' } }],
  ['an edit of nothing', 400, BAD, `${SEND}/663f0c1de1b2a30012345678`, { method: 'PATCH', body: {} }],
  ['a deletion of an unknown message', 404, 'not_found', `${SEND}/663f0c1de1b2a30012345678`, { method: 'DELETE' }],
  ['an unknown key of a message', 404, 'not_found', `/v1/messages/${encodeURIComponent(KEY)}`],
  ['a bare id without its chat', 400, BAD, '/v1/messages/3EB0NONE'],
  ['a file of an unknown message', 404, 'not_found', `/v1/messages/media/${encodeURIComponent(KEY)}`],
  ['receipts of 201', 400, BAD, '/v1/messages/acks', { body: { message_keys: Array.from({ length: 201 }, () => KEY) } }],
  ['a page of 201', 400, BAD, '/v1/messages?limit=201'],
  ['a page of none', 400, BAD, `${SEND}?limit=0`],
  ['a skip below none', 400, BAD, '/v1/webhooks?skip=-1'],
  ['a time in the year 10000', 400, BAD, '/v1/messages?until=9999-12-31T23:59:59-23:59'],
  ['a form that is none', 400, BAD, SEND, raw('no parts', 'multipart/form-data; boundary=x')],
  ['a cursor that is none', 400, BAD, `${SEND}?cursor=%F0%9F%A4%B7`],
  ['a webhook without events', 400, BAD, '/v1/webhooks', { body: { url: 'https://example.com', events: [] } }],
  ['a webhook for an unknown event', 400, BAD, '/v1/webhooks', { body: { url: 'https://example.com', events: ['message.flew'] } }],
  ['a webhook on the metadata address', 400, BAD, '/v1/webhooks', { body: { url: 'https://169.254.169.254/', events: ['message.read'] } }],
  ['an unknown webhook', 404, 'not_found', '/v1/webhooks/wh_nothing'],
  ['a rotation of an unknown webhook', 404, 'not_found', '/v1/webhooks/wh_nothing/rotate-secret', { method: 'POST' }],
  ['an unknown chat', 404, 'not_found', '/v1/chats/14155559998@c.us'],
  ['a chat that is none', 400, BAD, '/v1/chats/someone'],
  ['a list of chats of a kind that is none', 400, BAD, '/v1/chats?filter=friends'],
  ['a list of chats since no time', 400, BAD, '/v1/chats?since=yesterday'],
  ['a page of 501 participants', 400, BAD, '/v1/chats/14155559998@c.us/participants?limit=501'],
  ['participants of an unknown chat', 404, 'not_found', '/v1/chats/14155559998@c.us/participants'],
  ['a mark on an unknown chat', 404, 'not_found', '/v1/chats/14155559998@c.us/mark_read', { method: 'POST' }],
  ['a mark with a body', 400, BAD, '/v1/chats/14155559998@c.us/archive', { body: { force: true } }],
  ['opening a chat that is none', 400, BAD, '/v1/chats/1@lid/open', { method: 'POST' }],
  ['201 latest chats', 400, BAD, '/v1/latest-chats?numberOfChats=201'],
  ['101 messages of the latest chats', 400, BAD, '/v1/latest-chats?number_of_messages=101'],
  ['messages of an unknown chat', 404, 'not_found', '/v1/chats/14155559998@c.us/messages'],
  ['messages of a chat in no mode', 400, BAD, '/v1/chats/14155559998@c.us/messages?mode=all'],
  ['a message of an unknown chat', 404, 'not_found', '/v1/chats/14155559998@c.us/messages/3EB0NONE'],
  ['a reaction without an emoji', 400, BAD, `/v1/messages/reactions/${encodeURIComponent(KEY)}`, { body: {} }],
  ['a reaction too long', 400, BAD, `/v1/messages/reactions/${encodeURIComponent(KEY)}`, { body: { emoji: x(33) } }],
  ['a reaction to an unknown message', 404, 'not_found', `/v1/messages/reactions/${encodeURIComponent(KEY)}`, { body: { emoji: '👍' } }],
  ['a pin for no time', 400, BAD, `/v1/messages/pin/${encodeURIComponent(KEY)}`, { body: { duration: 0 } }],
  ['a pin of an unknown message', 404, 'not_found', `/v1/messages/pin/${encodeURIComponent(KEY)}`, { method: 'POST' }],
  ['a pin of a bare id without its chat', 400, BAD, '/v1/messages/pin/3EB0NONE', { method: 'POST' }],
  ['pins of an unknown chat', 404, 'not_found', '/v1/messages/pinned/14155559998@c.us'],
  ['history of eleven pages', 400, BAD, '/v1/messages/load_older/14155551234@c.us', { body: { pages: 11 } }],
  ['history until no time', 400, BAD, '/v1/messages/load_older/14155551234@c.us', { body: { until_date: 'then' } }],
  ['history of an unknown chat', 404, 'not_found', '/v1/messages/load_older/14155559998@c.us', { method: 'POST' }],
  ['acks of no messages', 400, BAD, '/v1/chats/message_acks', { body: { message_keys: [] } }],
  ['a page of contacts below all', 400, BAD, '/v1/contacts?limit=-2'],
  ['a page of 201 contacts', 400, BAD, '/v1/contacts?limit=201'],
  ['a group without people', 400, BAD, '/v1/groups', { body: { name: 'x', participants: [] } }],
  ['a group of 257', 400, BAD, '/v1/groups', { body: { name: 'x', participants: Array.from({ length: 257 }, () => to) } }],
  ['a group with somebody who is none', 400, BAD, '/v1/groups', { body: { name: 'x', participants: ['someone'] } }],
  ['a group with a name too long', 400, BAD, '/v1/groups', { body: { name: x(101), participants: [to] } }],
  ['an unknown field of a group', 400, BAD, '/v1/groups', { body: { name: 'x', participants: [to], color: 'red' } }],
  ['an unknown group', 404, 'not_found', `/v1/groups/${GROUP}`],
  ['a group id that is none', 400, BAD, '/v1/groups/team'],
  ['nothing to change of a group', 400, BAD, `/v1/groups/${GROUP}`, { method: 'PATCH', body: {} }],
  ['empty settings of a group', 400, BAD, `/v1/groups/${GROUP}`, { method: 'PATCH', body: { settings: {} } }],
  ['nobody to add to a group', 400, BAD, `/v1/groups/${GROUP}/members`, { body: {} }],
  ['a member of an unknown group', 404, 'not_found', `/v1/groups/${GROUP}/members/%2B14155551234`, { method: 'DELETE' }],
  ['a way out of an unknown group', 404, 'not_found', `/v1/groups/${GROUP}/members/me`, { method: 'DELETE' }],
  ['a picture from nowhere', 404, 'not_found', `/v1/groups/${GROUP}/picture`, { method: 'PUT', body: {} }],
  ['groups in common with nobody', 400, BAD, '/v1/contacts/someone/common_groups'],
  ['a search too long', 400, BAD, `/v1/groups?search_token=${x(129)}`],
  ['a newsletter without a name', 400, BAD, '/v1/newsletters', { body: { description: 'x' } }],
  ['an unknown newsletter', 404, 'not_found', '/v1/newsletters/1@newsletter'],
  ['a newsletter id that is none', 400, BAD, '/v1/newsletters/news'],
  ['an unknown path', 404, 'not_found', '/v1/nothing/here'],
  ['a broken path', 400, BAD, '/v1/messages/%E0%A4%A'],
  ['first API: no key', 401, 'authentication_required', '/messages', { key: null, body: { to, message: 'x' } }],
  ['first API: no words', 400, BAD, '/messages', { body: { to } }],
  ['first API: a bad date', 400, BAD, '/messages', { body: { to, message: 'x', dueDate: 'next week' } }],
]

test.each(CASES)('%s: %i %s', async (_, status, code, path, asked) => {
  const told = await house.ask(path, asked)
  expect({ status: told.status, body: told.body }).toMatchObject({ status, body: { success: false, error: { code } } })
  const requestId = told.headers.get('x-request-id')
  expect(requestId).toMatch(/^req_\w+$/)
  expect(told.body.error).toMatchObject({ request_id: requestId, requestId, message: expect.stringMatching(/\w/) })
  expect(told.headers.get('content-type')).toMatch(/^application\/json/)
})
