import { createHmac } from 'node:crypto'
import Fastify from 'fastify'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Receipt, TransportChannel } from '#core/transport'
import { metaHooks } from './routes.ts'

const NOW = new Date('2026-01-02T03:04:05.000Z')
const channel = (id: string, phoneNumberId: string): TransportChannel => ({
  id,
  workspaceId: 'w1',
  kind: 'cloud',
  number: '+15550783881',
  settings: { phoneNumberId },
  credentials: { accessToken: 't', appSecret: 'app secret', verifyToken: 'verify me' },
})
const OWN = channel('c1', '111')
const SIBLING = channel('c2', '222')

type Kept = { raw: [string, string][]; receipts: [string, Receipt[]][] }

function openHooks(fails: { raw?: boolean; receipts?: boolean } = {}) {
  const kept: Kept = { raw: [], receipts: [] }
  const app = Fastify()
  app.register(
    metaHooks({
      channels: {
        byHookKey: async (key) => (key === 'key1' ? OWN : undefined),
        byRemoteId: async (workspaceId, id) => (workspaceId === 'w1' && id === '222' ? SIBLING : undefined),
      },
      sink: {
        async raw({ id }, body) {
          if (fails.raw) throw new Error('the database is away')
          kept.raw.push([id, body.toString('utf8')])
        },
        async receipts({ id }, receipts) {
          if (fails.receipts) throw new Error('the database is away')
          kept.receipts.push([id, [...receipts]])
        },
      },
      now: () => NOW,
    }),
  )
  return { app, kept }
}

