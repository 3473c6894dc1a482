import { type QueryExecutorProvider, type RawBuilder, sql } from 'kysely'
import pg from 'pg'
import { openPool } from './db-pool.ts'
import { executorOf, sendStatement } from './db-statements.ts'
import type { Logger } from './log.ts'

export { type RawBuilder, sql }

/** A pool or one open transaction: whoever holds it runs SQL, nobody else knows which it is. */
export interface Db extends QueryExecutorProvider {
  /** Runs `work` with a connection of its own; absent: it already is one. */
  readonly withConnection?: <Result>(work: (client: pg.PoolClient) => Promise<Result>) => Promise<Result>
  /** Asked first in every transaction over it; what it throws ends the transaction. */
  readonly admit?: (tx: Db) => Promise<void>
  /** Of a transaction: takes what nobody waits for before the commit. */
  readonly unawaited?: (part: Promise<unknown>) => void
}

export type DatabaseAddress = { url: string } | { host: string; user: string; password: string; database: string }

/**
 * The pools of a process. `db` serves the verbs; `engine` has its planner pinned to index scans (no statistics needed); `lookups` is for what a
 * transaction of the others may ask in its middle: were it the same pool, all of its connections could wait for one more.
 */
export interface Database {
  readonly db: Db
  readonly engine: Db
  readonly lookups: Db
  readonly address: DatabaseAddress
  /** Times that somebody had to wait for a connection, and how many wait now. */
  waits(): { total: number; now: number }
  close(): Promise<void>
}

const INT8 = 20
const TIMESTAMPTZ = 1184
const LAST_TIME = 8.64e15 // the last one a Date can hold
pg.types.setTypeParser(INT8, Number)
pg.types.setTypeParser(TIMESTAMPTZ, parseTime)

/** Whatever the server's own setting is: what was accepted is on the disk before anybody is told. */
const DURABLE = '-c synchronous_commit=on'
// hash joins stay: without them a list of a thousand values meets its thousand rows a million times
const PINNED =
  '-c enable_seqscan=off -c enable_bitmapscan=off -c enable_mergejoin=off -c enable_material=off -c join_collapse_limit=1 -c plan_cache_mode=force_generic_plan -c jit=off -c TimeZone=UTC -c idle_in_transaction_session_timeout=15000'
// the engine's own vacuum of a queue with a million rows: half a second now and then, not 150 ms at once in which nobody's commit gets through
const UNHURRIED = '-c vacuum_cost_delay=2 -c vacuum_cost_limit=100'
const PLAIN = '-c jit=off -c TimeZone=UTC -c statement_timeout=30000 -c idle_in_transaction_session_timeout=15000'

const SIZE = { db: 8, engine: 6, lookups: 2 }

export function openDatabase(
  address: DatabaseAddress,
  log: Logger,
  size: { db: number; engine: number; lookups?: number } = SIZE,
): Database {
  let total = 0
  const open = (max: number, options: string) => {
    const { pool, end } = openPool({
      ...connection(address),
      max,
      options: `${DURABLE} ${options}`,
      application_name: 'chasqui',
      connectionTimeoutMillis: 15_000,
      pipeline: true,
    })
    pool.on('error', (error) => log.warn({ error: error.message }, 'a database connection was lost'))
    const withConnection: NonNullable<Db['withConnection']> = async (work) => {
      if (pool.idleCount === 0 && pool.totalCount >= max) total++
      const client = await pool.connect()
      try {
        return await work(client)
      } finally {
        client.release()
      }
    }
    const executor = executorOf((query) => withConnection((client) => sendStatement(client, query)))
    return { pool, end, db: { getExecutor: () => executor, withConnection } satisfies Db }
  }
  const verbs = open(size.db, PLAIN)
  const engine = open(size.engine, `${PINNED} ${UNHURRIED}`)
  const lookups = open(size.lookups ?? SIZE.lookups, PLAIN)
  return {
    db: verbs.db,
    engine: engine.db,
    lookups: lookups.db,
    address,
    waits: () => ({ total, now: verbs.pool.waitingCount + engine.pool.waitingCount + lookups.pool.waitingCount }),
    async close() {
      await Promise.all([verbs.end(), engine.end(), lookups.end()])
    },
  }
}

/** A single connection of its own, for locks and LISTEN; pass it to nobody. */
export function openClient(address: DatabaseAddress): pg.Client {
  return new pg.Client({ ...connection(address), application_name: 'chasqui', keepAlive: true })
}

/** '2026-03-01 12:00:00.123456+00': our sessions speak UTC, so nothing has to be guessed. */
function parseTime(text: string): Date {
  if (text.endsWith('infinity')) return new Date(text.startsWith('-') ? -LAST_TIME : LAST_TIME)
  const plain = text.charCodeAt(4) === 45 && text.endsWith('+00')
  return new Date(plain ? `${text.slice(0, 10)}T${text.slice(11, Math.min(23, text.length - 3))}Z` : text)
}

