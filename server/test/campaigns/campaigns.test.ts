import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually, openTestHouse, type TestHouse } from '../house.ts'

let house: TestHouse
beforeAll(async () => {
  house = await openTestHouse()
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
type Problem = { code: string; detail: string; errors: { path: string; message: string }[] }

const post = <Body = Campaign>(path: string, body?: unknown) => house.call<Body>('POST', path, { ...(body !== undefined && { body }) })
const get = async (id: string) => (await house.call<Campaign>('GET', `/v2/campaigns/${id}`)).body
const until = (id: string, look: (campaign: Campaign) => boolean, mostMs?: number) =>
  eventually(async () => {
    const campaign = await get(id)
    return look(campaign) && campaign
  }, mostMs)
const phoneTexts = async (phone: string) =>
  (await house.call<object>('GET', `/v2/simulator/phones/${encodeURIComponent(phone)}`)).body

let last = 2_000_000
const people = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ to: `+1202${++last}`, variables: { name: `P${i}` } })).map((one) =>
    /0(00[1-9])$/.test(one.to) ? { ...one, to: `+1202${(last += 20)}` } : one,
  )

test('to people named at once: each gets his own words, the counts are the rows, it completes by itself', async () => {
  const recipients = people(25)
  const made = await post('/v2/campaigns', { name: 'Spring', recipients, text: 'Hello {name} {{name}} { NAME }' })
  expect(made.status).toBe(201)
  expect(made.body).toMatchObject({ state: 'scheduled', recipients: 25 })
  const done = await until(made.body.id, ({ state, counts }) => state === 'completed' && counts.read === 25)
  expect(done).toMatchObject({ recipients: 25, counts: { read: 25 }, reasons: [] })
  expect(JSON.stringify(await phoneTexts(recipients[3]?.to ?? ''))).toContain('Hello P3 {{name}} P3')
})
