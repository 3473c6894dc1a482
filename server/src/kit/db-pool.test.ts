import { randomUUID } from 'node:crypto'
import { expect, inject, test } from 'vitest'
import { openPool } from './db-pool.ts'

test('when end() resolves the server has none of its connections any more', async () => {
  const witness = openPool({ ...inject('postgres'), max: 1 })
  const name = `pool-${randomUUID()}`
  for (let round = 0; round < 10; round++) {
    const { pool, end } = openPool({ ...inject('postgres'), max: 6, application_name: name })
    await Promise.all(Array.from({ length: 6 }, () => pool.query('select pg_sleep(0.01)')))
    await end()
    const { rows } = await witness.pool.query('select count(*)::integer as left from pg_stat_activity where application_name = $1', [name])
    expect(rows).toEqual([{ left: 0 }])
  }
  await witness.end()
})
