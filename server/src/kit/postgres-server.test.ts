import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, expect, test } from 'vitest'
import { openClient } from './db.ts'
import { openPostgres, type PostgresServer } from './postgres-server.ts'

const FAST = { settings: { fsync: 'off', shared_buffers: '16MB' } }
const PASSWORD = 'a password of the test'
const MODULE = new URL('./postgres-server.ts', import.meta.url).pathname
const isRoot = process.getuid?.() === 0
const cleanups: (() => unknown)[] = []

afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'chasqui-pg-'))
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

async function open(folder: string, options: Parameters<typeof openPostgres>[2] = FAST): Promise<PostgresServer> {
  const server = await openPostgres(folder, PASSWORD, options)
  cleanups.push(() => server.stop())
  return server
}

async function ask(server: PostgresServer, text: string): Promise<unknown> {
  const client = openClient(server.address)
  await client.connect()
  const { rows } = await client.query(text)
  await client.end()
  return Object.values(rows[0] ?? {})[0]
}

/** A process of its own that opens the folder, says the server's pid, and stays; `end` kills it the hard way. */
async function anotherHouse(folder: string, user?: { uid: number; gid: number }) {
  const code = `const { openPostgres } = await import(${JSON.stringify(MODULE)})
    openPostgres(${JSON.stringify(folder)}, ${JSON.stringify(PASSWORD)}, ${JSON.stringify(FAST)}).then((s) => console.log(s.pid), (e) => console.log(e.message))
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { ...user, cwd: '/', stdio: ['ignore', 'pipe', 'inherit'] })
  const end = async () => {
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
  cleanups.push(end)
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  return { line, end }
}

test('makes a cluster, keeps its data over a stop, and starts again', async () => {
  const folder = temporaryFolder()
  const first = await open(folder)
  expect(first.adopted).toBe(false)
  await ask(first, 'create table kept as select 42 as value')
  await first.stop()
  expect(existsSync(join(folder, 'cluster/postmaster.pid'))).toBe(false)

  const second = await open(folder)
  expect(second.adopted).toBe(false)
  expect(await ask(second, 'select value from kept')).toBe(42)
})

test('keeps fsync on and listens on nothing but its socket', async () => {
  const server = await open(temporaryFolder(), {})
  expect(
    await ask(
      server,
      "select string_agg(name || '=' || setting, ' ' order by name) from pg_settings where name in ('fsync', 'full_page_writes', 'listen_addresses', 'synchronous_commit')",
    ),
  ).toBe('fsync=on full_page_writes=on listen_addresses= synchronous_commit=on')
})

test('adopts the server that a killed house left running', async () => {
  const folder = temporaryFolder()
  const dead = await anotherHouse(folder)
  await dead.end()
  const server = await open(folder)
  expect(server.adopted).toBe(true)
  expect(server.pid).toBe(Number(dead.line))
  expect(await ask(server, 'select 1')).toBe(1)
})

test('does not adopt a server whose password it does not know', async () => {
  const folder = temporaryFolder()
  const server = await open(folder)
  await expect(openPostgres(folder, 'another', FAST)).rejects.toThrow(/does not let us in/)
  expect(await ask(server, 'select 1')).toBe(1)
})

test('recovers after house and server were killed together', async () => {
  const folder = temporaryFolder()
  const dead = await anotherHouse(folder)
  process.kill(Number(dead.line), 'SIGKILL')
  await dead.end()
  const server = await open(folder)
  expect(server.adopted).toBe(false)
  expect(await ask(server, 'select 1')).toBe(1)
})

test('starts the server again when it dies under a living house', async () => {
  const { promise, resolve } = Promise.withResolvers<Error | undefined>()
  const server = await open(temporaryFolder(), { ...FAST, died: resolve })
  const before = server.pid
  process.kill(before, 'SIGKILL')
  expect(await promise).toBeUndefined()
  expect(server.pid).not.toBe(before)
  expect(await ask(server, 'select 1')).toBe(1)
})

test('is not stopped by a lock file whose number belongs to another process now', async () => {
  const folder = temporaryFolder()
  const first = await open(folder)
  const lock = readFileSync(join(folder, 'cluster/postmaster.pid'), 'utf8')
  await first.stop()
  const { uid, gid } = statSync(join(folder, 'cluster')) // PostgreSQL overlooks processes of other users by itself
  const other = spawn('sleep', ['60'], { ...(isRoot && { uid, gid }), cwd: '/' })
  cleanups.push(() => other.kill())
  const stranger = lock.replace(/^\d+/, String(other.pid))
  writeFileSync(join(folder, 'cluster/postmaster.pid'), stranger)
  writeFileSync(join(folder, 'cluster/.s.PGSQL.5432.lock'), stranger)
  const began = performance.now()
  const server = await open(folder)
  expect(server.pid).not.toBe(other.pid)
  expect(performance.now() - began).toBeLessThan(20_000) // and not the minute that PostgreSQL would be asked for
})

test('two starts at once end up on one server', async () => {
  const folder = temporaryFolder()
  const servers = await Promise.all([anotherHouse(folder), anotherHouse(folder)])
  expect(servers[0].line).toMatch(/^\d+$/)
  expect(servers[1].line).toBe(servers[0].line)
  await Promise.all(servers.map(({ end }) => end()))
  expect((await open(folder)).pid).toBe(Number(servers[0].line))
})

test('serves a folder deeper than a socket path may be long, below a folder that nobody else may enter', async () => {
  const closed = temporaryFolder()
  const folder = join(closed, 'a'.repeat(80), 'b'.repeat(80))
  mkdirSync(folder, { recursive: true })
  chmodSync(closed, 0o700)
  const server = await open(folder)
  expect(await ask(server, 'select 1')).toBe(1)
})

test.runIf(isRoot)('root runs it as somebody else, an ordinary user as itself', async () => {
  const folder = temporaryFolder()
  const asRoot = await open(join(folder, 'root'))
  const uid = (pid: number) => Number(/^Uid:\t(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
  expect(uid(asRoot.pid)).not.toBe(0)

  const nobody = { uid: 65_534, gid: 65_534 }
  if (spawnSync(process.execPath, ['--version'], { ...nobody, cwd: '/' }).status !== 0) return // a checkout below /root: that user cannot even run Node
  const own = join(folder, 'own')
  mkdirSync(own)
  chmodSync(folder, 0o755)
  spawnSync('chown', ['65534:65534', own])
  const house = await anotherHouse(own, nobody)
  expect(house.line).toMatch(/^\d+$/)
  expect(uid(Number(house.line))).toBe(65_534)
  await house.end()
  expect((await open(own)).adopted).toBe(true) // root takes over what that user made
})

test('says in one sentence why a folder cannot be used', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'file'), '')
  await expect(openPostgres(join(folder, 'file'), PASSWORD)).rejects.toThrow(/^The folder .*file cannot be used for the database: /)
  mkdirSync(join(folder, 'old/cluster'), { recursive: true })
  writeFileSync(join(folder, 'old/cluster/PG_VERSION'), '9\n')
  if (isRoot) spawnSync('chown', ['-R', '65534', join(folder, 'old/cluster')])
  await expect(openPostgres(join(folder, 'old'), PASSWORD)).rejects.toThrow(/was written by PostgreSQL 9/)
})
