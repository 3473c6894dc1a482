import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openInstallation, type RunningHouse } from './house-process.ts'

const installation = openInstallation()
let house: RunningHouse
beforeAll(async () => {
  house = await installation.start()
})
afterAll(() => installation.clear())

const letters = (count: number) => randomBytes(count).toString('hex').slice(0, count)
const statusOf = async (path: string, key: string) =>
  (await fetch(`${house.url}${path}`, { headers: { authorization: `Bearer ${key}` } })).status

test('a key is made, opens its door, stands in the list without its secret, and is revoked', async () => {
  const made = await installation.chasqui(['keys', 'create', '--name', 'shop', '--scopes', 'organization:read'])
  expect(made).toMatchObject({ code: 0, errors: '' })
  const [secret = '', , told = ''] = made.out.split('\n')
  expect(secret).toMatch(/^chq_test_/)
  const id = /^Key (key_\w+) \(shop\) of the test workspace/.exec(told)?.[1] ?? ''
  expect(await statusOf('/v2/me', secret)).toBe(200)
  expect(await statusOf('/v2/messages', secret)).toBe(403)

  const line = async () => (await installation.chasqui(['keys', 'list'])).out.split('\n').find((one) => one.startsWith(id)) ?? ''
  expect(await line()).toMatch(/canonical .* active .* organization:read {2}shop$/)
  expect(await line()).not.toContain(secret)

  expect(await installation.chasqui(['keys', 'revoke', id])).toMatchObject({ code: 0, errors: '' })
  await expect.poll(() => statusOf('/v2/me', secret), { timeout: 5_000 }).toBe(401) // another process revoked it
  expect(await line()).toContain('revoked')
})

test.concurrent.for([
  ['blueticks', 'live', /^bt_live_\w{32}$/],
  ['bluetick', 'test', /^btk_live_\w{32}$/],
  ['blasty', 'live', /^\d+\|\w{40}$/],
  ['wabotick', 'test', /^\w{40}$/],
] as const)('a key in the style of %s for the %s workspace', async ([style, workspace, format], { expect }) => {
  const { code, out } = await installation.chasqui(['keys', 'create', '--name', style, '--style', style, '--workspace', workspace])
  expect(code).toBe(0)
  expect(out.split('\n')[0]).toMatch(format)
  expect(out).toContain(`of the ${workspace} workspace`)
})

test.concurrent.for([
  ['canonical', `chq_live_${letters(32)}`, '/v2/me'],
  ['blueticks', `bt_live_${letters(24)}`, '/v1/ping'],
  ['legacy', letters(32), '/v1/ping'],
  ['bluetick', `btk_live_${letters(32)}`, undefined],
  ['blasty', `7|${letters(40)}`, undefined],
  ['wabotick', letters(40), undefined],
] as const)('a key of %s is brought along from standard input', async ([style, secret, path], { expect }) => {
  const brought = await installation.chasqui(['keys', 'import', '--name', `old ${style}`, '--workspace', 'live'], { input: `${secret}\n` })
  expect(brought).toMatchObject({ code: 0, errors: '' })
  expect(brought.out).toContain(`(old ${style}, ${style} …${secret.slice(-4)}) opens the live workspace now`)
  expect(brought.out).not.toContain(secret)
  if (path) await expect.poll(() => statusOf(path, secret), { timeout: 5_000 }).toBe(200)
})

test.concurrent.for<[string, string[], string, RegExp]>([
  ['a key of nobody', ['import', '--name', 'x'], 'hello', /not a key of a product we know/],
  ['a test key for the live workspace', ['import', '--name', 'x', '--workspace', 'live'], `bt_test_${letters(24)}`, /this is a test key/],
  ['no name', ['create'], '', /needs a --name.*\nUsage: npm run chasqui -- keys/],
  ['an unknown style', ['create', '--name', 'x', '--style', 'telegram'], '', /--style is one of canonical/],
  ['an unknown scope', ['create', '--name', 'x', '--scopes', 'moon:read'], '', /moon:read/],
])('%s is refused in words', async ([, args, input, words], { expect }) => {
  const refused = await installation.chasqui(['keys', ...args], { input })
  expect(refused).toMatchObject({ code: 1, out: '' })
  expect(refused.errors).toMatch(words)
  expect(refused.errors).not.toMatch(/\n\s+at /)
})
