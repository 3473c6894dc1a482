import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '#test/database'
import { all, type Db, first, inTransaction, run, sql, unawaited } from './db.ts'
import { newId } from './ids.ts'

let house: TestDatabase
beforeAll(async () => {
  house = await testDatabase({ own: true })
  await run(house.database.db, sql`create table notes (id uuid primary key, place serial)`)
})
afterAll(() => house.close())

const note = (db: Db, id: string) => run(db, sql`insert into notes (id) values (${id})`)
const notes = async (ids: readonly string[]) =>
  (await all(house.database.db, sql<{ id: string }>`select id from notes where id = any(${ids}::uuid[]) order by place`)).map(
    ({ id }) => id,
  )

describe('a transaction', () => {
  test('sends its statements in the order in which they were asked for, whoever waits for them', async () => {
    const ids = Array.from({ length: 20 }, newId)
    await inTransaction(house.database.engine, {}, async (tx) => {
      for (const [i, id] of ids.entries()) {
        const written = unawaited(tx, note(tx, id))
        if (i % 7 === 0) await written
      }
    })
    expect(await notes(ids)).toEqual(ids)
  })

  test('is undone by a part that nobody waited for, and says why', async () => {
    const [good, twice] = [newId(), newId()]
    const failing = inTransaction(house.database.engine, {}, async (tx) => {
      unawaited(tx, note(tx, good))
      unawaited(tx, note(tx, twice))
      unawaited(tx, note(tx, twice))
      return 'done'
    })
    await expect(failing).rejects.toThrow(/duplicate key/)
    expect(await notes([good, twice])).toEqual([])
  })

  test('waits for the commit only, and has every answer then', async () => {
    const ids = Array.from({ length: 5 }, newId)
    const { answers } = await inTransaction(house.database.engine, {}, async (tx) => ({
      answers: ids.map((id) => unawaited(tx, note(tx, id))),
    }))
    expect(await Promise.all(answers)).toEqual([1, 1, 1, 1, 1])
    expect(await notes(ids)).toEqual(ids)
  })

  test('is undone by a part that failed without the database', async () => {
    const id = newId()
    const failing = inTransaction(house.database.engine, {}, async (tx) => {
      await note(tx, id)
      unawaited(tx, Promise.reject(new Error('our own mistake')))
    })
    await expect(failing).rejects.toThrow('our own mistake')
    expect(await notes([id])).toEqual([])
  })

  test('does not succeed when somebody swallowed an error in it', async () => {
    const id = newId()
    const failing = inTransaction(house.database.engine, {}, async (tx) => {
      await note(tx, id)
      await note(tx, id).catch(() => undefined)
    })
    await expect(failing).rejects.toThrow(/rolled .* back/)
    expect(await notes([id])).toEqual([])
  })

  test('leaves its connection as it found it, whatever happened', async () => {
    for (let round = 0; round < 12; round++) {
      await inTransaction(house.database.engine, { relaxed: true, workspaceId: newId() }, async (tx) => {
        unawaited(tx, run(tx, sql`select 1 / 0`))
      }).catch(() => undefined)
    }
    const rows = await Promise.all(
      Array.from({ length: 6 }, () =>
        first(
          house.database.engine,
          sql<object>`select current_user = session_user as ours, current_setting('synchronous_commit') as waits, pg_sleep(0.01)::text as slept`,
        ),
      ),
    )
    expect(rows).toEqual(Array.from({ length: 6 }, () => ({ ours: true, waits: 'on', slept: '' })))
  })

  test('cannot be opened in another, and parts belong to one', async () => {
    const nested = inTransaction(house.database.engine, {}, (tx) => inTransaction(tx, {}, async () => undefined))
    await expect(nested).rejects.toThrow('open already')
    expect(() => unawaited(house.database.db, Promise.resolve())).toThrow('outside a transaction')
  })

  test('that PostgreSQL gave up as a deadlock runs again from the start', async () => {
    const [a, b] = [newId(), newId()]
    await run(house.database.db, sql`insert into notes (id) values (${a}), (${b})`)
    const both = Promise.withResolvers<void>()
    let holding = 0
    let runs = 0
    const lockBoth = (ids: readonly [string, string]) =>
      inTransaction(house.database.engine, {}, async (tx) => {
        runs++
        await run(tx, sql`select 1 from notes where id = ${ids[0]} for update`)
        if (++holding === 2) both.resolve()
        await both.promise
        unawaited(tx, run(tx, sql`select 1 from notes where id = ${ids[1]} for update`))
      })
    await Promise.all([lockBoth([a, b]), lockBoth([b, a])])
    expect(runs).toBe(3)
  })
})