const sign = (body: string | Buffer, secret = 'app secret') => `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
const envelope = (...values: object[]) =>
  JSON.stringify({
    object: 'whatsapp_business_account',
    entry: [{ id: 'waba', changes: values.map((value) => ({ field: 'messages', value })) }],
  })
const statuses = (phoneNumberId: string | undefined, ...ids: string[]) => ({
  ...(phoneNumberId !== undefined && { metadata: { phone_number_id: phoneNumberId } }),
  statuses: ids.map((id) => ({ id, status: 'delivered', timestamp: '1770000000' })),
})
const message = (phoneNumberId: string) => ({
  metadata: { phone_number_id: phoneNumberId },
  messages: [{ id: 'wamid.1', from: '16505551234', timestamp: '1770000000', type: 'text', text: { body: 'Größe' } }],
})

let house: ReturnType<typeof openHooks>
beforeEach(() => {
  house = openHooks()
})
const post = (body: string | Buffer, headers: Record<string, string> = {}, key = 'key1') =>
  house.app.inject({
    method: 'POST',
    url: `/hooks/meta/${key}`,
    payload: body,
    headers: { 'content-type': 'application/json', 'x-hub-signature-256': sign(body), ...headers },
  })

describe('handshake', () => {
  const ask = (query: Record<string, string>, key = 'key1') => house.app.inject({ method: 'GET', url: `/hooks/meta/${key}`, query })
  const right = { 'hub.mode': 'subscribe', 'hub.verify_token': 'verify me', 'hub.challenge': '1158201444' }

  test('the challenge goes back as plain text', async () => {
    const answer = await ask(right)
    expect([answer.statusCode, answer.body, answer.headers['content-type']]).toEqual([200, '1158201444', 'text/plain; charset=utf-8'])
  })

  test.each([
    ['another token', { ...right, 'hub.verify_token': 'verify you' }],
    ['no token', { 'hub.mode': 'subscribe', 'hub.challenge': '1' }],
    ['another mode', { ...right, 'hub.mode': 'unsubscribe' }],
    ['no challenge', { 'hub.mode': 'subscribe', 'hub.verify_token': 'verify me' }],
    ['a challenge without end', { ...right, 'hub.challenge': '1'.repeat(1025) }],
  ])('%s is refused', async (_, query) => {
    const answer = await ask(query)
    expect(answer.statusCode).toBe(403)
    expect(answer.body).not.toContain('verify me')
  })

  test('an unknown webhook is not there', async () => expect((await ask(right, 'key2')).statusCode).toBe(404))
})

describe('signature', () => {
  test('is over the bytes as they came', async () => {
    const escaped = envelope(message('111')).replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
    expect(escaped).not.toBe(envelope(message('111')))
    expect((await post(escaped)).statusCode).toBe(200)
    expect(house.kept.raw).toEqual([['c1', escaped]])
  })

  test.each<[string, (body: string) => string]>([
    ['of another secret', (body) => sign(body, 'another')],
    ['of other bytes', (body) => sign(`${body} `)],
    ['cut short', (body) => sign(body).slice(0, -2)],
    ['of another kind', (body) => sign(body).replace('sha256', 'sha1')],
    ['empty', () => ''],
  ])('%s: refused, and nothing is kept', async (_, wrong) => {
    const body = envelope(message('111'))
    expect((await post(body, { 'x-hub-signature-256': wrong(body) })).statusCode).toBe(401)
    expect(house.kept).toEqual({ raw: [], receipts: [] })
  })

  test('none at all, no body at all, a stranger webhook', async () => {
    expect((await house.app.inject({ method: 'POST', url: '/hooks/meta/key1', payload: '{}' })).statusCode).toBe(401)
    expect((await house.app.inject({ method: 'POST', url: '/hooks/meta/key1' })).statusCode).toBe(401)
    expect((await post('{}', {}, 'key2')).statusCode).toBe(404)
  })

  test('a channel without a secret takes nothing', async () => {
    OWN.credentials = { verifyToken: 'verify me', appSecret: '' }
    const answer = await post(envelope(message('111')), { 'x-hub-signature-256': sign(envelope(message('111')), '') })
    OWN.credentials = { verifyToken: 'verify me', appSecret: 'app secret' }
    expect(answer.statusCode).toBe(401)
  })
})

describe('what is kept', () => {
  test('messages: raw, whatever the content type', async () => {
    const body = envelope(message('111'))
    expect((await post(body, { 'content-type': 'text/plain' })).statusCode).toBe(200)
    expect(house.kept).toEqual({ raw: [['c1', body]], receipts: [] })
  })

  test('receipts alone: their effect, with the channel of each number', async () => {
    expect((await post(envelope(statuses('111', 'a', 'b'), statuses('222', 'c'), statuses(undefined, 'd')))).statusCode).toBe(200)
    const ids = house.kept.receipts.map(([id, receipts]) => [id, receipts.map(({ wireId }) => wireId)])
    expect(ids).toEqual([
      ['c1', ['a', 'b']],
      ['c2', ['c']],
      ['c1', ['d']],
    ])
    expect(house.kept.raw).toEqual([])
  })

  test.each([
    ['receipts beside a message', envelope(statuses('111', 'a'), message('111'))],
    ['receipts of a number of nobody', envelope(statuses('111', 'a'), statuses('333', 'b'))],
    ['an envelope with nothing in it', envelope()],
    ['what is no envelope', '{"object":"page"}'],
    ['what is no JSON', '<html>'],
  ])('%s: raw', async (_, body) => {
    expect((await post(body)).statusCode).toBe(200)
    expect(house.kept).toEqual({ raw: [['c1', body]], receipts: [] })
  })

  test('a body over 4 MiB is refused, one below is taken', async () => {
    const long = (bytes: number) => Buffer.alloc(bytes, 'x')
    expect((await post(long(4 * 1024 * 1024 + 1))).statusCode).toBe(413)
    expect((await post(long(4 * 1024 * 1024))).statusCode).toBe(200)
  })

  test('what could not be committed is not answered with 200', async () => {
    house = openHooks({ raw: true, receipts: true })
    expect((await post(envelope(message('111')))).statusCode).toBe(500)
    expect((await post(envelope(statuses('111', 'a')))).statusCode).toBe(500)
  })
})
