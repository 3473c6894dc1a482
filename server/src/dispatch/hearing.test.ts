import { afterAll, beforeAll, expect, it } from 'vitest'
import { all, sql } from '#kit/db'
import { type TestDatabase, testDatabase } from '../../test/database.ts'
import { bareChannel } from '../../test/engine-fixture.ts'
import { openHearing } from './hearing.ts'

let test: TestDatabase
beforeAll(async () => {
  test = await testDatabase()
})
afterAll(() => test.close())

const at = (seconds: number) => new Date(Date.UTC(2026, 2, 1) + seconds * 1000)

it('is told up to the oldest news of the last seconds, and never back', async () => {
  const { database } = test
  const { id } = await bareChannel(database, { rate: 1, capacity: 1, at: at(0) })
  const hearing = openHearing(database)
  const toldUpTo = async (...news: number[]) => {
    for (const seconds of news) hearing.hear(id, at(seconds))
    await hearing.flush()
    const [row] = await all(database.db, sql<{ at: Date | null }>`select last_inbound_at as at from channels where id = ${id}`)
    return row?.at && (row.at.getTime() - at(0).getTime()) / 1000
  }
  expect(await toldUpTo()).toBeNull()
  expect(await toldUpTo(110, 40, 112)).toBe(40)
  expect(await toldUpTo(113)).toBe(40)
  expect(await toldUpTo(30)).toBe(40)
  for (const fresh of [114, 115, 116, 117]) expect(await toldUpTo(fresh)).toBe(40)
  expect(await toldUpTo(118)).toBe(114)
})
