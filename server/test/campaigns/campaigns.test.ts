import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { run, sql } from '#kit/db'
import { eventually, openTestHouse, type TestHouse } from '../house.ts'

let house: TestHouse
let channelId: string
beforeAll(async () => {
  house = await openTestHouse()
  channelId = house.firstRun.channels.ownNumber.id
  await pace(2_000)
})
afterAll(() => house.close())

type Campaign = {
  id: string
  state: string
  reason: string | null
  recipients: number
  counts: Record<string, number>
  reasons: { state: string; code: string; reason: string; count: number }[]
}
type Recipient = { to: string; state: string; code: string | null; messageId: string | null }
type Problem = { code: string; detail: string; errors: { path: string; message: string }[] }
type Preview = { recipients: number; toSend: number; skipped: { code: string; count: number }[]; byCountry: object[] }

const post = <Body = Campaign>(path: string, body?: unknown) => house.call<Body>('POST', path, { ...(body !== undefined && { body }) })
const get = async (id: string) => (await house.call<Campaign>('GET', `/v2/campaigns/${id}`)).body
const until = (id: string, look: (campaign: Campaign) => boolean, mostMs?: number) =>
  eventually(async () => {
    const campaign = await get(id)
    return look(campaign) && campaign
  }, mostMs)
const isDone = ({ state }: Campaign) => state === 'completed'
const recipientsOf = async (id: string, state = '') =>
  (await house.call<{ data: Recipient[] }>('GET', `/v2/campaigns/${id}/recipients?limit=200${state && `&state=${state}`}`)).body.data
const onPhone = async (phone: string) => JSON.stringify((await house.call('GET', `/v2/simulator/phones/${encodeURIComponent(phone)}`)).body)
const pace = async (rate: number) =>
  expect((await house.call('PATCH', `/v2/channels/${channelId}`, { body: { settings: { rate } } })).status).toBe(200)
const sum = (counts: Record<string, number>) => Object.values(counts).reduce((total, count) => total + count, 0)
const reached = ({ sent = 0, delivered = 0, read = 0 }: Record<string, number>) => sent + delivered + read

let last = 1_000
/** Somebody new whose number does nothing of its own. */
const phone = () => `+120255${++last}77`
const people = (count: number) => Array.from({ length: count }, (_, i) => ({ to: phone(), variables: { name: `P${i}` } }))

