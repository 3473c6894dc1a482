import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import manifest from '../../package.json' with { type: 'json' }
import type { FirstRun } from '../../server/src/first-run.ts'
import type { DatabaseAddress } from '../../server/src/kit/db.ts'

/** A house in a process of its own, that can be killed and started again on the same folder and port. */
export interface HouseProcess {
  readonly url: string
  readonly dataDir: string
  /** Lives so far. */
  readonly lives: number
  /** Resolves when it is ready to work. */
  start(): Promise<void>
  /** Rejects when it ends although nobody told it to. */
  readonly died: Promise<never>
  /** kill -9; resolves when the process is gone. */
  kill(): Promise<void>
  /** SIGSTOP: it stands still, and does not know it. */
  freeze(): void
  thaw(): void
  /** Megabytes that the process holds in memory. */
  resident(): number
  /** SIGTERM; answers the exit code. Throws when it takes over half a minute. */
  stop(): Promise<number | null>
  firstRun(): FirstRun
  /** Of its embedded database. */
  databasePid(): number | undefined
  /** Counters and gauges by name, labels summed; empty while it is away. */
  metrics(): Promise<Map<string, number>>
  /** Ends whatever still runs and removes the folder. */
  clear(): void
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
/** As `npm start` does it. */
const START = manifest.scripts.start.split(' ').slice(2)
const READY_MS = 60_000
const STOP_MS = 30_000
const LOOK_MS = 20

/** Everything that runs somewhere, for the case that this process ends before it has tidied up. */
const running = new Set<number>()
process.on('exit', () => {
  for (const pid of running) end(pid)
})

/** `hear` gets everything that it prints. */
export async function openHouseProcess(environment: Record<string, string>, hear?: (chunk: Buffer) => void): Promise<HouseProcess> {
  const dataDir = mkdtempSync(join(tmpdir(), 'chasqui-crash-'))
  const taken = await freePort()
  const url = `http://127.0.0.1:${taken}`
  const cluster = join(dataDir, 'postgres', 'cluster')
  let child: ChildProcess | undefined
  let words = ''
  let lives = 0
  let fell: (why: Error) => void = () => undefined
  const died = new Promise<never>((_, failed) => (fell = failed))
  died.catch(() => undefined) // who waits for it hears it

  const launch = () => {
    const launched = spawn(process.execPath, START, {
      cwd: ROOT,
      env: { ...cleanEnvironment(), CHASQUI_DATA_DIR: dataDir, CHASQUI_PORT: String(taken), ...environment },
      stdio: ['ignore', hear ? 'pipe' : 'ignore', 'pipe'],
    })
    words = ''
    for (const stream of [launched.stdout, launched.stderr]) if (hear) stream?.on('data', hear)
    launched.stderr?.on('data', (chunk: Buffer) => {
      words = (words + chunk.toString('utf8')).slice(-4_000)
    })
    launched.once('exit', (code, by) => {
      if (!launched.killed) fell(new Error(`the house ended by itself (${code ?? by}): ${words}`))
    })
    if (launched.pid) running.add(launched.pid)
    return launched
  }

  return {
    url,
    dataDir,
    died,
    get lives() {
      return lives
    },
    async start() {
      const launched = launch()
      child = launched
      lives++
      for (const until = performance.now() + READY_MS; ; await sleep(LOOK_MS)) {
        if (hasEnded(launched)) throw new Error(`the house ended at its start (${launched.exitCode ?? launched.signalCode}): ${words}`)
        if (existsSync(join(dataDir, 'first-run.json')) && (await isReady(url))) return
        if (environment.DATABASE_URL && (await isReady(url))) return // another node may have had the first run
        if (performance.now() > until) throw new Error(`the house was not ready within ${READY_MS} ms: ${words}`)
      }
    },
    kill: () => signal(child, 'SIGKILL'),
    freeze: () => void process.kill(child?.pid ?? 0, 'SIGSTOP'),
    thaw: () => void process.kill(child?.pid ?? 0, 'SIGCONT'),
    resident: () => residentOf(child?.pid ?? 0),
    async stop() {
      await signal(child, 'SIGTERM')
      return child?.exitCode ?? null
    },
    firstRun: () => JSON.parse(readFileSync(join(dataDir, 'first-run.json'), 'utf8')),
    databasePid: () => postgresPid(cluster),
    metrics: () => readMetrics(url),
    clear() {
      if (child?.pid && !hasEnded(child)) end(child.pid)
      const server = postgresPid(cluster)
      if (server) end(server)
      if (!process.env.CRASH_KEEP) rmSync(dataDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
    },
  }
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null

async function signal(child: ChildProcess | undefined, name: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  if (!child?.pid || hasEnded(child)) return
  const gone = new Promise<void>((done) => child.once('exit', () => done()))
  child.kill(name)
  const late = sleep(STOP_MS, 'late', { ref: false })
  if ((await Promise.race([gone, late])) === 'late') throw new Error(`${name} did not end the house within ${STOP_MS} ms`)
  running.delete(child.pid)
}

function end(pid: number): void {
  running.delete(pid)
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // it had ended
  }
}

/** The server of an embedded cluster, by its lock. */
function postgresPid(cluster: string): number | undefined {
  try {
    return Number(readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n')[0]) || undefined
  } catch {
    return undefined
  }
}

/** How to reach the embedded database of a house, running or not. */
export const embeddedAddress = (dataDir: string): DatabaseAddress => ({
  host: join(dataDir, 'postgres', 'cluster'),
  user: 'chasqui',
  password: readFileSync(join(dataDir, 'postgres.password'), 'utf8').trim(),
  database: 'postgres',
})

/** What the outside sets for us must not steer the houses under test. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(CHASQUI_|DATABASE_|VITEST|NODE_OPTIONS|NODE_V8|NODE_ENV)/.test(name)),
  )
}

function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const server = createServer()
    server.once('error', failed).listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => (address && typeof address === 'object' ? done(address.port) : failed(new Error('no port'))))
    })
  })
}

/** Megabytes. Linux only. */
function residentOf(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))
  return Number(line?.[1] ?? Number.NaN) / 1024
}

const isReady = (url: string): Promise<boolean> =>
  fetch(`${url}/readyz`, { signal: AbortSignal.timeout(5_000) }).then(
    async (answer) => {
      await answer.arrayBuffer()
      return answer.ok
    },
    () => false,
  )

async function readMetrics(url: string): Promise<Map<string, number>> {
  const sums = new Map<string, number>()
  const text = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(5_000) }).then(
    (answer) => answer.text(),
    () => '',
  )
  for (const line of text.split('\n')) {
    const [, name, value] = /^([a-z_]+)(?:\{[^}]*\})? (\S+)$/.exec(line) ?? []
    if (name) sums.set(name, (sums.get(name) ?? 0) + Number(value))
  }
  return sums
}
