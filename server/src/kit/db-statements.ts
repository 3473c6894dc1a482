import { createHash } from 'node:crypto'
import {
  type CompiledQuery,
  type DatabaseConnection,
  DefaultQueryExecutor,
  PostgresAdapter,
  PostgresQueryCompiler,
  type QueryExecutor,
  type QueryResult,
} from 'kysely'
import type pg from 'pg'

/** Sends one statement and answers its rows; the statement is on its way when this returns, whoever waits for it. */
type Send = <Row>(query: CompiledQuery) => Promise<QueryResult<Row>>

const compiler = new PostgresQueryCompiler()
const adapter = new PostgresAdapter()

/** Lets the `sql` tag run by `send`. Statements go out in the order in which they were asked for, none waits for the one before. */
export function executorOf(send: Send): QueryExecutor {
  const connection: DatabaseConnection = {
    executeQuery: send,
    streamQuery() {
      throw new Error('nobody reads by cursor: pages are statements of their own')
    },
  }
  return new DefaultQueryExecutor(compiler, adapter, { provideConnection: (use) => use(connection) })
}

const PLANNED = /^\s*(select|with|insert|update|delete)\b/i

/** Gives every statement that needs a plan a name, so that PostgreSQL plans it once a connection. */
export async function sendStatement<Row>(client: pg.PoolClient, { sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
  const name = statementName(sql)
  const { rows, rowCount } = await client.query({ text: sql, values: parameters.map(encodeParameter), ...(name && { name }) })
  return { rows: rows ?? [], ...(rowCount !== null && { numAffectedRows: BigInt(rowCount) }) }
}

const names = new Map<string, string>()
const NAMES_MOST = 1000

function statementName(text: string): string | undefined {
  const known = names.get(text)
  if (known || names.size >= NAMES_MOST || !PLANNED.test(text)) return known
  const name = createHash('sha1').update(text).digest('base64url').slice(0, 20)
  names.set(text, name)
  return name
}

/** Columns of a thousand rows come as arrays: pg's own encoder asks each element for its type and each Date for its time zone. */
function encodeParameter(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString()
  if (!Array.isArray(value) || value.some((element) => Buffer.isBuffer(element))) return value
  return `{${value.map(encodeElement).join(',')}}`
}

const NEEDS_ESCAPE = /["\\]/
const ESCAPED = /["\\]/g
/** What JSON writes in other words than an array of PostgreSQL does. */
const NOT_AS_JSON = /[^ -\ud7ff]/

function encodeElement(element: unknown): string {
  if (element === null || element === undefined) return 'NULL'
  if (typeof element === 'number' || typeof element === 'boolean') return String(element)
  if (element instanceof Date) return element.toISOString()
  const text = String(element)
  if (!NEEDS_ESCAPE.test(text)) return `"${text}"`
  return NOT_AS_JSON.test(text) ? `"${text.replace(ESCAPED, '\\$&')}"` : JSON.stringify(text) // its quoting is the same, and four times as quick
}
