import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'
import type { Event } from '#core/events'
import { webhooks as styleOf } from './events.ts'

const webhooks = styleOf()
const secretOf = (byte: number) => `whsec_${Buffer.alloc(24, byte).toString('base64')}`
const at = new Date()
const sign = (secrets: { secret: string; until?: string }[], body = '{"id":"evt_1"}') =>
  webhooks.headers({ endpointId: undefined, eventId: 'evt_1', body, at, secrets })

test('the published verifier takes the signature, and refuses one changed byte', () => {
  const headers = sign([{ secret: secretOf(1) }], '{"text":"¡Olé! 👍"}')
  expect(new Webhook(secretOf(1)).verify('{"text":"¡Olé! 👍"}', headers)).toEqual({ text: '¡Olé! 👍' })
  expect(() => new Webhook(secretOf(1)).verify('{"text":"¡Ole! 👍"}', headers)).toThrow('No matching signature')
  expect(() => new Webhook(secretOf(1)).verify('{"text":"¡Olé! 👍"}', { ...headers, 'webhook-id': 'evt_2' })).toThrow(
    'No matching signature',
  )
})

test('while a secret is rotated both sign, the lasting one first; one whose time is over does not', () => {
  const later = new Date(at.getTime() + 1_000).toISOString()
  const headers = sign([{ secret: secretOf(2), until: later }, { secret: secretOf(1) }])
  for (const byte of [1, 2]) expect(() => new Webhook(secretOf(byte)).verify('{"id":"evt_1"}', headers)).not.toThrow()
  expect(headers['webhook-signature']?.split(' ')[0]).toBe(sign([{ secret: secretOf(1) }])['webhook-signature'])
  const over = sign([{ secret: secretOf(1) }, { secret: secretOf(2), until: at.toISOString() }])
  expect(over['webhook-signature']).toBe(sign([{ secret: secretOf(1) }])['webhook-signature'])
})

test('names, families and the star choose events', () => {
  const wants = (names: string[], type: Event['type']) => webhooks.wants(names, { type } as Event) // nothing else of an event is looked at
  expect(wants(['*'], 'contact.created')).toBe(true)
  expect(wants(['message.*'], 'message.sent')).toBe(true)
  expect(wants(['message.*'], 'contact.created')).toBe(false)
  expect(wants(['message.sent', 'contact.created'], 'contact.created')).toBe(true)
  expect(wants(['message.sen'], 'message.sent')).toBe(false)
  expect(wants(['message.sent.*'], 'message.sent')).toBe(false)
})
