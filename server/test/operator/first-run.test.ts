import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openInstallation, type RunningHouse } from './house-process.ts'

const installation = openInstallation()
let house: RunningHouse
beforeAll(async () => {
  house = await installation.start()
})
afterAll(() => installation.clear())

const modeOf = (file: string) => statSync(join(installation.dataDir, file)).mode & 0o777

const FORMATS = {
  canonical: (environment: string) => new RegExp(`^chq_${environment}_[A-Za-z0-9]{32}$`),
  blueticks: (environment: string) => new RegExp(`^bt_${environment}_[A-Za-z0-9]{32}$`),
  bluetick: () => /^btk_live_[A-Za-z0-9]{32}$/,
  blasty: () => /^\d+\|[A-Za-z0-9]{40}$/,
  wabotick: () => /^[A-Za-z0-9]{40}$/,
}

test('the first start writes its keys where only their owner reads them', () => {
  const { url, keys, live, channels } = installation.firstRun()
  expect(url).toBe(house.url)
  for (const [environment, made] of [
    ['test', keys],
    ['live', live.keys],
  ] as const) {
    expect(Object.keys(made).sort()).toEqual(Object.keys(FORMATS).sort())
    for (const [style, format] of Object.entries(FORMATS)) expect(made).toHaveProperty(style, expect.stringMatching(format(environment)))
  }
  expect(channels).toEqual({
    ownNumber: { id: expect.stringMatching(/^cha_/), number: expect.stringMatching(/^\+\d+$/) },
    cloud: {
      id: expect.stringMatching(/^cha_/),
      number: expect.stringMatching(/^\+\d+$/),
      phoneNumberId: expect.stringMatching(/^\d+$/),
      whatsappBotId: expect.any(Number),
      wabaId: expect.stringMatching(/^\d+$/),
    },
  })
  for (const file of ['first-run.json', 'secret', 'postgres.password']) expect([file, modeOf(file)]).toEqual([file, 0o600])
  expect(modeOf('.')).toBe(0o700)
  expect(readdirSync(installation.dataDir).filter((name) => name.endsWith('.new'))).toEqual([])
})

test('each first key opens its workspace', async () => {
  const { keys, live } = installation.firstRun()
  const ask = async (path: string, key: string) =>
    (await fetch(`${house.url}${path}`, { headers: { authorization: `Bearer ${key}` } })).status
  expect(await ask('/v2/me', keys.canonical)).toBe(200)
  expect(await ask('/v2/me', live.keys.canonical)).toBe(200)
  expect(await ask('/v1/ping', keys.blueticks)).toBe(200)
  expect(await ask('/v1/ping', live.keys.blueticks)).toBe(200)
  expect(await ask('/v2/me', `${keys.canonical.slice(0, -1)}!`)).toBe(401)
})

test('the page at / shows the way and no key', async () => {
  const page = await (await fetch(house.url)).text()
  expect(page).toContain(`curl -X POST ${house.url}/v2/messages`)
  expect(page).toContain('first-run.json')
  const { keys, live } = installation.firstRun()
  for (const key of [...Object.values(keys), ...Object.values(live.keys)]) expect(page).not.toContain(key)
})

test('a second start on the folder is refused in one sentence, and the first one goes on', async () => {
  const second = await installation.chasqui(['serve'])
  expect(second).toMatchObject({ code: 1, out: '' })
  expect(second.errors).toMatch(/^Another Chasqui \(process \d+\) uses this data folder: .*CHASQUI_DATA_DIR\.\n$/)
  expect((await fetch(`${house.url}/readyz`)).status).toBe(200)
})

test('what it prints can be pasted, and a stop is quiet', async () => {
  const { canonical } = installation.firstRun().keys
  const { code, out, errors } = await house.end()
  expect(code).toBe(0)
  expect(out).toContain(`Authorization: Bearer ${canonical}`)
  expect(out).toContain(`CHASQUI_DATA_DIR='${installation.dataDir}' npm run chasqui -- phone`)
  const worries = errors.split('\n').filter((line) => line !== '' && JSON.parse(line).level >= 40)
  expect(worries).toEqual([])
  expect(installation.databasePid()).toBeUndefined()
})
