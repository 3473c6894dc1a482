import { type ChildProcess, spawn } from 'node:child_process'
import { accessSync, closeSync, constants, mkdirSync, openSync, readFileSync, renameSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type DatabaseAddress, isConnectionLoss, openClient } from './db.ts'
import { findBinaries } from './postgres-binaries.ts'
import { ensureCluster, type Place, SUPERUSER } from './postgres-cluster.ts'
import { asIdentity, chooseIdentity, refuseForeignCluster } from './postgres-identity.ts'
import { mayServe, readLock, readyServer, removeStaleLocks, socketFolder, systemIdentifier } from './postgres-lock.ts'
import { serverFlags } from './postgres-settings.ts'

/** A PostgreSQL of our own. It outlives a killed house and is adopted by the next one. */
export interface PostgresServer {
  readonly address: Extract<DatabaseAddress, { host: string }>
  /** Changes when the server had to be started again. */
  readonly pid: number
  /** It was running already. */
  readonly adopted: boolean
  /** Ends it (fast shutdown) once nobody needs the database any more; resolves when its lock is gone. */
  stop(): Promise<void>
}

export type PostgresOptions = {
  /** Server settings over the standard ones. */
  settings?: Readonly<Record<string, string>>
  /** Start it again when it dies: true for the house, false for a guest beside one. */
  watch?: boolean
  /** Told each time the server died and was started again (undefined), or could not be (why); that is tried on and on. */
  died?: (why: Error | undefined) => void
}

const LOOK_EVERY_MS = 10
const RETRY_MS = 200
const RETRY_MOST_MS = 60_000 // children of a killed server may hold its memory for a while
const RECOVERY_MOST_MS = 600_000 // replaying 2 GB of log on a slow disk
const WATCH_EVERY_MS = 500
const WATCH_AGAIN_MS = 5000
const FAST_STOP_MOST_MS = 30_000
const LOG_MOST_BYTES = 10_000_000

/** Starts the PostgreSQL of `folder`, makes it first where there is none, or adopts the one that runs there. Throws one clear sentence. */
export async function openPostgres(folder: string, password: string, options: PostgresOptions = {}): Promise<PostgresServer> {
  const settings = options.settings ?? {}
  const place = locate(folder)
  ensureCluster(place, password, settings.fsync !== 'off')
  const address = { host: socketFolder(place.cluster), user: SUPERUSER, password, database: 'postgres' }
  const started = await startOrAdopt(place, address, settings)
  let { pid } = started
  const stopping = new AbortController()
  const look = async () => {
    if (readLock(place.cluster)?.pid === pid && mayServe(pid, place.cluster)) return
    pid = (await startOrAdopt(place, address, settings)).pid
    options.died?.(undefined)
  }
  const watching = options.watch === false ? undefined : watch(look, stopping.signal, options)
  return {
    address,
    get pid() {
      return pid
    },
    adopted: started.adopted,
    async stop() {
      stopping.abort()
      await watching
      await stop(place.cluster, pid)
    },
  }
}

/** Looks after the server until told to stop, however often that fails; does not keep the process alive. */
async function watch(look: () => Promise<void>, signal: AbortSignal, { died }: PostgresOptions): Promise<void> {
  for (let wait = WATCH_EVERY_MS; !signal.aborted; ) {
    await sleep(wait, undefined, { ref: false, signal }).catch(() => undefined)
    if (signal.aborted) return
    wait = WATCH_EVERY_MS
    try {
      await look()
    } catch (error) {
      died?.(error as Error) // openers throw nothing else
      wait = WATCH_AGAIN_MS
    }
  }
}

function locate(folder: string): Place {
  const home = resolve(folder)
  const cluster = join(home, 'cluster')
  try {
    mkdirSync(home, { recursive: true, mode: 0o700 })
    accessSync(home, constants.R_OK | constants.W_OK | constants.X_OK)
    refuseForeignCluster(cluster)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw code ? new Error(`The folder ${home} cannot be used for the database: ${message}`) : error
  }
  const who = chooseIdentity(cluster)
  return { home, cluster, log: join(home, 'postgres.log'), binaries: findBinaries(who), who }
}

