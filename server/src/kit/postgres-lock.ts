import { closeSync, openSync, readFileSync, readSync, rmSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'

/** Linux: a server enters its folder while it is still root and calls it by this name, so no folder above must be open to it. */
export const HERE = process.platform === 'linux' ? '/proc/self/cwd' : '.'

export const PORT = 5432
const LOCK = 'postmaster.pid'
const LOCKS = [LOCK, `.s.PGSQL.${PORT}.lock`]

/** postmaster.pid: a line each for pid, folder, start, port, socket folder, address, shared memory, status. */
export function readLock(cluster: string): { pid: number; ready: boolean } | undefined {
  const lines = read(join(cluster, LOCK))?.split('\n')
  const pid = Number(lines?.[0])
  return pid > 0 ? { pid, ready: lines?.[7]?.trim() === 'ready' } : undefined
}

/** The pid of the server that has this folder and answers on its socket now; children of a killed one may answer for a moment too. */
export async function readyServer(cluster: string): Promise<number | undefined> {
  const lock = readLock(cluster)
  return lock?.ready && mayServe(lock.pid, cluster) && (await answers(join(socketFolder(cluster), `.s.PGSQL.${PORT}`)))
    ? lock.pid
    : undefined
}

/**
 * Takes away lock files whose process is dead but not yet reaped, or is somebody else under a reused number: PostgreSQL only asks whether
 * the pid exists. A server that lost its lock this way cannot be doubled: its shared memory is found by the folder's inode.
 */
export function removeStaleLocks(cluster: string): void {
  for (const name of LOCKS) {
    const pid = Number(read(join(cluster, name))?.split('\n')[0])
    if (pid > 0 && !mayServe(pid, cluster)) rmSync(join(cluster, name), { force: true })
  }
}

/** False only when `pid` surely is no PostgreSQL of this folder; without /proc nobody knows, and PostgreSQL decides. */
export function mayServe(pid: number, cluster: string): boolean {
  if (process.platform !== 'linux') return true
  const stat = read(`/proc/${pid}/stat`)
  if (stat === undefined || !stat.includes('(postgres) ') || stat.includes(') Z ')) return false
  try {
    const works = statSync(`/proc/${pid}/cwd`)
    const ours = statSync(cluster)
    return works.dev === ours.dev && works.ino === ours.ino
  } catch {
    return true // root without the ptrace capability, as in a container, may not look
  }
}

/** The number initdb gave this cluster: the first eight bytes of its control file. */
export function systemIdentifier(cluster: string): string {
  const file = openSync(join(cluster, 'global/pg_control'), 'r')
  try {
    const bytes = Buffer.alloc(8)
    readSync(file, bytes, 0, 8, 0)
    return bytes.readBigUInt64LE().toString() // every platform we ship for is little-endian
  } finally {
    closeSync(file)
  }
}

const SOCKET_PATH_MOST = 107
const handles = new Map<string, number>()

/** The folder's name for a client of this process: a unix socket's path is short, so a deep folder goes by an open handle. */
export function socketFolder(cluster: string): string {
  if (process.platform !== 'linux' || Buffer.byteLength(cluster) + `/.s.PGSQL.${PORT}`.length <= SOCKET_PATH_MOST) return cluster
  const handle = handles.get(cluster) ?? openSync(cluster, 'r')
  handles.set(cluster, handle)
  return `/proc/self/fd/${handle}`
}

const answers = (path: string): Promise<boolean> =>
  new Promise((done) => {
    const socket = connect(path)
    socket.on('connect', () => {
      socket.destroy()
      done(true)
    })
    socket.on('error', () => done(false))
  })

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
