import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Context } from '#kit/context'
import { first, sql } from '#kit/db'
import { openLog } from '#kit/log'
import { testWorkspace } from '../../../test/context.ts'
import { type TestDatabase, testDatabase } from '../../../test/database.ts'
import { createKey, issueKey, KEY_STYLES, type KeyRing, listKeys, mintSecret, openKeyRing, revokeKey } from './index.ts'

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
