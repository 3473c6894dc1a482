import { randomBytes } from 'node:crypto'
import { inject } from 'vitest'
import { type Clock, openClock } from '../src/kit/clock.ts'
import { type Database, type DatabaseAddress, databaseTime, openClient, openDatabase, sql } from '../src/kit/db.ts'
import { openLog } from '../src/kit/log.ts'

export type TestDatabase = {
  address: DatabaseAddress
  database: Database
  clock: Clock
  /** Moves the time of an own database: '90 minutes' from the real one, '0' back to it. */
  moveClock(interval: string): Promise<void>
  close(): Promise<void>
}

/**
 * A migrated database: the one all tests share (make a workspace of your own in it and look at no other), or with `own` a fresh clone,
 * for tests that count rows of everybody, move the clock or break things. Close it in afterAll.
 */
export async function testDatabase(options: { own?: boolean } = {}): Promise<TestDatabase> {
  const server = inject('postgres')
  const own = options.own ? await cloneTemplate(server) : undefined
  const address = { ...server, database: own ?? server.database }
  const database = openDatabase(address, openLog('silent'))
  const clock = await openClock(() => databaseTime(database.db))
  return {
    address,
    database,
    clock,
    async moveClock(interval) {
      if (!own) throw new Error('moveClock would move the time of other tests: ask for testDatabase({ own: true })')
      const literal = `'${interval.replaceAll("'", "''")}'`
      await sql`create or replace function chasqui_now() returns timestamptz language sql volatile as ${sql.raw(`$now$ select clock_timestamp() + interval ${literal} $now$`)}`.execute(
        database.db,
      )
      await clock.sync()
    },
    async close() {
      clock.close()
      await database.close()
      if (own) await asAdmin(server, `drop database if exists ${own} with (force)`)
    },
  }
}

type Server = { host: string; user: string; password: string; database: string }

async function cloneTemplate(server: Server): Promise<string> {
  const name = `test_${randomBytes(8).toString('hex')}`
  await asAdmin(server, `create database ${name} template template`)
  return name
}

async function asAdmin(server: Server, statement: string): Promise<void> {
  const client = openClient({ ...server, database: 'postgres' })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
