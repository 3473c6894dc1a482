import { createHmac } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { expect } from 'vitest'
import type { Place } from '../../places/place.ts'
import type { Posted, Web } from '../../web.ts'
import { expectOne, WEBHOOK } from '../shapes.ts'

export type Envelope = { id: string; type: string; created_at: string; createdAt: string; data: Record<string, unknown> }
/** An event that must come: its name, the fields by which it is known, and its whole payload. */
export type Expected = { type: string; where: Envelope['data']; data: Envelope['data'] }
export type Hook = { id: string; path: string; secret: string }

export const told = ({ body }: Posted): Envelope => JSON.parse(body)

export async function register(house: Place, web: Web, path: string, events: readonly string[], key?: string): Promise<Hook> {
  const made = await house.ask('/v1/webhooks', { body: { url: `${web.url}${path}`, events }, ...(key !== undefined && { key }) })
  expect(made.status).toBe(201)
  expectOne(made.body, WEBHOOK, ['secret'])
  return { id: String(made.body.id), path, secret: String(made.body.secret) }
}

export const isOne = ({ type, data }: Envelope, expected: Omit<Expected, 'data'>): boolean =>
  type === expected.type && Object.entries(expected.where).every(([name, value]) => isDeepStrictEqual(data[name], value))

/** What was posted to a webhook so far. */
export const heardBy = (web: Web, { path }: Pick<Hook, 'path'>): Envelope[] => web.posted.filter((one) => one.path === path).map(told)

/** The first post of an event, checked from the headers to the envelope. */
export async function hear(web: Web, hook: Hook, expected: Omit<Expected, 'data'>): Promise<Envelope> {
  const posted = await web
    .until((one) => one.path === hook.path && isOne(told(one), expected))
    .catch((error: Error) => expect.fail(`${expected.type}: ${error.message}`))
  checkSigned(posted, hook)
  return checkEnvelope(posted)
}

function checkEnvelope(posted: Posted): Envelope {
  const envelope = told(posted)
  expect(Object.keys(envelope).sort()).toEqual(['createdAt', 'created_at', 'data', 'id', 'type'])
  expect(envelope.id).toMatch(/^evt_[0-9a-z]{26}$/)
  expect(envelope.created_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  expect(envelope.createdAt).toBe(envelope.created_at)
  expect(posted.headers['content-type']).toBe('application/json')
  return envelope
}

const SIGNING = ['blueticks-webhook-timestamp', 'blueticks-webhook-signature', 'x-blueticks-signature', 'webhook-signature']

/** The headers of every family, and each signature as its clients compute it. */
export function checkSigned(posted: Posted, { id, secret }: Hook): void {
  const { headers, body } = posted
  const hmac = (key: string | Buffer, words: string) => createHmac('sha256', key).update(words)
  const seconds = String(headers['blueticks-webhook-timestamp'])
  expect(seconds).toMatch(/^[1-9]\d+$/)
  expect(Math.abs(Date.now() / 1000 - Number(seconds))).toBeLessThan(300)
  const eventId = told(posted).id
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64')
  expect(headers).toMatchObject({
    'blueticks-webhook-id': id,
    'blueticks-webhook-signature': `v1=${hmac(secret, `${seconds}.${body}`).digest('hex')}`,
    'x-blueticks-signature': `sha256=${hmac(secret, body).digest('hex')}`,
    'webhook-id': eventId,
    'webhook-timestamp': seconds,
    'webhook-signature': `v1,${hmac(key, `${eventId}.${seconds}.${body}`).digest('base64')}`,
  })
}

/** What a message's own callback gets: an id, and nothing to verify. */
export function checkUnsigned(posted: Posted): void {
  expect(posted.headers['blueticks-webhook-id']).toBe(checkEnvelope(posted).id)
  expect(SIGNING.filter((name) => name in posted.headers)).toEqual([])
}
