import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openListener } from '#kit/db-listen'
import { openLog } from '#kit/log'
import { withTransaction } from '#kit/operation'
import { testWorkspace } from '../../../test/context.ts'
import { type TestDatabase, testDatabase } from '../../../test/database.ts'
import { gateFirstAnswer } from '../../../test/gate.ts'
import { createKey, type KeyRing, listKeys, openKeyRing, revokeKey } from './index.ts'

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
    const gate = gateFirstAnswer(open.database.db)
    const slow = openKeyRing({ db: gate.db, log })
    const { ctx } = await testWorkspace(open, { ports: { keyRing: slow } })
    const { key, secret } = await createKey(ctx, { name: 'mine' })
    const early = slow.resolve(secret) // its answer is on the way while the key is revoked
    await gate.reached
    await revokeKey(ctx, { keyId: key.id })
    gate.release()
    await early
    expect(await slow.resolve(secret)).toBeUndefined()
    await slow.close()
  })

  test('whoever comes after it does not share a look that began before it', async () => {
    const gate = gateFirstAnswer(open.database.db)
    const slow = openKeyRing({ db: gate.db, log })
    const { ctx } = await testWorkspace(open, { ports: { keyRing: slow } })
    const { key, secret } = await createKey(ctx, { name: 'mine' })
    const early = slow.resolve(secret)
    await gate.reached
    await revokeKey(ctx, { keyId: key.id })
    const late = slow.resolve(secret)
    gate.release()
    expect(await late).toBeUndefined()
    await early
    await slow.close()
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
