import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '#test/database'
import { first, sql } from './db.ts'

let house: TestDatabase
beforeAll(async () => {
  house = await testDatabase()
})
afterAll(() => house.close())

test('a list of texts arrives as it was, whatever is in it', async () => {
  const strange = fc.constantFrom(
    '"',
    '\\',
    '\n',
    '\t',
    '\u0001',
    '\u007f',
    '\u2028',
    '\ue000',
    '{',
    '}',
    ',',
    ' ',
    'NULL',
    'é',
    '😀',
    '{"a":"b\\n\\"c"}',
  )
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(strange).map((parts) => parts.join('')),
    fc.json(),
  )
  const stored = text.map((value) => value.replaceAll('\0', '').toWellFormed()) // a text of PostgreSQL has neither
  await fc.assert(
    fc.asyncProperty(fc.array(fc.option(stored), { maxLength: 20 }), async (list) => {
      const row = await first(house.database.db, sql<{ list: (string | null)[] }>`select ${list}::text[] as list`)
      expect(row?.list).toEqual(list)
    }),
    { numRuns: 300 },
  )
})
