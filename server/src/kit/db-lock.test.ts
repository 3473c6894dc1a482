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
  const began = performance.now()
  const hold = await holdDataFolder(address, never)
  expect(performance.now() - began).toBeLessThan(450)
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

test('takes the lock anew after its connection was cut, or tells that it is lost', async () => {
  const address = await ownDatabase()
  let lost: Error | undefined
  const hold = await holdDataFolder(address, (why) => {
    lost = why
  })
  const operator = openClient(address)
  await operator.connect()
  const cut =
    "select pg_terminate_backend(l.pid) from pg_locks l where l.locktype = 'advisory' and l.database = (select oid from pg_database where datname = current_database())"
  await operator.query(cut)
  await expect.poll(async () => (await operator.query(cut.replace('pg_terminate_backend(l.pid)', 'l.pid'))).rowCount).toBe(1)
  expect(lost).toBeUndefined()
  await operator.end()
  await hold.release()
})
