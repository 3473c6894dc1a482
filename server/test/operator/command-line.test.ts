import { once } from 'node:events'
import { chmodSync, existsSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { type Ended, openInstallation } from './house-process.ts'

// no house runs here: each command brings the database up and takes it down again
const installation = openInstallation()
afterAll(() => installation.clear())

const doctorLines = ({ out }: Ended) => out.split('\n').filter((line) => line !== '')

test('doctor says what is right, and what is not with what to do', async () => {
  expect(await (await installation.start()).end()).toMatchObject({ code: 0 }) // a first run, for its files
  const well = await installation.chasqui(['doctor'])
  expect(well).toMatchObject({ code: 0, errors: '' })
  expect(doctorLines(well).every((line) => line.startsWith('ok '))).toBe(true)
  expect(well.out).toMatch(/ok {4}PostgreSQL \d+/)
  expect(well.out).toContain('ok    only their owner can read the secrets')

  expect(installation.databasePid()).toBeUndefined() // a guest that started it ends it

  expect(well.out).toContain('ok    the optional library for own numbers is installed; no channel needs it')
  chmodSync(join(installation.dataDir, 'secret'), 0o644)
  const ill = await installation.chasqui(['doctor'], { environment: { CHASQUI_HOST: '0.0.0.0' } })
  expect(ill.code).toBe(1)
  expect(ill.out).toMatch(/LOOK {2}others can read secret\n {6}chmod 600/)
  expect(ill.out).toMatch(/LOOK {2}it listens on 0\.0\.0\.0.*\n {6}Set CHASQUI_PUBLIC_URL/)
  expect(ill.out).toMatch(/LOOK {2}first-run\.json with the first keys is there\n {6}Keep its keys/)
  chmodSync(join(installation.dataDir, 'secret'), 0o600)
})

test('doctor finds the house at its port, and whoever else is there or at its public address', async () => {
  const house = await installation.start()
  const CHASQUI_PORT = new URL(house.url).port
  const other = createHttpServer((_, answer) => answer.end('hello')).listen(0, '127.0.0.1')
  await once(other, 'listening')
  const address = other.address()
  const taken = String(typeof address === 'object' && address ? address.port : 0)
  const doctor = async (environment: Record<string, string>) => (await installation.chasqui(['doctor'], { environment })).out
  const [ours, elsewhere, theirs] = [
    await doctor({ CHASQUI_PORT, CHASQUI_PUBLIC_URL: house.url }),
    await doctor({ CHASQUI_PORT, CHASQUI_PUBLIC_URL: `http://127.0.0.1:${taken}` }),
    await doctor({ CHASQUI_PORT: taken, CHASQUI_PUBLIC_URL: house.url }),
  ]
  expect(ours).toContain(`ok    Chasqui answers at port ${CHASQUI_PORT}\nok    ${house.url} leads here\n`)
  expect(elsewhere).toMatch(/LOOK {2}http:\S+\/healthz is answered by something else\n {6}Look at its DNS name/)
  expect(theirs).toMatch(new RegExp(`LOOK {2}another program has port ${taken}\n {6}Stop that one`))
  expect(theirs).toMatch(/ok {4}whether the world reaches \S+ was not tried: start Chasqui first/)
  other.close()
  expect(await doctor({ CHASQUI_PORT, CHASQUI_PUBLIC_URL: `http://127.0.0.1:${taken}` })).toContain(
    '/healthz cannot be read (ECONNREFUSED)',
  )
  await house.end()
  expect(await doctor({ CHASQUI_PORT })).toContain(`ok    port ${CHASQUI_PORT} is free: Chasqui does not run`)
})

test('a port in use is one sentence, and its database does not go on', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const address = other.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const refused = await installation.chasqui(['serve'], { environment: { CHASQUI_PORT: String(port) } })
  other.close()
  expect(refused).toMatchObject({ code: 1, out: '' })
  expect(refused.errors).toBe(
    `Port ${port} of 127.0.0.1 is in use by another program: stop that one, or choose another with CHASQUI_PORT.\n`,
  )
  expect(installation.databasePid()).toBeUndefined()
})

test('wrong settings are told together, before anything is made', async () => {
  const dataDir = join(installation.dataDir, 'never')
  const environment = { CHASQUI_DATA_DIR: dataDir, CHASQUI_PORT: 'high', DATABASE_URL: 'postgres://me:hidden@127.0.0.1:1/x' }
  const refused = await installation.chasqui(['serve'], { environment })
  expect(refused).toMatchObject({ code: 1, out: '' })
  expect(refused.errors).toMatch(/^CHASQUI_PORT: must be .*\nCHASQUI_SECRET: is required with DATABASE_URL.*\n$/)
  expect(refused.errors).not.toContain('hidden')
  expect(existsSync(join(dataDir, 'postgres'))).toBe(false)
})

test('an emulator with what it cannot use does not start', async () => {
  const refused = (...more: string[]) => installation.chasqui(['emulator', ...more])
  expect((await refused('--number', 'abc')).errors).toMatch(/^--number is a phone number, such as \+15552000100\.\nUsage: /)
  expect((await refused('--web', '--latency', '100')).errors).toMatch(/^--latency does not go with --web\.\nUsage: /)
})

test('nothing held, nothing to migrate: said in a sentence each', async () => {
  expect((await installation.chasqui(['migrate'])).out).toBe('The database is up to date.\n')
  expect((await installation.chasqui(['resume', '--send'])).out).toBe('Nothing was held.\n')
  expect(await installation.chasqui(['resume'])).toMatchObject({
    code: 1,
    errors: expect.stringContaining('npm run chasqui -- resume --send'),
  })
  expect(await installation.chasqui(['dance'])).toMatchObject({ code: 2, errors: expect.stringContaining('There is no command dance.') })
})