type Started = { pid: number; adopted: boolean }

async function startOrAdopt(
  place: Place,
  address: PostgresServer['address'],
  settings: Readonly<Record<string, string>>,
): Promise<Started> {
  for (const end = Date.now() + RETRY_MOST_MS; ; await sleep(RETRY_MS)) {
    const running = await readyServer(place.cluster)
    if (running && (await isOurs(place.cluster, address, running))) return { pid: running, adopted: true }
    removeStaleLocks(place.cluster)
    const { pid, words } = await launch(place, settings)
    if (pid) return { pid, adopted: false }
    if (Date.now() > end || !/already exists|still in use/.test(words))
      throw new Error(`PostgreSQL did not start in ${place.home}: ${words}`)
  }
}

/** Spawns the server and waits until it is ready (its pid) or has ended (its last words). */
async function launch(place: Place, settings: Readonly<Record<string, string>>): Promise<{ pid?: number; words: string }> {
  const before = turnLog(place.log)
  const log = openSync(place.log, 'a', 0o600) // a file, not a pipe: a pipe would die with us
  const child = spawn(join(place.binaries.folder, 'postgres'), serverFlags(settings), {
    ...asIdentity(place.who),
    cwd: place.cluster,
    detached: true, // a session of its own: Ctrl-C in the terminal is for us alone
    stdio: ['ignore', log, log],
    env: { LC_ALL: 'C' },
  })
  closeSync(log)
  child.unref()
  let failure: Error | undefined
  child.once('error', (error) => {
    failure = error
  })
  for (const end = Date.now() + RECOVERY_MOST_MS; !failure && isAlive(child) && Date.now() < end; await sleep(LOOK_EVERY_MS)) {
    if (child.pid && (await readyServer(place.cluster)) === child.pid) return { pid: child.pid, words: '' }
  }
  return { words: failure?.message ?? lastWords(place.log, before) }
}

const isAlive = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null

/** Keeps one old log beside the new one; answers where the new words begin, in bytes. */
function turnLog(log: string): number {
  const size = statSync(log, { throwIfNoEntry: false })?.size ?? 0
  if (size < LOG_MOST_BYTES) return size
  renameSync(log, `${log}.1`)
  return 0
}

const lastWords = (log: string, from: number): string =>
  readFileSync(log).subarray(from).toString('utf8').trim().split('\n').slice(-6).join(' | ')

/** Whoever answers on our socket must serve this very cluster and let us in, or we refuse; false when it went away meanwhile. */
async function isOurs(cluster: string, address: PostgresServer['address'], pid: number): Promise<boolean> {
  const client = openClient(address)
  client.on('error', () => undefined) // the query fails too, and says so
  let id: string | undefined
  try {
    await client.connect()
    const { rows } = await client.query<{ id: string }>('select system_identifier::text as id from pg_control_system()')
    id = rows[0]?.id
  } catch (error) {
    if (isConnectionLoss(error)) return false
    throw new Error(
      `The PostgreSQL that runs in ${cluster} does not let us in (${(error as Error).message}): is the secret of this data folder the one it was made with?`,
    )
  } finally {
    await client.end().catch(() => undefined)
  }
  if (id === systemIdentifier(cluster)) return true
  throw new Error(`The PostgreSQL that answers in ${cluster} serves another cluster: end the process ${pid} first.`)
}

/** Waits for the lock to vanish: the pid of an adopted server stays a zombie for as long as process 1 does not reap it. */
async function stop(cluster: string, pid: number): Promise<void> {
  const serves = () => readLock(cluster)?.pid === pid && mayServe(pid, cluster)
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    if (!serves()) return
    try {
      process.kill(pid, signal)
    } catch {
      return // it ended between the look and the signal
    }
    for (const end = Date.now() + FAST_STOP_MOST_MS; serves() && Date.now() < end; ) await sleep(LOOK_EVERY_MS)
  }
}