describe('a campaign', () => {
  test('to people named at once: each gets his own words, the counts are the rows, it completes by itself', async () => {
    const recipients = people(25)
    const made = await post('/v2/campaigns', { name: 'Spring', recipients, text: 'Hello {name} {{name}} { NAME }' })
    expect(made.status).toBe(201)
    expect(made.body).toMatchObject({ state: 'scheduled', recipients: 25 })
    const done = await until(made.body.id, ({ state, counts }) => state === 'completed' && counts.read === 25)
    expect(done).toMatchObject({ recipients: 25, counts: { read: 25 }, reasons: [] })
    expect(await onPhone(recipients[3]?.to ?? '')).toContain('Hello P3 {{name}} P3')
    const [first] = await recipientsOf(done.id)
    const message = await house.call<{ campaignId: string }>('GET', `/v2/messages/${first?.messageId}`)
    expect(message.body.campaignId).toBe(done.id)
    const events = await house.call<{ data: { type: string; data: { campaignId: string; campaign: Campaign } }[] }>(
      'GET',
      '/v2/events?types=campaign.scheduled,campaign.started,campaign.completed',
    )
    expect(events.body.data.filter(({ data }) => data.campaignId === done.id).map(({ type }) => type)).toEqual([
      'campaign.scheduled',
      'campaign.started',
      'campaign.completed',
    ])
  })

  test('somebody who lacks a word: nobody is sent to, or he is left out, or gets the token as it stands', async () => {
    const recipients = [...people(2), { to: phone() }]
    const body = { name: 'Words', recipients, text: 'Hello {name}' }
    const refused = await post<Problem>('/v2/campaigns', body)
    expect(refused.status).toBe(422)
    expect(refused.body.errors).toHaveLength(1)
    expect(refused.body.errors[0]?.path).toMatch(/^members\..+\.name$/)
    const skipping = await post('/v2/campaigns', { ...body, onMissingVariable: 'skipRecipient' })
    const skipped = await until(skipping.body.id, isDone)
    expect(skipped.counts).toMatchObject({ skipped: 1 })
    expect(skipped.reasons).toMatchObject([{ state: 'skipped', code: 'missing_variable', count: 1 }])
    expect(await onPhone(recipients[2]?.to ?? '')).not.toContain('Hello')
    const leaving = await post('/v2/campaigns', { ...body, onMissingVariable: 'leaveToken' })
    await until(leaving.body.id, (campaign) => isDone(campaign) && reached(campaign.counts) === 3)
    expect(await onPhone(recipients[2]?.to ?? '')).toContain('Hello {name}')
  })

  test('an audience that changed since: a word that is missing at the beginning fails it before anything is sent', async () => {
    const audience = await post<{ id: string }>('/v2/audiences', { name: 'later', members: people(3) })
    const startAt = new Date(house.test.clock.now().getTime() + 1_500).toISOString()
    const made = await post('/v2/campaigns', { name: 'Later', audienceId: audience.body.id, text: 'Hi {name}', startAt })
    expect(made.status).toBe(201)
    expect((await house.call('DELETE', `/v2/audiences/${audience.body.id}`)).status).toBe(409)
    await post(`/v2/audiences/${audience.body.id}/members`, { members: [{ to: phone() }] })
    const failed = await until(made.body.id, ({ state }) => state === 'failed')
    expect(failed.reason).toContain('{name}')
    expect(failed.counts).toEqual({})
    expect((await house.call('DELETE', `/v2/audiences/${audience.body.id}`)).status).toBe(204)
  })

  test('a channel that was deleted before it began: it fails and says so', async () => {
    const sandbox = { kind: 'sandbox', persona: 'own_number' }
    const channel = (await post<{ id: string }>('/v2/channels', sandbox)).body.id
    const startAt = new Date(house.test.clock.now().getTime() + 1_500).toISOString()
    const made = await post('/v2/campaigns', { name: 'Orphan', recipients: people(2), text: 'Hi {name}', startAt, channelId: channel })
    expect((await house.call('DELETE', `/v2/channels/${channel}`)).status).toBe(204)
    const failed = await until(made.body.id, ({ state }) => state === 'failed')
    expect(failed).toMatchObject({ reason: 'Its channel was deleted before everybody was looked at', counts: {} })
  })

  test('paused: what starts after the answer is nothing; resumed: everybody gets it once', async () => {
    await pace(40)
    const recipients = people(60)
    const { body } = await post('/v2/campaigns', { name: 'Pause', recipients, text: 'once only {name}' })
    await until(body.id, ({ counts }) => reached(counts) >= 10)
    expect((await post(`/v2/campaigns/${body.id}/pause`)).body.state).toBe('paused')
    expect((await post(`/v2/campaigns/${body.id}/pause`)).status).toBe(409)
    const settled = await until(body.id, ({ counts }) => !counts.sending)
    await post('/v2/messages', { to: phone(), text: 'others go on', awaitMs: 5_000 })
    await new Promise((done) => setTimeout(done, 500)) // as long as twenty more would have taken
    const later = await get(body.id)
    expect(reached(later.counts)).toBe(reached(settled.counts))
    expect(reached(later.counts)).toBeLessThan(60)
    await house.restart()
    expect((await post(`/v2/campaigns/${body.id}/resume`)).body.state).toBe('running')
    await until(body.id, (campaign) => isDone(campaign) && reached(campaign.counts) === 60)
    const after = await recipientsOf(body.id)
    expect(new Set(after.map(({ messageId }) => messageId)).size).toBe(60)
    await pace(2_000)
  })

  test('cancelled: what has not started never does, and every recipient has an end', async () => {
    await pace(20)
    const { body } = await post('/v2/campaigns', { name: 'Cancel', recipients: people(50), text: 'never {name}' })
    await until(body.id, ({ counts }) => reached(counts) >= 5)
    expect((await post(`/v2/campaigns/${body.id}/cancel`)).body.state).toBe('cancelled')
    const ended = await until(body.id, ({ counts }) => !counts.scheduled && !counts.sending && !counts.waiting)
    expect(sum(ended.counts)).toBe(50)
    expect(ended.counts.cancelled).toBeGreaterThan(20)
    for (const move of ['pause', 'resume', 'cancel']) expect((await post(`/v2/campaigns/${body.id}/${move}`)).status).toBe(409)
    await pace(2_000)
  })

  test('the end of its time: whoever is left is skipped, and it completes', async () => {
    await pace(20)
    const sendUntil = new Date(house.test.clock.now().getTime() + 2_000).toISOString()
    const { body } = await post('/v2/campaigns', { name: 'Until', recipients: people(100), text: 'soon {name}', sendUntil })
    const done = await until(body.id, isDone, 15_000)
    expect(sum(done.counts)).toBe(100)
    expect(done.counts.skipped).toBeGreaterThan(30)
    expect(done.reasons).toMatchObject([{ state: 'skipped', code: 'campaign_ended', count: done.counts.skipped }])
    await pace(2_000)
  })

  test('the guard pauses it when too much fails, and says why', async () => {
    const recipients = Array.from({ length: 60 }, (_, i) => ({ to: i % 2 ? phone() : `+1202${600 + i}0002` }))
    const guard = { failurePercent: 30, least: 20 }
    await pace(50)
    const { body } = await post('/v2/campaigns', { name: 'Guard', recipients, text: 'hi', guard })
    const paused = await until(body.id, ({ state }) => state === 'paused')
    expect(paused.reason).toMatch(/^\d+ % of the last \d+ messages failed$/)
    expect(paused.counts.failed).toBeGreaterThanOrEqual(7)
    expect(reached(paused.counts) + (paused.counts.failed ?? 0)).toBeLessThan(60)
    await post(`/v2/campaigns/${body.id}/cancel`)
    const free = await post('/v2/campaigns', { name: 'No guard', recipients: recipients.slice(0, 30), text: 'hi', guard: null })
    const done = await until(free.body.id, isDone)
    expect(done.counts).toMatchObject({ failed: 15 })
    await pace(2_000)
  })

  test('retry of what failed: to those alone, as a campaign of its own', async () => {
    const recipients = [...people(5), { to: '+12025550002' }, { to: '+12025560002' }].map((one) => ({
      to: one.to,
      variables: { name: 'x' },
    }))
    const { body } = await post('/v2/campaigns', { name: 'Retry', recipients, text: 'hi {name}' })
    const done = await until(body.id, isDone)
    expect(done.counts).toMatchObject({ failed: 2 })
    const again = await post<Campaign & { retryOf: string }>(`/v2/campaigns/${body.id}/retry-failed`)
    expect(again.status).toBe(201)
    expect(again.body).toMatchObject({ retryOf: body.id, recipients: 2 })
    const retried = await until(again.body.id, isDone)
    expect(retried.counts).toEqual({ failed: 2 })
    expect((await recipientsOf(again.body.id)).map(({ to }) => to).sort()).toEqual(['+12025550002', '+12025560002'])
    expect(sum((await get(body.id)).counts)).toBe(7)
    // nobody knows whether the first of the two arrived
    await run(house.test.database.db, sql`update messages set code = 'outcome_unknown' where address = '+12025550002' and state = 'failed'`)
    expect((await post(`/v2/campaigns/${body.id}/retry-failed`)).body.recipients).toBe(1)
    expect((await post(`/v2/campaigns/${body.id}/retry-failed`, { includeUnknown: true })).body.recipients).toBe(2)
    const none = await post('/v2/campaigns', { name: 'Fine', recipients: people(1), text: 'hi' })
    await until(none.body.id, isDone)
    expect((await post(`/v2/campaigns/${none.body.id}/retry-failed`)).status).toBe(409)
  })

  test('who opts out while it runs gets nothing; who is erased is counted and nothing more', async () => {
    await pace(5)
    const recipients = people(30)
    const { body } = await post('/v2/campaigns', { name: 'Stop', recipients, text: 'hi {name}' })
    const made = await eventually(async () => {
      const found = await recipientsOf(body.id)
      return found.length === 30 && found.every(({ messageId }) => messageId) && found
    })
    const contactAt = async (to: string) =>
      (await house.call<{ data: { id: string }[] }>('GET', `/v2/contacts?search=${encodeURIComponent(to)}`)).body.data[0]?.id
    const [stopping, leaving] = [made.at(-1)?.to ?? '', made.at(-2)?.to ?? '']
    expect((await house.call('PATCH', `/v2/contacts/${await contactAt(stopping)}`, { body: { optedOut: true } })).status).toBe(200)
    expect((await house.call('DELETE', `/v2/contacts/${await contactAt(leaving)}?history=erase`)).status).toBe(204)
    await pace(2_000)
    const done = await until(body.id, (campaign) => isDone(campaign) && reached(campaign.counts) === 28)
    expect(done.counts).toMatchObject({ skipped: 1, erased: 1 })
    expect(done.reasons).toMatchObject([{ code: 'opted_out', count: 1 }])
    expect(JSON.stringify(await recipientsOf(body.id))).not.toContain(leaving)
  })

  test('a draft is changed, looked at and started', async () => {
    const { body } = await post('/v2/campaigns', { name: 'Draft', recipients: people(3), text: 'hi {nickname}', draft: true })
    expect(body).toMatchObject({ state: 'draft', recipients: 3 })
    expect((await post<Preview>(`/v2/campaigns/${body.id}/dry-run`)).body).toMatchObject({
      toSend: 0,
      skipped: [{ code: 'missing_variable', count: 3 }],
    })
    expect((await post(`/v2/campaigns/${body.id}/start`)).status).toBe(422)
    const changed = await house.call('PATCH', `/v2/campaigns/${body.id}`, { body: { text: 'hi {name}', name: 'Better' } })
    expect(changed.body).toMatchObject({ state: 'draft', name: 'Better', content: { text: 'hi {name}' } })
    expect((await post(`/v2/campaigns/${body.id}/start`)).body.state).toBe('scheduled')
    await until(body.id, isDone)
    expect((await house.call('PATCH', `/v2/campaigns/${body.id}`, { body: { name: 'Too late' } })).status).toBe(409)
  })
})

