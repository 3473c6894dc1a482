import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Context } from '#kit/context'
import { first, sql } from '#kit/db'
import { openListener } from '#kit/db-listen'
import { openLog } from '#kit/log'
import { withTransaction } from '#kit/operation'
import { testWorkspace } from '../../../test/context.ts'
import { type TestDatabase, testDatabase } from '../../../test/database.ts'
import { createKey, importKey, issueKey, KEY_STYLES, type KeyRing, listKeys, mintSecret, openKeyRing, revokeKey } from './index.ts'

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

describe('formats', () => {
  const FORMATS = {
    canonical: /^chq_live_[A-Za-z0-9]{32}$/,
    blueticks: /^bt_live_[A-Za-z0-9]{32}$/,
    bluetick: /^btk_live_[A-Za-z0-9]{32}$/,
    blasty: /^\d+\|[A-Za-z0-9]{40}$/,
    wabotick: /^[A-Za-z0-9]{40}$/,
    legacy: /^[A-Za-z0-9]{32}$/,
  }
  test.each(KEY_STYLES)('%s: a minted key has the format of its product and opens its workspace', async (style) => {
    const { ctx, workspace } = await withRing()
    const { key, secret } = await createKey(ctx, { name: 'mine', style })
    expect(secret).toMatch(FORMATS[style])
    expect(key).toMatchObject({
      style,
      name: 'mine',
      owner: 'operator',
      scopes: ['*'],
      lastFour: secret.slice(-4),
      revokedAt: undefined,
      lastUsedAt: undefined,
    })
    expect(await ring.resolve(secret)).toEqual({
      kind: 'key',
      id: key.id,
      organizationId: workspace.organizationId,
      workspaceId: workspace.id,
      environment: 'live',
      scopes: ['*'],
    })
  })

  test('keys of a test workspace say so where the format can', async () => {
    expect(mintSecret('canonical', 'test')).toMatch(/^chq_test_/)
    expect(mintSecret('blueticks', 'test')).toMatch(/^bt_test_/)
    expect(mintSecret('bluetick', 'test')).toMatch(/^btk_live_/) // that product knows no other
  })

  test('the number before a bar only names a key', async () => {
    const { ctx, workspace } = await withRing()
    const { secret } = await createKey(ctx, { name: 'mine', style: 'blasty' })
    expect(await ring.resolve(secret.split('|')[1] ?? '')).toMatchObject({ workspaceId: workspace.id })
  })

  test('nothing of a key but its hash and last four letters is stored', async () => {
    const { ctx } = await withRing()
    const { key, secret } = await createKey(ctx, { name: 'mine' })
    const row = await first(open.database.db, sql<{ row: string }>`select keys::text as row from keys where id = ${key.id}`)
    expect(row?.row).toContain(secret.slice(-4))
    expect(row?.row).not.toContain(secret.slice(-8))
  })
})

describe('scopes', () => {
  test('both spellings are accepted, ours are kept', async () => {
    const { ctx } = await withRing()
    const { key } = await createKey(ctx, {
      name: 'narrow',
      scopes: ['engines:read', 'chats:write', 'conversations:write', 'scheduled:read', 'account:read'],
    })
    expect(key.scopes).toEqual(['channels:read', 'conversations:write', 'messages:read', 'organization:read'])
  })

  test.each(['chats', 'chats:delete', 'chats:read:more', 'constructor:read', 'nothing:read', ':read', ''])(
    '%j is no scope',
    async (scope) => {
      const { ctx } = await withRing()
      await expect(createKey(ctx, { name: 'narrow', scopes: [scope] })).rejects.toMatchObject({ code: 'invalid' })
    },
  )

  test('a key gives no more than it has, and by default what it has', async () => {
    const { ctx } = await withRing()
    const narrow: Context = { ...ctx, actor: { ...ctx.actor, scopes: ['keys:write', 'contacts:write'] } }
    await expect(createKey(narrow, { name: 'wide', scopes: ['*'] })).rejects.toMatchObject({ code: 'forbidden' })
    await expect(createKey(narrow, { name: 'wide', scopes: ['messages:read'] })).rejects.toMatchObject({
      code: 'forbidden',
      facts: { scope: 'messages:read' },
    })
    expect((await createKey(narrow, { name: 'same', scopes: ['contacts:read'] })).key.scopes).toEqual(['contacts:read'])
    expect((await createKey(narrow, { name: 'same' })).key.scopes).toEqual(['contacts:write', 'keys:write'])
  })

  test('a key made by a key has the same owner', async () => {
    const { ctx, workspace } = await withRing()
    const { key } = await issueKey(open.database.db, { workspaceId: workspace.id, name: 'hers', owner: 'ana@example.com' })
    const made = await createKey({ ...ctx, actor: { ...ctx.actor, kind: 'key', id: key.id } }, { name: 'next' })
    expect(made.key.owner).toBe('ana@example.com')
  })

  test('a key is made in the workspace of the asking key only', async () => {
    const { ctx, test } = await withRing()
    await expect(createKey(ctx, { name: 'over there', workspaceId: test.id })).rejects.toMatchObject({ code: 'not_found' })
  })
})

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

