import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endProcess } from '../calls.ts'

export type Redis = { path: string; pid: number; close(): Promise<void> }

let missing: boolean | undefined

/** What BullMQ speaks to Redis with; it does not bring it along. */
function hasClient(): boolean {
  try {
    createRequire(import.meta.url).resolve('ioredis')
    return true
  } catch {
    console.error('ioredis is not installed: BullMQ is left out')
    return false
  }
}

/** Debian's redis-server, installed when it is not there; false, with a word, when that is not possible. */
export function ensureRedis(): boolean {
  if (missing !== undefined) return !missing
  missing = !hasClient()
  if (missing) return false
  const isThere = () => {
    try {
      execFileSync('redis-server', ['--version'], { stdio: 'ignore' })
      return true
    } catch {
      return false
    }
  }
  if (!isThere()) {
    try {
      execFileSync('apt-get', ['install', '-y', '--no-install-recommends', 'redis-server'], { stdio: 'ignore' })
    } catch {
      console.error('redis-server is not installed and could not be: BullMQ is left out')
    }
  }
  missing = !isThere()
  return !missing
}

/** A Redis of its own on a socket, its append-only file synced as told. */
export async function openRedis(appendfsync: 'always' | 'everysec'): Promise<Redis> {
  const folder = mkdtempSync(join(tmpdir(), 'chasqui-redis-'))
  const path = join(folder, 'socket')
  const settings = { port: '0', unixsocket: path, dir: folder, appendonly: 'yes', appendfsync, save: '', daemonize: 'no' }
  const child = spawn(
    'redis-server',
    Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
    { stdio: 'ignore' },
  )
  for (let look = 0; look < 500 && !(await answers(path)); look++) await new Promise((done) => setTimeout(done, 10))
  return {
    path,
    pid: child.pid ?? 0,
    async close() {
      await endProcess(child, 'SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
  }
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
