import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Context } from '#kit/context'
import { first, run, sql } from '#kit/db'
import { newId } from '#kit/ids'
import { withTransaction } from '#kit/operation'
import { testWorkspace } from '../../../test/context.ts'
import { type TestDatabase, testDatabase } from '../../../test/database.ts'
import { type Claim, claimKey, completeKey, holdKey, releaseKey } from './index.ts'

let open: TestDatabase
beforeAll(async () => {
  open = await testDatabase({ own: true })
})
afterAll(() => open.close())

const PRINT = Buffer.from('one request')
const OTHER = Buffer.from('another request')

type Request = { key: string; fingerprint?: Buffer; run?: () => Promise<unknown> }

/** What a door does: claim, effect, answer, in one transaction. */
const once = (ctx: Context, { key, fingerprint = PRINT, run: effect = async () => ({ made: 1 }) }: Request): Promise<Claim> =>
  withTransaction(ctx, async (inside) => {
    const claim = await claimKey(inside, { key, fingerprint })
    if (claim.kind === 'fresh') await completeKey(inside, { key, status: 201, answer: await effect() })
    return claim
  })

describe('one effect a key', () => {
  test('the first request is fresh, the same again gets its answer, another one a conflict', async () => {
    const { ctx } = await testWorkspace(open)
    expect(await once(ctx, { key: 'a' })).toEqual({ kind: 'fresh' })
    expect(await once(ctx, { key: 'a' })).toEqual({ kind: 'replay', status: 201, answer: { made: 1 } })
    expect(await once(ctx, { key: 'a', fingerprint: OTHER })).toEqual({ kind: 'conflict' })
    expect(await once(ctx, { key: 'b', fingerprint: OTHER })).toEqual({ kind: 'fresh' })
  })

  test('an answer without a body is one too', async () => {
    const { ctx } = await testWorkspace(open)
    await once(ctx, { key: 'a', run: async () => undefined })
    expect(await once(ctx, { key: 'a' })).toEqual({ kind: 'replay', status: 201, answer: null })
  })

  test('workspaces do not share keys', async () => {
    const [one, two] = await Promise.all([testWorkspace(open), testWorkspace(open)])
    expect(await once(one.ctx, { key: 'a' })).toEqual({ kind: 'fresh' })
    expect(await once(two.ctx, { key: 'a' })).toEqual({ kind: 'fresh' })
  })

  test('a refused request leaves its key free', async () => {
    const { ctx } = await testWorkspace(open)
    await expect(once(ctx, { key: 'a', run: () => Promise.reject(new Error('refused')) })).rejects.toThrow('refused')
    expect(await once(ctx, { key: 'a', fingerprint: OTHER })).toEqual({ kind: 'fresh' })
  })

  test('an answer that shows a secret rests sealed', async () => {
    const { ctx } = await testWorkspace(open)
    await once(ctx, { key: 'a', run: async () => ({ secret: 'shown-once' }) })
    const row = await first(ctx.db, sql<{ answer: Buffer }>`select answer from idempotency_keys where workspace_id = ${ctx.workspaceId}`)
    expect(row?.answer.toString('latin1')).not.toContain('shown-once')
    expect(await once(ctx, { key: 'a' })).toMatchObject({ answer: { secret: 'shown-once' } })
  })

  test('a key under which messages were accepted is not for another kind of request', async () => {
    const { ctx } = await testWorkspace(open)
    await run(
      ctx.db,
      sql`insert into idempotency_keys (workspace_id, key, fingerprint, subject, created_at) values (${ctx.workspaceId}, 'a', ${PRINT}, ${newId()}, chasqui_now())`,
    )
    expect(await once(ctx, { key: 'a' })).toEqual({ kind: 'conflict' })
  })
})

