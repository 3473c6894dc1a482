import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type DatabaseAddress, openClient } from './db.ts'

const FOLDER = fileURLToPath(new URL('../../migrations', import.meta.url))
const LOCK = 0x63686173 // 'chas'

/** Applies every migration that is not yet applied, each in a transaction of its own; nodes that start together take turns. */
export async function migrate(address: DatabaseAddress): Promise<string[]> {
  const client = openClient(address)
  await client.connect()
  try {
    await client.query('select pg_advisory_lock($1)', [LOCK])
    await client.query('create table if not exists migrations (name text primary key, applied_at timestamptz not null default now())')
    const known = new Set((await client.query<{ name: string }>('select name from migrations')).rows.map(({ name }) => name))
    const files = readdirSync(FOLDER).filter((file) => file.endsWith('.sql'))
    const fresh = files.sort().filter((file) => !known.has(file))
    for (const file of fresh) {
      await client.query(`begin;\n${readFileSync(join(FOLDER, file), 'utf8')};\ninsert into migrations (name) values ('${file}'); commit`)
    }
    return fresh
  } finally {
    await client.end()
  }
}
