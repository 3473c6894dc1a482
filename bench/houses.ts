import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import manifest from '../package.json' with { type: 'json' }
import { endProcess } from './calls.ts'
import { cpuOf, cpuOfFamily } from './cpu.ts'

/** A running house: the real main.ts in a process of its own, on a fresh folder with its own PostgreSQL. */
export interface House {
  readonly url: string
  readonly pid: number
  readonly folder: string
  /** The key of the live workspace. */
  readonly key: string
  /** Straight into its database. */
  readonly db: pg.Pool
  /** How to reach its PostgreSQL. */
  readonly address: { host: string; user: string; password: string }
  /** From the start of the process to the first 200 of /readyz, seconds. */
  readonly readySeconds: number
  cpu(): { house: number; postgres: number }
  close(): Promise<void>
}

export type HouseOptions = {
  env?: Record<string, string>
  /** A house of an earlier run is opened again there, and the folder is kept. */
  folder?: string
  /** Further arguments for node. */
  node?: readonly string[]
}

const ROOT = fileURLToPath(new URL('..', import.meta.url))
/** As `npm start` does it. */
const START = manifest.scripts.start.split(' ').slice(2)
const READY_MOST_MS = 60_000
const LOOK_EVERY_MS = 5

export const freshFolder = (): string => mkdtempSync(join(tmpdir(), 'chasqui-bench-'))

export async function openHouse({ env = {}, folder, node = [] }: HouseOptions = {}): Promise<House> {
  const place = folder ?? freshFolder()
  const port = String(await freePort())
  const begun = performance.now()
  const child = spawn(process.execPath, [...node, ...START], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      CHASQUI_PORT: port,
      CHASQUI_DATA_DIR: place,
      CHASQUI_LOG_LEVEL: 'warn',
      CHASQUI_LOG_FILE: join(place, 'log'),
      ...env,
    },
  })
  const url = `http://127.0.0.1:${port}`
  await untilReady(child, url).catch((error: unknown) => {
    if (folder === undefined) rmSync(place, { recursive: true, force: true })
    throw error
  })
  const readySeconds = (performance.now() - begun) / 1000
  const address = {
    host: join(place, 'postgres', 'cluster'),
    user: 'chasqui',
    password: readFileSync(join(place, 'postgres.password'), 'utf8').trim(),
  }
  const db = new pg.Pool({ ...address, database: 'postgres', max: 3 })
  db.on('error', () => undefined) // the server stops under it at the end
  const pid = child.pid ?? 0
  const postmaster = Number(readFileSync(join(address.host, 'postmaster.pid'), 'utf8').split('\n', 1)[0])
  return {
    url,
    pid,
    folder: place,
    key: await firstKey(place),
    db,
    address,
    readySeconds,
    cpu: () => ({ house: cpuOf(pid), postgres: cpuOfFamily(postmaster) }),
    async close() {
      await db.end()
      await endProcess(child, 'SIGTERM')
      if (folder === undefined) rmSync(place, { recursive: true, force: true })
    },
  }
}

async function untilReady(child: ChildProcess, url: string): Promise<void> {
  for (const end = performance.now() + READY_MOST_MS; performance.now() < end; ) {
    if (child.exitCode !== null) throw new Error(`the house ended with ${child.exitCode} before it was ready`)
    const answer = await fetch(`${url}/readyz`).catch(() => undefined)
    if (answer?.status === 200) return
    await new Promise((done) => setTimeout(done, LOOK_EVERY_MS))
  }
  await endProcess(child, 'SIGTERM')
  throw new Error('the house was not ready within a minute')
}

/** The file is written at the end of the very first start, after the door is open. */
async function firstKey(folder: string): Promise<string> {
  for (let look = 0; look < 1_000; look++) {
    try {
      const firstRun = JSON.parse(readFileSync(join(folder, 'first-run.json'), 'utf8')) as { live: { keys: { canonical: string } } } // the house's own file
      return firstRun.live.keys.canonical
    } catch {
      await new Promise((done) => setTimeout(done, LOOK_EVERY_MS))
    }
  }
  throw new Error('there is no first-run.json')
}

async function freePort(): Promise<number> {
  const { createServer } = await import('node:net')
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  await new Promise((done) => server.close(done))
  return typeof address === 'object' && address ? address.port : 0
}
