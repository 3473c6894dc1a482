import { createHmac } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'
import { EVENT_TYPES, type Event, type EventType } from '#core/events'
import { CATALOGUE, NAMES_OF } from './catalogue.wire.ts'
import { webhooks as styleOf } from './events.ts'

const webhooks = styleOf({ publicUrl: 'https://chasqui.example' })
const SECRET = 'whsec_c2VjcmV0IG9mIGEgdGVzdCBlbmRwb2ludA=='
const OLD = 'whsec_b2xkIHNlY3JldCBvZiBhIHRlc3QgZW5kcG9pbnQ='
const BODY = '{"id":"evt_x","data":{"text":"héllo"}}'
const at = new Date()
const sign = (secrets: { secret: string; until?: string }[]) =>
  webhooks.headers({ endpointId: '0192f3a4-5b6c-7d8e-9f00-112233445566', eventId: 'evt_01', body: BODY, at, secrets })
const hex = (secret: string, words: string) => createHmac('sha256', secret).update(words).digest('hex')

test('each generation of verifiers finds the signature it knows', () => {
  const headers = sign([{ secret: SECRET }])
  const seconds = headers['Blueticks-Webhook-Timestamp']
  expect(seconds).toBe(String(Math.floor(at.getTime() / 1000)))
  expect(headers['Blueticks-Webhook-Signature']).toBe(`v1=${hex(SECRET, `${seconds}.${BODY}`)}`)
  expect(headers['X-Blueticks-Signature']).toBe(`sha256=${hex(SECRET, BODY)}`)
  expect(headers['Blueticks-Webhook-Id']).toMatch(/^wh_[0-9a-z]{26}$/)
  const standard = new Webhook(SECRET)
  expect(standard.verify(BODY, headers)).toEqual(JSON.parse(BODY))
  expect(() => standard.verify(BODY.replace('é', 'e'), headers)).toThrow()
})

test('after a rotation our two schemes sign with the new secret, the standard one with both', () => {
  const headers = sign([{ secret: OLD, until: new Date(at.getTime() + 1000).toISOString() }, { secret: SECRET }])
  expect(headers['X-Blueticks-Signature']).toBe(`sha256=${hex(SECRET, BODY)}`)
  expect(new Webhook(OLD).verify(BODY, headers)).toBeTruthy()
  expect(new Webhook(SECRET).verify(BODY, headers)).toBeTruthy()
  const later = sign([{ secret: OLD, until: new Date(at.getTime() - 1).toISOString() }, { secret: SECRET }])
  expect(() => new Webhook(OLD).verify(BODY, later)).toThrow()
})

test("a message's own callback is signed with nothing but an id", () => {
  expect(webhooks.headers({ endpointId: undefined, eventId: 'evt_01', body: BODY, at, secrets: [] })).toEqual({
    'Blueticks-Webhook-Id': 'evt_01',
  })
})

const event = (type: EventType): Event => ({ id: 'x', workspaceId: 'w', seq: 1, type, subjects: {}, facts: {}, at })

test('an endpoint wants what its names stand for, and nothing else', () => {
  expect(webhooks.wants(['message.delivered'], event('message.delivered'))).toBe(true)
  expect(webhooks.wants(['ack_changed_webhook'], event('message.delivered'))).toBe(true)
  expect(webhooks.wants(['message.read'], event('message.delivered'))).toBe(false)
  expect(EVENT_TYPES.filter((type) => webhooks.wants(CATALOGUE, event(type))).sort()).toEqual(Object.keys(NAMES_OF).sort())
})

test('the catalogue has 27 names, the schedule seven waits', () => {
  expect(new Set(CATALOGUE).size).toBe(27)
  expect(webhooks.retryAfterMs.map((ms) => ms / 60_000)).toEqual([1, 5, 15, 60, 120, 360, 720])
  expect(webhooks.disableAfter).toEqual({ kind: 'failuresInARow', failures: 8 })
})