describe('revocation', () => {
  test('refuses the very next request on its node', async () => {
    const { ctx } = await withRing()
    const { key, secret } = await createKey(ctx, { name: 'mine' })
    expect(await ring.resolve(secret)).toBeDefined()
    const revoked = await revokeKey(ctx, { keyId: key.id })
    expect(revoked.revokedAt).toBeInstanceOf(Date)
    expect(await ring.resolve(secret)).toBeUndefined()
    expect((await revokeKey(ctx, { keyId: key.id })).revokedAt).toEqual(revoked.revokedAt)
  })

  test('a look that began before it is not remembered after it', async () => {
    const { ctx } = await withRing()
    const { key, secret } = await createKey(ctx, { name: 'mine' })
    const early = ring.resolve(secret) // its answer is on the way while the key is revoked
    await revokeKey(ctx, { keyId: key.id })
    await early
    expect(await ring.resolve(secret)).toBeUndefined()
  })

  test('a revocation that is rolled back revokes nothing', async () => {
    const { ctx } = await withRing()
    const { key, secret } = await createKey(ctx, { name: 'mine' })
    const undone = withTransaction(ctx, async (inside) => {
      await revokeKey(inside, { keyId: key.id })
      throw new Error('undone')
    })
    await expect(undone).rejects.toThrow('undone')
    expect(await ring.resolve(secret)).toBeDefined()
  })

  test('another node hears of it, and sees it within 2 s even when it hears nothing', async () => {
    const { ctx } = await withRing()
    const told = openKeyRing({ db: open.database.db, log })
    const deaf = openKeyRing({ db: open.database.db, log })
    let heard: () => void = () => undefined
    const hears = new Promise<void>((done) => {
      heard = done
    })
    const { key, secret } = await createKey(ctx, { name: 'mine' })
    const listener = await openListener(
      open.address,
      log,
      (_, payload) => {
        const [noun, hash = ''] = payload.split(':')
        if (noun !== 'key') return
        told.forget(hash)
        heard()
      },
      ['chasqui_changed'],
      () => undefined,
    )
    expect(await told.resolve(secret)).toBeDefined()
    expect(await deaf.resolve(secret)).toBeDefined()
    const begun = performance.now()
    await revokeKey(ctx, { keyId: key.id })
    await hears
    expect(await told.resolve(secret)).toBeUndefined()
    await expect.poll(() => deaf.resolve(secret), { timeout: 2_000, interval: 50 }).toBeUndefined()
    expect(performance.now() - begun).toBeLessThan(2_000)
    await listener.close()
    await Promise.all([told.close(), deaf.close()])
  })

  test('nobody revokes the key of another workspace', async () => {
    const [mine, other] = await Promise.all([withRing(), withRing()])
    const { key, secret } = await createKey(mine.ctx, { name: 'mine' })
    await expect(revokeKey(other.ctx, { keyId: key.id })).rejects.toMatchObject({ code: 'not_found' })
    expect(await ring.resolve(secret)).toBeDefined()
  })
})

test('the last use is noted, in batches, not oftener than once a minute', async () => {
  const own = await testDatabase({ own: true })
  const keyRing = openKeyRing({ db: own.database.db, log })
  const { ctx, workspace } = await testWorkspace(own, { ports: { keyRing } })
  const { key, secret } = await createKey(ctx, { name: 'mine' })
  const lastUsed = async () => (await listKeys(ctx, {})).rows.find(({ id }) => id === key.id)?.lastUsedAt
  const use = async () => {
    const ring = openKeyRing({ db: own.database.db, log })
    expect(await ring.resolve(secret)).toMatchObject({ workspaceId: workspace.id })
    await ring.close()
    return lastUsed()
  }
  const at = await use()
  expect(at).toBeInstanceOf(Date)
  expect(await use()).toEqual(at)
  await own.moveClock('50 seconds')
  expect(await use()).toEqual(at)
  await own.moveClock('70 seconds')
  expect((await use())?.getTime()).toBeGreaterThan((at?.getTime() ?? 0) + 60_000)
  await own.close()
})

test('keys are listed by page, newest first, the revoked ones too, and only one\u2019s own', async () => {
  const { ctx } = await withRing()
  const other = await withRing()
  await createKey(other.ctx, { name: 'not yours' })
  const made = []
  for (const name of ['a', 'b', 'c']) made.unshift((await createKey(ctx, { name })).key)
  await revokeKey(ctx, { keyId: made[0]?.id ?? '' })
  const page = await listKeys(ctx, { limit: 2 })
  const rest = await listKeys(ctx, { limit: 2, cursor: page.next })
  expect([...page.rows, ...rest.rows].map(({ name }) => name)).toEqual(['c', 'b', 'a'])
  expect(page.rows[0]?.revokedAt).toBeInstanceOf(Date)
  expect(rest.next).toBeUndefined()
  for (const cursor of ['nonsense', Buffer.from('"x"').toString('base64url'), Buffer.from('{}').toString('base64url')]) {
    await expect(listKeys(ctx, { cursor })).rejects.toMatchObject({ code: 'invalid' })
  }
})
