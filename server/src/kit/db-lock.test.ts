import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { afterEach, expect, test } from 'vitest'
import { testDatabase } from '#test/database'
import { type DatabaseAddress, openClient } from './db.ts'
import { holdDataFolder } from './db-lock.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

async function ownDatabase(): Promise<DatabaseAddress> {
  const { address, close } = await testDatabase({ own: true })
  cleanups.push(close)
  return address
}

const never = (why: Error) => {
  throw why
}

async function anotherProcess(address: DatabaseAddress) {
  const code = `const { holdDataFolder } = await import(${JSON.stringify(new URL('./db-lock.ts', import.meta.url).pathname)})
    await holdDataFolder(${JSON.stringify(address)}, () => {})
    console.log('held')`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
  cleanups.push(() => child.kill('SIGKILL'))
  await once(createInterface(child.stdout), 'line')
  return child
}

test('a second house is refused in one sentence and may come in when the first leaves', async () => {
  const address = await ownDatabase()
  const hold = await holdDataFolder(address, never)
  await expect(holdDataFolder(address, never)).rejects.toThrow(
    `Another Chasqui (process ${process.pid}) uses this data folder: stop it, or give this one a folder of its own with CHASQUI_DATA_DIR.`,
  )
  await hold.release()
  await (await holdDataFolder(address, never)).release()
})

test('the folder is free at once after kill -9', async () => {
  const address = await ownDatabase()
  const child = await anotherProcess(address)
  await expect(holdDataFolder(address, never)).rejects.toThrow(`(process ${child.pid})`)
  child.kill('SIGKILL')
  await once(child, 'exit')
  const hold = await holdDataFolder(address, never)
  await hold.release()
})

test('ends the sessions that a dead house left behind, and leaves those of others', async () => {
  const address = await ownDatabase()
  const left = openClient(address)
  left.on('error', () => undefined)
  await left.connect()
  const stranger = openClient(address)
  await stranger.connect()
  await stranger.query("set application_name = 'psql'")
  const ended = new Promise<void>((done) => left.on('end', () => done()))
  const hold = await holdDataFolder(address, never)
  await ended
  expect((await stranger.query('select 1')).rowCount).toBe(1)
  await stranger.end()
  await hold.release()
})

const HOLDER =
  "from pg_locks where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database())"

async function operator(address: DatabaseAddress) {
  const client = openClient(address)
  await client.connect()
  cleanups.push(() => client.end())
  return client
}

test('takes the lock anew after its connection was cut', async () => {
  const address = await ownDatabase()
  const hold = await holdDataFolder(address, never)
  const cutter = await operator(address)
  const query = (text: string) => cutter.query(text)
  const before = (await query(`select pid ${HOLDER}`)).rows[0]?.pid
  await query(`select pg_terminate_backend(pid) ${HOLDER}`)
  await expect.poll(async () => (await query(`select pid ${HOLDER} and pid <> ${before}`)).rowCount).toBe(1)
  await hold.release()
})

test('tells at once when somebody else was quicker', async () => {
  const address = await ownDatabase()
  const { promise: lost, resolve } = Promise.withResolvers<Error>()
  const hold = await holdDataFolder(address, resolve)
  const [quicker, other] = [await operator(address), await operator(address)]
  const { objid } = (await other.query(`select objid ${HOLDER}`)).rows[0]
  const taken = quicker.query(`select pg_advisory_lock(${objid})`) // waits in the queue
  await expect.poll(async () => (await other.query("select 1 from pg_locks where locktype = 'advisory' and not granted")).rowCount).toBe(1)
  await other.query(`select pg_terminate_backend(pid) ${HOLDER}`)
  await taken
  expect((await lost).message).toMatch(/^Another Chasqui uses this data folder/)
  await hold.release()
})
