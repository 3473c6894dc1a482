import { afterAll, beforeAll, expect, test } from 'vitest'
import { all, sql } from '#kit/db'
import { type TestDatabase, testDatabase } from '../database.ts'
import { type Doors, openDoors, type Told } from './doors.ts'

let database: TestDatabase
let nodes: [Doors, Doors]

beforeAll(async () => {
  database = await testDatabase({ own: true })
  nodes = [await openDoors(database), await openDoors(database)]
  await nodes[1].tenant()
})
afterAll(async () => {
  for (const node of nodes) await node.close()
  await database.close()
})

/** The database's clock to `second` of a minute, so that no minute ends within the test. */
async function standAt(second: number, minutesOn = 0): Promise<void> {
  await database.moveClock('0')
  const now = database.clock.now().getTime()
  const target = Math.ceil(now / 60_000) * 60_000 + minutesOn * 60_000 + second * 1_000
  await database.moveClock(`${target - now} milliseconds`)
}

const burst = (key: string, count: number): Promise<Told[]> =>
  Promise.all(Array.from({ length: count }, (_, n) => nodes[n % 2 === 0 ? 0 : 1].ask({ path: '/v2/plan', key })))

test('two nodes together keep the limit of the plan, and the next minute is a new one', async () => {
  await standAt(5)
  const { key, workspace } = await nodes[0].tenant({ plan: 'free' })
  const told = await burst(key, 150)
  expect(told.filter(({ status }) => status === 200)).toHaveLength(60)
  const refused = told.filter(({ status }) => status === 429)
  expect(refused).toHaveLength(90)
  for (const { headers, body } of refused) {
    expect(headers.get('retry-after')).toMatch(/^\d+$/)
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(40)
    expect(body).toMatchObject({ code: 'rate_limited', retryAfter: Number(headers.get('retry-after')) })
  }
  const [row] = await all(
    database.database.db,
    sql<{ used: number }>`select used from rate_windows where subject = ${`workspace:${workspace.id}`}`,
  )
  expect(row?.used).toBeLessThanOrEqual(62) // refusals are not written down
  await standAt(5, 1)
  const [next] = await burst(key, 1)
  expect(next?.status).toBe(200)
  expect(next?.headers.get('ratelimit-limit')).toBe('60')
  expect(Number(next?.headers.get('ratelimit-remaining'))).toBeLessThan(60)
  const rows = await all(database.database.db, sql`select 1 from rate_windows where subject = ${`workspace:${workspace.id}`}`)
  expect(rows).toHaveLength(1) // past minutes are dropped
})

test('a wide limit takes slices: hundreds of requests are a few writes', async () => {
  await standAt(5, 3)
  const { key, workspace } = await nodes[0].tenant({ plan: 'pro' })
  const told = await burst(key, 300)
  expect(new Set(told.map(({ status }) => status))).toEqual(new Set([200]))
  const [row] = await all(
    database.database.db,
    sql<{ used: number }>`select used from rate_windows where subject = ${`workspace:${workspace.id}`}`,
  )
  expect(row?.used).toBeGreaterThanOrEqual(300)
  expect(row?.used).toBeLessThanOrEqual(320) // what two nodes hold beyond: a slice of 10 each
  const more = await burst(key, 400)
  expect(more.filter(({ status }) => status === 200)).toHaveLength(300)
})