describe('side by side', () => {
  test('the second waits for the first and gets its answer', async () => {
    const { ctx } = await testWorkspace(open)
    let effects = 0
    let finish: () => void = () => undefined
    const held = new Promise<void>((done) => {
      finish = done
    })
    const slow = async () => {
      effects++
      await held
      return { made: effects }
    }
    const requests = Array.from({ length: 4 }, () => once(ctx, { key: 'a', run: slow }))
    await expect.poll(() => waitingOn(ctx)).toBe(3)
    finish()
    const kinds = (await Promise.all(requests)).map(({ kind }) => kind)
    expect(kinds.toSorted()).toEqual(['fresh', 'replay', 'replay', 'replay'])
    expect(effects).toBe(1)
  })

  test('when the first is refused, the second makes the effect', async () => {
    const { ctx } = await testWorkspace(open)
    let refuse: () => void = () => undefined
    const held = new Promise<never>((_, failed) => {
      refuse = () => failed(new Error('refused'))
    })
    const begun = Promise.withResolvers<void>()
    const refused = once(ctx, {
      key: 'a',
      run: () => {
        begun.resolve()
        return held
      },
    })
    await begun.promise
    const second = once(ctx, { key: 'a', run: async () => 'second' })
    await expect.poll(() => waitingOn(ctx)).toBe(1)
    refuse()
    await expect(refused).rejects.toThrow('refused')
    expect(await second).toEqual({ kind: 'fresh' })
    expect(await once(ctx, { key: 'a' })).toMatchObject({ answer: 'second' })
  })

  test('whoever has waited 10 s is told that the first still runs', { timeout: 20_000 }, async () => {
    const { ctx } = await testWorkspace(open)
    const held = Promise.withResolvers<void>()
    const begun = Promise.withResolvers<void>()
    const slow = once(ctx, {
      key: 'a',
      run: () => {
        begun.resolve()
        return held.promise
      },
    })
    await begun.promise
    const since = performance.now()
    await expect(once(ctx, { key: 'a' })).rejects.toMatchObject({ code: 'in_progress' })
    expect(performance.now() - since).toBeGreaterThan(9_500)
    held.resolve()
    expect(await slow).toEqual({ kind: 'fresh' })
  })

  test('the bound on the wait does not stay for the rest of the transaction', async () => {
    const { ctx } = await testWorkspace(open)
    const setting = await withTransaction(ctx, async (inside) => {
      await claimKey(inside, { key: 'a', fingerprint: PRINT })
      return first(inside.db, sql<{ lock_timeout: string }>`show lock_timeout`)
    })
    expect(setting).toEqual({ lock_timeout: '0' })
  })

  const waitingOn = async (ctx: Context): Promise<number> => {
    const row = await first(
      ctx.db,
      sql<{
        count: number
      }>`select count(*) as count from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%idempotency_keys%'`,
    )
    return row?.count ?? 0
  }
})

test('a key is forgotten after 24 hours', async () => {
  const own = await testDatabase({ own: true })
  const { ctx } = await testWorkspace(own)
  await once(ctx, { key: 'a' })
  await own.moveClock('23 hours 59 minutes')
  expect(await once(ctx, { key: 'a', fingerprint: OTHER })).toEqual({ kind: 'conflict' })
  await own.moveClock('24 hours 1 minute')
  expect(await once(ctx, { key: 'a', fingerprint: OTHER, run: async () => 'new' })).toEqual({ kind: 'fresh' })
  expect(await once(ctx, { key: 'a', fingerprint: OTHER })).toMatchObject({ kind: 'replay', answer: 'new' })
  await own.close()
})

test('a key is claimed within a transaction only', async () => {
  const { ctx } = await testWorkspace(open)
  await expect(claimKey(ctx, { key: 'a', fingerprint: PRINT })).rejects.toThrow('within the transaction')
})

describe('held ahead of its transaction', () => {
  const claimed = { key: 'a', fingerprint: PRINT }

  test('the second waits for the first and gets its answer; another request is a conflict at once', async () => {
    const { ctx } = await testWorkspace(open)
    expect(await holdKey(ctx, claimed)).toEqual({ kind: 'fresh' })
    expect(await holdKey(ctx, { key: 'a', fingerprint: OTHER })).toEqual({ kind: 'conflict' })
    const second = holdKey(ctx, claimed)
    await withTransaction(ctx, (inside) => completeKey(inside, { key: 'a', status: 201, answer: { made: 1 } }))
    expect(await second).toEqual({ kind: 'replay', status: 201, answer: { made: 1 } })
    await releaseKey(ctx, claimed) // what was done stays
    expect(await once(ctx, { key: 'a' })).toMatchObject({ kind: 'replay' })
  })

  test('released it is free', async () => {
    const { ctx } = await testWorkspace(open)
    await holdKey(ctx, claimed)
    const second = holdKey(ctx, claimed)
    await releaseKey(ctx, claimed)
    expect(await second).toEqual({ kind: 'fresh' })
  })

  test('of somebody who died it is free a minute later', async () => {
    const { ctx } = await testWorkspace(open)
    await holdKey(ctx, claimed)
    await run(
      ctx.db,
      sql`update idempotency_keys set created_at = created_at - interval '61 seconds' where workspace_id = ${ctx.workspaceId}`,
    )
    expect(await holdKey(ctx, claimed)).toEqual({ kind: 'fresh' })
  })
})
