import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type DatabaseAddress, openClient } from './db.ts'

const FOLDER = fileURLToPath(new URL('../../migrations', import.meta.url))
const LOCK = 0x63686173 // 'chas'

const POSTGRES_LEAST = 150_000

/**
 * Applies every migration that is not yet applied, each in a transaction of its own; nodes that start together take turns. Answers their names.
 * Throws one clear sentence when the database cannot be reached, is too old, or was migrated by a newer Chasqui.
 */
export async function migrate(address: DatabaseAddress): Promise<string[]> {
  const client = openClient(address)
  await client.connect().catch((error: Error) => {
    throw new Error(`The database ${placeOf(address)} cannot be reached: ${error.message}`, { cause: error })
  })
  try {
    await refuseOld(client)
    await client.query('select pg_advisory_lock($1)', [LOCK])
    await client.query('create table if not exists migrations (name text primary key, applied_at timestamptz not null default now())')
    const known = new Set((await client.query<{ name: string }>('select name from migrations')).rows.map(({ name }) => name))
    const files = readdirSync(FOLDER).filter((file) => file.endsWith('.sql'))
    const stranger = [...known].find((name) => !files.includes(name))
    if (stranger)
      throw new Error(`This database was migrated by a newer Chasqui (${stranger}): start that one, or restore a copy from before.`)
    const fresh = files.sort().filter((file) => !known.has(file))
    for (const file of fresh) {
      await client.query(`begin;\n${readFileSync(join(FOLDER, file), 'utf8')};\ninsert into migrations (name) values ('${file}'); commit`)
    }
    return fresh
  } finally {
    await client.end()
  }
}

/** Without the user and the password. */
function placeOf(address: DatabaseAddress): string {
  if ('host' in address) return address.database
  const { host = '', pathname = '' } = URL.parse(address.url) ?? {}
  return `${host}${pathname}`
}

async function refuseOld(client: ReturnType<typeof openClient>): Promise<void> {
  const { rows } = await client.query<{ number: number; words: string }>(
    "select current_setting('server_version_num')::integer as number, current_setting('server_version') as words",
  )
  const [version] = rows
  if (version && version.number < POSTGRES_LEAST) throw new Error(`PostgreSQL 15 or newer is needed; this is ${version.words}.`)
}
