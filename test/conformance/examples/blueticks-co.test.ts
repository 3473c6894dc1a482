import crypto from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AUDIENCE, CAMPAIGN, DELETED, expectOne, STORED_MESSAGE, WEBHOOK } from '../blueticks-co/shapes.ts'
import { type LiveHouse, openLiveHouse } from '../house.ts'
import { openWeb, PDF, type Web } from '../web.ts'
import { ahead, type Example, examples } from './blueticks-co.ts'

let house: LiveHouse
let web: Web
let audienceId: string

beforeAll(async () => {
  web = await openWeb({ '/document.pdf': { type: 'application/pdf', bytes: PDF } })
  house = await openLiveHouse()
  const contacts = [{ to: '+14155551234', variables: { first_name: 'Sam' } }]
  audienceId = String((await house.ask('/v1/audiences', { body: { name: 'July reminders', contacts } })).body.id)
})
afterAll(async () => {
  await house.close()
  await web.close()
})

const NAMES = examples('key', 'http://file', 'aud_').map(({ page, as, name }) => `${page}, ${as}: ${name}`)
const SHAPES = { message: STORED_MESSAGE, webhook: WEBHOOK, audience: AUDIENCE, campaign: CAMPAIGN }

describe('a request that the pages print', () => {
  test.each(NAMES.map((name, i) => [name, i] as const))('%s', async (_, i) => {
    const example = examples(house.firstRun.keys.blueticks, web.url, audienceId)[i] as Example // the list above has the same length
    const { method, path, headers, body, answer } = example
    const told = await fetch(`${house.url}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) })
    expect(told.status).toBe(answer.status)
    expect(told.headers.get('x-request-id')).toMatch(/^req_\w+$/)
    const shown = (await told.json()) as Record<string, unknown>
    expectOne(shown, SHAPES[answer.shape], answer.shape === 'webhook' ? ['secret'] : [])
    expect(shown).toMatchObject({ ...answer.top, data: answer.data })
  })
})

describe('what the pages tell of a message that waits', () => {
  const text = 'Reminder: your appointment is tomorrow at 10:00am.'
  const schedule = async () => {
    const { body } = await house.ask('/v1/scheduled-messages', {
      body: { to: '+14155551234', type: 'text', text, send_at: ahead('2026-07-01T09:00:00+00:00') },
    })
    return `/v1/scheduled-messages/${body.id}`
  }

  test('GET reads its status', async () => {
    const { status, body } = await house.ask(await schedule())
    expect(status).toBe(200)
    expectOne(body, STORED_MESSAGE)
    expect(body).toMatchObject({ status: 'scheduled', text, data: { status: 'pending' } })
  })

  test('PATCH edits its text and moves its time', async () => {
    const path = await schedule()
    const sendAt = new Date(Date.now() + 3_600_000).toISOString()
    const edited = await house.ask(path, { method: 'PATCH', body: { text: 'Reminder: it moved.' } })
    expect(edited).toMatchObject({ status: 200, body: { status: 'scheduled', text: 'Reminder: it moved.' } })
    expectOne(edited.body, STORED_MESSAGE)
    const moved = await house.ask(path, { method: 'PATCH', body: { send_at: sendAt } })
    expect(moved).toMatchObject({ status: 200, body: { send_at: sendAt, text: 'Reminder: it moved.' } })
  })

  test('DELETE pulls it back, and it is gone', async () => {
    const path = await schedule()
    const deleted = await house.ask(path, { method: 'DELETE' })
    expect(deleted.status).toBe(200)
    expectOne(deleted.body, DELETED)
    expect(deleted.body).toMatchObject({ deleted: true, id: path.split('/').at(-1) })
    for (const method of ['GET', 'DELETE', 'PATCH'] as const) {
      const again = await house.ask(path, { method, ...(method === 'PATCH' && { body: { text: 'x' } }) })
      expect(again).toMatchObject({ status: 404, body: { success: false, error: { code: 'not_found' } } })
    }
  })

  test.each([
    ['under 10 seconds ahead', 5_000],
    ['over 365 days ahead', 366 * 86_400_000],
  ])('%s is refused', async (_, ms) => {
    const send_at = new Date(Date.now() + ms).toISOString()
    const { status, body } = await house.ask('/v1/scheduled-messages', { body: { to: '+14155551234', type: 'text', text, send_at } })
    expect({ status, body }).toMatchObject({ status: 400, body: { error: { code: 'invalid_request', details: [{ path: 'sendAt' }] } } })
  })

  test('a stable Idempotency-Key sends once', async () => {
    const ask = (words: string) =>
      house.ask('/v1/scheduled-messages', {
        headers: { 'Idempotency-Key': 'order-1024' },
        body: { to: '+14155551234', type: 'text', text: words },
      })
    const first = await ask('Your order #1024 has shipped.')
    const again = await ask('Your order #1024 has shipped.')
    expect([first.status, again.status]).toEqual([201, 200])
    expect(again.body.id).toBe(first.body.id)
    expect(await ask('Another text.')).toMatchObject({ status: 409, body: { error: { code: 'idempotency_key_conflict' } } })
  })
})

/** As the blog has it. */
function verify(rawBody: string, header: string, secret: string): boolean {
  const expected = `sha256=${crypto.createHmac('sha256', secret).update(rawBody).digest('hex')}`
  return crypto.timingSafeEqual(Buffer.from(header), Buffer.from(expected))
}

test("the blog's verifier takes a real delivery, and no byte may change", async () => {
  const events = ['message.delivered', 'message.read', 'message.failed']
  const hook = await house.ask('/v1/webhooks', { body: { url: `${web.url}/webhooks/blueticks`, events } })
  const secret = String(hook.body.secret)
  const { body: sent } = await house.ask('/v1/scheduled-messages', {
    body: { to: '+14155550199', type: 'text', text: 'Verify me — ünïcode' },
  })
  const posted = await web.until(
    ({ path, body }) => path === '/webhooks/blueticks' && body.includes('"message.delivered"') && body.includes(String(sent.id)),
  )
  const header = String(posted.headers['x-blueticks-signature'])
  expect(header).toMatch(/^sha256=[0-9a-f]{64}$/)
  expect(verify(posted.body, header, secret)).toBe(true)
  expect(verify(posted.body.replace('ünïcode', 'ünïcodé'), header, secret)).toBe(false)
  expect(verify(posted.body, header, `${secret}x`)).toBe(false)
  const told = JSON.parse(posted.body)
  expect(told).toMatchObject({
    id: expect.stringMatching(/^evt_/),
    type: 'message.delivered',
    data: { message_id: sent.id, messageId: sent.id, status: 'delivered' },
  })
  expect(Object.keys(told).sort()).toEqual(['createdAt', 'created_at', 'data', 'id', 'type'])
  await house.ask(`/v1/webhooks/${hook.body.id}`, { method: 'DELETE' })
})