const connection = (address: DatabaseAddress) => ('url' in address ? { connectionString: address.url } : address)

export const all = async <Row>(db: Db, query: RawBuilder<Row>): Promise<Row[]> => (await query.execute(db)).rows

export const first = async <Row>(db: Db, query: RawBuilder<Row>): Promise<Row | undefined> => (await query.execute(db)).rows[0]

/** Runs a statement and answers how many rows it changed. */
export const run = async (db: Db, query: RawBuilder<unknown>): Promise<number> => Number((await query.execute(db)).numAffectedRows ?? 0)

/** The one clock of the house, in milliseconds since 1970. */
export async function databaseTime(db: Db): Promise<number> {
  const row = await first(db, sql<{ time: number }>`select (extract(epoch from chasqui_now()) * 1000)::float8 as time`)
  return row?.time ?? Number.NaN
}

/** JSON as a parameter: pg would turn a JavaScript array into a PostgreSQL array. */
export const json = (value: unknown): string => JSON.stringify(value ?? null)

type TransactionOptions = {
  /** Runs under row-level security as this workspace; absent: as the owner, for work on many workspaces. */
  workspaceId?: string | undefined
  /** Commit without waiting for the disk: only for what a sweep can make again. */
  relaxed?: boolean
}

const RETRIES = 6
const RETRIED = new Set(['40P01', '40001'])

/**
 * Runs `work` in one transaction; a deadlock or a serialization failure runs it again from the start. Statements that `work` does not wait
 * for (see `unawaited`) go to the server in one flight with the commit, which fails with their error.
 */
export async function inTransaction<Result>(db: Db, options: TransactionOptions, work: (tx: Db) => Promise<Result>): Promise<Result> {
  const { withConnection, admit } = db
  if (!withConnection) throw new Error('a transaction is open already')
  const admitted = async (tx: Db): Promise<Result> => {
    await admit?.(tx)
    return work(tx)
  }
  for (let attempt = 1; ; attempt++) {
    try {
      return await withConnection((client) => transact(client, options, admit ? admitted : work))
    } catch (error) {
      if (attempt >= RETRIES || !RETRIED.has(sqlState(error) ?? '')) throw error
      await new Promise((done) => setTimeout(done, attempt * 5 * (1 + Math.random())))
    }
  }
}

async function transact<Result>(client: pg.PoolClient, options: TransactionOptions, work: (tx: Db) => Promise<Result>): Promise<Result> {
  const parts: Promise<unknown>[] = []
  const errors: unknown[] = []
  const executor = executorOf((query) => sendStatement(client, query))
  const tx: Db = {
    getExecutor: () => executor,
    unawaited: (part) => parts.push(part.catch((error: unknown) => errors.push(error))),
  }
  const begun = unawaited(tx, client.query(beginWords(options)))
  // a statement that overtook a failed `begin` would not be under row-level security
  if (options.workspaceId !== undefined) await begun
  try {
    const result = await work(tx)
    if (errors.length > 0) throw errors[0]
    const { command } = await client.query('commit')
    await Promise.all(parts) // answered before the commit was; what they threw may come a moment later
    if (command === 'ROLLBACK' || errors.length > 0)
      throw errors[0] ?? new Error('an error that somebody swallowed rolled this transaction back')
    return result
  } catch (error) {
    await client.query('rollback').catch(() => undefined)
    throw error
  }
}

/** For a part of a transaction that nobody waits for before the commit: its failure is the transaction's. */
export function unawaited<Result>(tx: Db, part: Promise<Result>): Promise<Result> {
  if (!tx.unawaited) throw new Error('outside a transaction somebody must wait for every statement')
  tx.unawaited(part)
  return part
}

function beginWords({ workspaceId, relaxed }: TransactionOptions): string {
  const words = ['begin']
  if (relaxed) words.push('set local synchronous_commit = off')
  if (workspaceId !== undefined) {
    if (!/^[0-9a-f-]{36}$/.test(workspaceId)) throw new Error('not a workspace id')
    words.push('set local role chasqui_tenant', `set local app.workspace_id = '${workspaceId}'`)
  }
  return words.join('; ')
}

/** PostgreSQL's five letters for what went wrong; undefined when the error is not the database's. */
export function sqlState(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined
}

/** The connection broke: nobody knows whether the last statement was committed. */
export const isConnectionLoss = (error: unknown): boolean => {
  const state = sqlState(error)
  if (state !== undefined) return state.startsWith('08') || state.startsWith('57P')
  return /terminated|ECONNRE|EPIPE|ENOENT|timeout exceeded|Connection|closed/i.test(error instanceof Error ? error.message : '')
}
