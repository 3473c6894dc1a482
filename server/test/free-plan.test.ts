import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { eventually, openTestHouse, type TestHouse } from './house.ts'

const FOOTER = 'Powered by blueticks.co'
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
let house: TestHouse
beforeAll(async () => {
  house = await openTestHouse()
})
afterAll(() => house.close())
beforeEach(() => plan('free'))

const plan = async (name: string) =>
  expect((await house.call('PUT', '/v2/plan', { key: house.firstRun.live.keys.canonical, body: { name } })).status).toBe(200)
let ahead = 0
/** Moves the time of the house and its database. */
const later = async (seconds: number) => {
  ahead += seconds
  await house.test.moveClock(`${ahead} seconds`)
  await house.call('GET', '/readyz', { key: null }) // reads the database's clock
}
/** So that the requests of another test do not count. */
const nextMinute = () => later(61)
const v1 = <Body = Record<string, unknown>>(path: string, body: unknown) =>
  house.call<Body>('POST', path, { key: house.firstRun.keys.blueticks, body })
type Bubble = { content: { text?: string; caption?: string; type: string } }
const bubbles = (phone: string) =>
  eventually(async () => {
    const { body } = await house.call<{ bubbles: Bubble[] }>('GET', `/v2/simulator/phones/${encodeURIComponent(phone)}`)
    return (body.bubbles?.length ?? 0) > 0 && body.bubbles
  })
const timesIn = (bubble: Bubble | undefined) => JSON.stringify(bubble?.content ?? '').split(FOOTER).length - 1
const soon = () => new Date(house.test.clock.now().getTime() + 3_600_000).toISOString()

test('the words of the plan stand once under a text, a caption and a campaign, under no poll, and in nothing that is stored', async () => {
  const sent = await v1<{ text: string }>('/v1/scheduled-messages', { to: '+12025554401', text: 'Hello' })
  expect(sent.body.text).toBe('Hello')
  expect((await bubbles('+12025554401'))[0]?.content.text).toBe(`Hello\n\n${FOOTER}`)
  await v1('/v1/scheduled-messages', { to: '+12025554402', type: 'media', mediaBase64: PIXEL, text: 'Look' })
  const [picture] = await bubbles('+12025554402')
  expect(timesIn(picture)).toBe(1)
  expect(picture?.content.caption).toBe(`Look\n\n${FOOTER}`)
  await v1('/v1/scheduled-messages', { to: '+12025554403', type: 'poll', pollQuestion: 'Tea?', pollOptions: ['yes', 'no'] })
  expect(timesIn((await bubbles('+12025554403'))[0])).toBe(0)
  await nextMinute()
  const recipients = [{ to: '+12025554404', variables: { name: 'Ana' } }]
  expect((await house.call('POST', '/v2/campaigns', { body: { name: 'Spring', recipients, text: 'Hi {name}' } })).status).toBe(201)
  const [campaign] = await bubbles('+12025554404')
  expect(campaign?.content.text).toBe(`Hi Ana\n\n${FOOTER}`)
})

test('an upgrade before the send takes the words away', async () => {
  await nextMinute()
  const sendAt = new Date(house.test.clock.now().getTime() + 11_000).toISOString()
  expect((await v1('/v1/scheduled-messages', { to: '+12025554405', text: 'Later', sendAt })).status).toBe(201)
  await plan('pro')
  await later(12)
  expect((await bubbles('+12025554405'))[0]?.content.text).toBe('Later')
})

test('a text that leaves no room for the words is refused', async () => {
  await nextMinute()
  const long = await v1<{ error: { code: string; details: { path: string }[] } }>('/v1/scheduled-messages', {
    to: '+12025554406',
    text: 'x'.repeat(4_090),
  })
  expect(long).toMatchObject({ status: 400, body: { error: { code: 'invalid_request', details: [{ path: 'text' }] } } })
})

test('of twenty for later at once, one is taken; sends for now go on; an upgrade lifts it at once', async () => {
  await nextMinute()
  const tries = await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      v1<{ error?: object }>('/v1/scheduled-messages', { to: `+120255544${10 + i}`, text: 'x', sendAt: soon() }),
    ),
  )
  expect(tries.filter(({ status }) => status === 201)).toHaveLength(1)
  const refused = tries.filter(({ status }) => status === 403)
  expect(refused).toHaveLength(19)
  expect(refused[0]?.body).toMatchObject({ error: { code: 'permission_denied', details: [{ path: 'sendAt', code: 'plan_limit' }] } })
  expect((await v1('/v1/scheduled-messages', { to: '+12025554440', text: 'now' })).status).toBe(201)
  await plan('pro')
  expect((await v1('/v1/scheduled-messages', { to: '+12025554441', text: 'x', sendAt: soon() })).status).toBe(201)
})

test('sixty requests a minute, the first API among them', async () => {
  await nextMinute()
  const first = await Promise.all(Array.from({ length: 30 }, () => house.call('GET', '/v1/ping', { key: house.firstRun.keys.blueticks })))
  expect(first.every(({ status }) => status === 200)).toBe(true)
  const legacy = { apiKey: house.firstRun.keys.blueticks, to: '+12025554450', message: 'x' }
  const rest = await Promise.all(
    Array.from({ length: 50 }, () => house.call<{ error: object }>('POST', '/messages', { key: null, body: legacy })),
  )
  const over = rest.filter(({ status }) => status === 429)
  expect(over).toHaveLength(20)
  expect(over[0]?.body).toMatchObject({ success: false, error: { code: 'rate_limited' } })
  expect(over[0]?.headers.get('retry-after')).toMatch(/^[1-9]\d?$/)
  await plan('unlimited')
  // told by another process: this one hears of it a moment later
  await eventually(async () => (await house.call('GET', '/v1/ping', { key: house.firstRun.keys.blueticks })).status === 200)
})
