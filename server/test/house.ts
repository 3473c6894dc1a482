import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../src/config.ts'
import { FIRST_RUN_FILE, type FirstRun } from '../src/first-run.ts'
import { type House, openHouse } from '../src/house.ts'
import { type TestDatabase, testDatabase } from './database.ts'

export type TestHouse = {
  url: string
  firstRun: FirstRun
  test: TestDatabase
  /** Closes it and opens it anew on the same database and folder, at another address. */
  restart(): Promise<void>
  /** A second process on the same database and folder of files; ends with this one. */
  another(environment?: Record<string, string>): Promise<{ url: string; close(): Promise<void> }>
  /** A request to a door; the key is the first run's canonical test key unless another is given. */
  call<Body = Record<string, unknown>>(method: string, path: string, options?: CallOptions): Promise<Answer<Body>>
  close(): Promise<void>
}
export type CallOptions = { key?: string | null; body?: unknown; headers?: Record<string, string> }
export type Answer<Body> = { status: number; headers: Headers; body: Body }

/** A whole house on a database of its own, on a free port; close it in afterAll. */
export async function openTestHouse(environment: Record<string, string> = {}): Promise<TestHouse> {
  const test = await testDatabase({ own: true })
  const dataDir = mkdtempSync(join(tmpdir(), 'chasqui-house-'))
  const { host, user, password, database } = test.address as { host: string; user: string; password: string; database: string } // the test server has a socket, no URL
  const databaseUrl = `postgres://${user}:${encodeURIComponent(password)}@localhost/${database}?host=${encodeURIComponent(host)}`
  const variables = {
    CHASQUI_DATA_DIR: dataDir,
    CHASQUI_PORT: '0',
    CHASQUI_ALLOW_NETWORKS: '127.0.0.0/8',
    CHASQUI_SECRET: 'a secret of a test house, long enough',
    CHASQUI_LOG_LEVEL: 'error',
    DATABASE_URL: databaseUrl,
    ...environment,
  }
  const config = readConfig(variables)
  const others: House[] = []
  let house = await openHouse(config)
  await house.listen()
  const firstRun: FirstRun = JSON.parse(readFileSync(join(dataDir, FIRST_RUN_FILE), 'utf8'))
  return {
    get url() {
      return house.url
    },
    async restart() {
      await house.close()
      house = await openHouse(config)
      await house.listen()
    },
    firstRun,
    test,
    async another(more = {}) {
      const other = await openHouse(readConfig({ ...variables, ...more }))
      await other.listen()
      others.push(other)
      return other
    },
    async call<Body>(method: string, path: string, { key, body, headers }: CallOptions = {}) {
      const secret = key === undefined ? firstRun.keys.canonical : key
      const answer = await fetch(`${house.url}${path}`, {
        method,
        headers: {
          ...(secret !== null && { authorization: `Bearer ${secret}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      const text = await answer.text()
      return { status: answer.status, headers: answer.headers, body: (text === '' ? undefined : JSON.parse(text)) as Body } // the test says what it expects
    },
    async close() {
      for (const other of others) await other.close()
      await house.close()
      await test.close()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** Asks again until `look` answers something, at most `mostMs`: for what happens a moment later elsewhere. */
export async function eventually<Value>(look: () => Promise<Value | undefined | false>, mostMs = 10_000, everyMs = 20): Promise<Value> {
  for (const end = performance.now() + mostMs; performance.now() < end; await new Promise((done) => setTimeout(done, everyMs))) {
    const found = await look()
    if (found) return found
  }
  throw new Error(`it did not come true within ${mostMs} ms`)
}