describe('a dry run', () => {
  test('says of 10,000 mixed people what the real one does', async () => {
    await pace(20_000)
    const members = Array.from({ length: 10_000 }, (_, i) => ({
      to: `+1303${String(2_000_000 + i)}`,
      variables: i % 10 === 3 ? {} : { name: i % 10 === 5 ? 'n'.repeat(1_000) : `P${i}` },
    }))
    const audience = await post<{ id: string }>('/v2/audiences', { name: 'mixed' })
    for (let at = 0; at < members.length; at += 1_000)
      await post(`/v2/audiences/${audience.body.id}/members`, { members: members.slice(at, at + 1_000) })
    for (const i of [11, 21, 31]) await post('/v2/contacts', { phone: members[i]?.to, optedOut: true })
    const text = `{name}${'x'.repeat(3_200)}`
    const body = { name: 'Mixed', audienceId: audience.body.id, text, onMissingVariable: 'skipRecipient', guard: null }
    const preview = (await post<Preview>('/v2/campaigns/dry-run', body)).body
    expect(preview).toMatchObject({ recipients: 10_000, toSend: 7_997, byCountry: [{ country: 'US', count: 7_997 }] })
    expect(Object.fromEntries(preview.skipped.map(({ code, count }) => [code, count]))).toEqual({
      missing_variable: 1_000,
      invalid_content: 1_000,
      opted_out: 3,
    })
    const made = await post('/v2/campaigns', body)
    const look = async () => (await get(made.body.id)).state === 'completed'
    await eventually(look, 60_000, 1_000) // each look counts ten thousand rows
    const done = await get(made.body.id)
    expect(sum(done.counts)).toBe(10_000)
    expect(done.counts.skipped).toBe(2_003)
    expect(sum(done.counts) - (done.counts.skipped ?? 0)).toBe(preview.toSend)
    expect(Object.fromEntries(done.reasons.filter(({ state }) => state === 'skipped').map(({ code, count }) => [code, count]))).toEqual(
      Object.fromEntries(preview.skipped.map(({ code, count }) => [code, count])),
    )
  }, 90_000)

  test('adds up what Meta charges, by the price list of the workspace', async () => {
    const cloud = await post<{ id: string }>('/v2/channels', { kind: 'sandbox', persona: 'cloud', name: 'Cloud' })
    const recipients = [1, 2, 3, 4].map((n) => ({ to: `+1303200900${n}` }))
    const content = { type: 'template', name: 'hello_world', language: 'en_US' }
    const body = { name: 'x', channelId: cloud.body.id, recipients, content }
    expect((await post<Preview>('/v2/campaigns/dry-run', body)).body).toMatchObject({ toSend: 4, cost: null })
    const prices = { currency: 'EUR', byCountry: { US: { marketing: 0.0251 } } }
    expect((await house.call('PATCH', '/v2/workspace', { body: { prices } })).body).toMatchObject({ prices })
    expect((await post<Preview>('/v2/campaigns/dry-run', body)).body).toMatchObject({
      cost: { currency: 'EUR', amount: 0.1004, unpriced: 0 },
    })
    expect((await post<Preview>('/v2/campaigns/dry-run', { ...body, category: 'utility' })).body).toMatchObject({
      cost: { amount: 0, unpriced: 4 },
    })
    expect((await house.call('PATCH', '/v2/workspace', { body: { prices: null } })).body).toMatchObject({ prices: null })
  })

  test('leaves nothing behind', async () => {
    const count = async () => (await house.call<{ data: object[] }>('GET', '/v2/audiences?limit=200')).body.data.length
    const before = await count()
    const looked = await post<Preview>('/v2/campaigns/dry-run', { name: 'x', recipients: people(4), text: 'hi {name}' })
    expect(looked.body).toMatchObject({ recipients: 4, toSend: 4, skipped: [] })
    expect(await count()).toBe(before)
  })
})
