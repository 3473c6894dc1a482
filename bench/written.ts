import type pg from 'pg'

/** Work of PostgreSQL: rows, commits, bytes of its log. */
export type Written = { inserted: number; updated: number; deleted: number; commits: number; wal: number }

const STATISTICS_LAG_MS = 1_200 // backends report what they did once a second

/** The counters of the whole database, after the backends have reported. */
export async function readWritten(db: pg.Pool): Promise<Written> {
  await new Promise((done) => setTimeout(done, STATISTICS_LAG_MS))
  const { rows } = await db.query<Record<keyof Written, string>>(
    `select tup_inserted as inserted, tup_updated as updated, tup_deleted as deleted, xact_commit as commits, pg_current_wal_insert_lsn() - '0/0' as wal
      from pg_stat_database where datname = current_database()`,
  )
  const [row] = rows
  const read = (name: keyof Written) => Number(row?.[name])
  return { inserted: read('inserted'), updated: read('updated'), deleted: read('deleted'), commits: read('commits'), wal: read('wal') }
}

/** The difference, a message. */
export const writtenBetween = (before: Written, after: Written, messages: number): Written => {
  const each = (name: keyof Written) => (after[name] - before[name]) / messages
  return { inserted: each('inserted'), updated: each('updated'), deleted: each('deleted'), commits: each('commits'), wal: each('wal') }
}
