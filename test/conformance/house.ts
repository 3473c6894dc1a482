import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

type Keys = Record<'canonical' | 'blueticks' | 'bluetick' | 'blasty' | 'wabotick', string>

/** What a first start writes for the newcomer. */
export type FirstRun = {
  url: string
  keys: Keys
  live: { keys: Keys }
  channels: { ownNumber: { id: string; number: string }; cloud: { id: string; number: string; phoneNumberId: string } }
}

export type Answer = { status: number; headers: Headers; body: Record<string, unknown>; text: string }
export type Asked = { method?: string; key?: string | null; headers?: Record<string, string>; body?: unknown }

/** A live house in a process of its own, on an empty folder; spoken to by HTTP alone. */
export interface LiveHouse {
  url: string
  dataDir: string
  firstRun: FirstRun
  /** Asks with the test workspace's key for this product, unless another is given. */
  ask(path: string, asked?: Asked): Promise<Answer>
  close(): Promise<void>
}

const ROOT = resolve(import.meta.dirname, '../..')
const START_MS = 45_000
const STOP_MS = 30_000

export async function openLiveHouse(environment: Record<string, string> = {}): Promise<LiveHouse> {
  const dataDir = mkdtempSync(join(tmpdir(), 'chasqui-live-'))
  const env = { ...process.env, CHASQUI_DATA_DIR: dataDir, CHASQUI_PORT: '0', CHASQUI_ALLOW_NETWORKS: '127.0.0.0/8', ...environment }
  const child = spawn(process.execPath, ['server/src/main.ts'], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise<number | null>((done) => child.once('exit', done))
  let words = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      words = `${words}${chunk.toString('utf8')}`.slice(-4_000)
    })
  const close = async () => {
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
    await ended
    clearTimeout(timer)
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 })
  }
  try {
    const firstRun = await ready(join(dataDir, 'first-run.json'), () => child.exitCode ?? child.signalCode)
    return { url: firstRun.url, dataDir, firstRun, ask: (path, asked) => ask(firstRun, path, asked), close }
  } catch (error) {
    await close()
    throw new Error(`the house did not open: ${error instanceof Error ? error.message : error}\n${words}`)
  }
}

/** Waits for the file of the first run, and for the house to say that it is ready. */
async function ready(file: string, ended: () => unknown): Promise<FirstRun> {
  for (const end = performance.now() + START_MS; performance.now() < end; await pause(50)) {
    if (ended() !== null) throw new Error(`it ended with ${ended()}`)
    const firstRun = existsSync(file) ? readWhole(file) : undefined
    if (firstRun && (await isReady(firstRun.url))) return firstRun
  }
  throw new Error(`not within ${START_MS} ms`)
}

/** undefined while it is being written. */
function readWhole(file: string): FirstRun | undefined {
  const text = readFileSync(file, 'utf8')
  return text.endsWith('}\n') ? JSON.parse(text) : undefined
}

const isReady = (url: string): Promise<boolean> =>
  fetch(`${url}/readyz`).then(
    (answer) => answer.ok,
    () => false,
  )

async function ask({ url, keys }: FirstRun, path: string, { method, key = keys.blueticks, headers, body }: Asked = {}): Promise<Answer> {
  const payload = body === undefined || typeof body === 'string' || body instanceof FormData ? body : JSON.stringify(body)
  const answer = await fetch(`${url}${path}`, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(key !== null && { authorization: `Bearer ${key}` }),
      ...(typeof payload === 'string' && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(payload !== undefined && { body: payload }),
  })
  const text = await answer.text()
  return { status: answer.status, headers: answer.headers, text, body: text.startsWith('{') ? JSON.parse(text) : {} }
}

/** Asks again until `look` answers something, at most `mostMs`. */
export async function eventually<Value>(look: () => Promise<Value | undefined | false>, mostMs = 15_000): Promise<Value> {
  for (const end = performance.now() + mostMs; performance.now() < end; await pause(50)) {
    const found = await look()
    if (found) return found
  }
  throw new Error(`it did not come true within ${mostMs} ms`)
}
