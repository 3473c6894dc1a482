import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openLog } from '#kit/log'
import { testWorkspace } from '../../../test/context.ts'
import { type TestDatabase, testDatabase } from '../../../test/database.ts'
import { importKey, type KeyRing, mintSecret, openKeyRing } from './index.ts'

const log = openLog('silent')
let open: TestDatabase
let ring: KeyRing
beforeAll(async () => {
  open = await testDatabase()
  ring = openKeyRing({ db: open.database.db, log })
})
afterAll(async () => {
  await ring.close()
  await open.close()
})

const withRing = () => testWorkspace(open, { ports: { keyRing: ring } })
const LETTERS = 'a1B2'.repeat(16)

describe('import', () => {
  test.each([
    ['canonical', `chq_live_${LETTERS.slice(0, 32)}`],
    ['blueticks', `bt_live_${LETTERS.slice(0, 32)}`],
    ['bluetick', `btk_live_${LETTERS.slice(0, 32)}`],
    ['blasty', `17|${LETTERS.slice(0, 40)}`],
    ['blasty', `18492|${LETTERS.slice(0, 48)}`],
    ['wabotick', LETTERS.slice(2, 42)],
    ['legacy', LETTERS.slice(1, 33)],
  ])('an existing %s key opens its new workspace', async (style, pattern) => {
    const { live } = await withRing()
    const secret = pattern.slice(0, -6) + mintSecret('legacy', 'live').slice(0, 6)
    const key = await importKey(open.database.db, { workspaceId: live.id, secret, name: 'moved' })
    expect(key).toMatchObject({ style, lastFour: secret.slice(-4) })
    expect(await ring.resolve(secret)).toMatchObject({ id: key.id })
  })

  test('a key must not lie about its environment', async () => {
    const { live, test } = await withRing()
    const importInto = (workspaceId: string, secret: string) => importKey(open.database.db, { workspaceId, secret, name: 'moved' })
    for (const style of ['canonical', 'blueticks'] as const) {
      await expect(importInto(live.id, mintSecret(style, 'test'))).rejects.toMatchObject({ code: 'invalid' })
      await expect(importInto(test.id, mintSecret(style, 'live'))).rejects.toMatchObject({ code: 'invalid' })
      await expect(importInto(test.id, mintSecret(style, 'test'))).resolves.toMatchObject({ style })
    }
    await expect(importInto(test.id, mintSecret('bluetick', 'live'))).resolves.toMatchObject({ style: 'bluetick' })
  })

  test('a known key is a conflict, in whatever workspace and under whatever number', async () => {
    const { live, test } = await withRing()
    const secret = mintSecret('blasty', 'live')
    await importKey(open.database.db, { workspaceId: live.id, secret, name: 'moved' })
    for (const again of [secret, secret.replace(/^\d+/, '999')]) {
      await expect(importKey(open.database.db, { workspaceId: test.id, secret: again, name: 'moved' })).rejects.toMatchObject({
        code: 'conflict',
      })
    }
  })

  test.each([
    '',
    'short',
    'sk_live_abcdefghijklmnopqrstuvwxyz',
    `${LETTERS.slice(0, 31)}!`,
    LETTERS.slice(0, 20),
    `a|${LETTERS.slice(0, 40)}`,
  ])('%j is nobody\u2019s key', async (secret) => {
    const { live } = await withRing()
    await expect(importKey(open.database.db, { workspaceId: live.id, secret, name: 'moved' })).rejects.toMatchObject({ code: 'invalid' })
    expect(await ring.resolve(secret)).toBeUndefined()
  })
})
