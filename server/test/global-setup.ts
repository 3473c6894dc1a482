import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { openClient } from '../src/kit/db.ts'
import { migrate } from '../src/kit/db-migrate.ts'
import { mayServe, readLock } from '../src/kit/postgres-lock.ts'
import { openPostgres } from '../src/kit/postgres-server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The server of this run; `database` is the shared, migrated one. */
    postgres: { host: string; user: string; password: string; database: string }
  }
}

/** Nothing here outlives the run, so nothing waits for the disk. */
const SETTINGS = {
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'off',
  max_connections: '400',
  autovacuum: 'off',
  file_copy_method: 'clone',
}
const PREFIX = 'chasqui-test-'

/** Starts one PostgreSQL for the whole run, with a migrated template to clone and a migrated database to share. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  clearDeadRuns()
  const folder = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`))
  const server = await openPostgres(folder, randomBytes(16).toString('hex'), { settings: SETTINGS })
  const end = async () => {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const client = openClient(server.address)
    await client.connect()
    await client.query('create database template')
    await migrate({ ...server.address, database: 'template' })
    await client.query('create database shared template template')
    await client.end()
  } catch (error) {
    await end()
    throw error
  }
  project.provide('postgres', { ...server.address, database: 'shared' })
  return end
}

/** A run that was killed leaves its server behind; the next one ends it. */
function clearDeadRuns(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = Number(new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1] ?? 0)
    if (pid === 0 || lives(pid)) continue
    const cluster = join(tmpdir(), name, 'cluster')
    const server = readLock(cluster)?.pid
    if (server && mayServe(server, cluster) && lives(server)) process.kill(server, 'SIGQUIT')
    rmSync(join(tmpdir(), name), { recursive: true, force: true, maxRetries: 5 })
  }
}

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
