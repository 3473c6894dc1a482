import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { all, first, sql } from '#kit/db'
import { testWorkspace } from '../../../test/context.ts'
import { type TestDatabase, testDatabase } from '../../../test/database.ts'
import { bucketOf, CLOUD, eventsOf } from '../../../test/rows.ts'
import { createChannel, deleteChannel, getChannel, listChannels } from './index.ts'

let open: TestDatabase
beforeAll(async () => {
  open = await testDatabase()
})
afterAll(() => open.close())

describe('create', () => {
  test('a cloud channel comes with its pace and queues, and its secrets sealed', async () => {
    const { ctx } = await testWorkspace(open)
    const channel = await createChannel(ctx, CLOUD)
    expect(channel).toMatchObject({
      kind: 'cloud',
      name: 'Shop',
      phone: '+14155550170',
      state: 'open',
      remoteId: CLOUD.phoneNumberId,
      accountId: CLOUD.wabaId,
      paused: false,
      rate: 80,
      rateCeiling: 80,
    })
    expect(channel.hookKey).toMatch(/^[A-Za-z0-9]{24}$/)
    expect(JSON.stringify(channel)).not.toMatch(/secret|verify-words/)
    expect(await bucketOf(ctx, channel.id)).toEqual({
      rate: 80,
      ceiling: 80,
      capacity: 20,
      tokens: 20,
      daily_cap: null,
      blocked: false,
      blocked_reason: null,
    })
    expect(await all(ctx.db, sql`select lane from queues where channel_id = ${channel.id} order by lane`)).toEqual([
      { lane: 0 },
      { lane: 1 },
      { lane: 2 },
    ])
    expect(await eventsOf(ctx)).toEqual([{ type: 'channel.opened', facts: {} }])
    const stored = await first(
      ctx.db,
      sql<{ row: string; credentials: Buffer }>`select channels::text as row, credentials from channels where id = ${channel.id}`,
    )
    expect(stored?.row).not.toContain('secret')
    expect(stored?.credentials.toString('latin1')).not.toContain('secret')
    expect(await getChannel(ctx, { channelId: channel.id })).toEqual(channel)
  })

  test.each([
    [{}, 80, 20],
    [{ throughput: 'high' }, 1_000, 250],
    [{ throughput: 'coexistence' }, 20, 5],
    [{ rate: 2 }, 2, 1],
    [{ rate: 100_000, throughput: 'coexistence' }, 100_000, 25_000],
  ] as const)('%j is %d a second, %d at once', async (settings, rate, capacity) => {
    const { ctx } = await testWorkspace(open)
    const { id } = await createChannel(ctx, { ...CLOUD, settings })
    expect(await bucketOf(ctx, id)).toMatchObject({ rate, capacity })
  })

  test('the two simulated channels of a test workspace', async () => {
    const { ctx } = await testWorkspace(open, { environment: 'test' })
    const own = await createChannel(ctx, { kind: 'sandbox', persona: 'own_number' })
    const cloud = await createChannel(ctx, { kind: 'sandbox', persona: 'cloud' })
    expect(own).toMatchObject({ state: 'open', rate: 50, remoteId: undefined, accountId: undefined, settings: { persona: 'own_number' } })
    expect(cloud).toMatchObject({
      state: 'open',
      rate: 80,
      remoteId: expect.stringMatching(/^\d{15}$/),
      accountId: expect.stringMatching(/^\d{15}$/),
    })
    for (const { phone } of [own, cloud]) {
      expect(phone).toMatch(/^\+1555\d{7}$/)
      expect(Number(phone.slice(-4))).toBeGreaterThan(9) // not one of the numbers with a meaning
    }
    expect(own.phone).not.toBe(cloud.phone)
    const elsewhere = await testWorkspace(open, { environment: 'test' })
    const other = await createChannel(elsewhere.ctx, { kind: 'sandbox', persona: 'cloud', name: 'Mine' })
    expect(other).toMatchObject({ name: 'Mine' })
    expect([own.phone, cloud.phone]).not.toContain(other.phone) // one network serves all workspaces
    expect(other.remoteId).not.toBe(cloud.remoteId)
  })

  test('kinds stay in their environment', async () => {
    const { ctx } = await testWorkspace(open)
    const sandbox = await testWorkspace(open, { environment: 'test' })
    await expect(createChannel(ctx, { kind: 'sandbox', persona: 'cloud' })).rejects.toMatchObject({ code: 'unsupported' })
    await expect(createChannel(sandbox.ctx, CLOUD)).rejects.toMatchObject({ code: 'unsupported' })
  })

  test('a number or a number\u2019s id is connected once; deleted, it may come back', async () => {
    const { ctx } = await testWorkspace(open)
    const { id } = await createChannel(ctx, CLOUD)
    await expect(createChannel(ctx, { ...CLOUD, phoneNumberId: '999999999' })).rejects.toMatchObject({
      code: 'conflict',
      issues: [{ path: 'phone' }],
    })
    await expect(createChannel(ctx, { ...CLOUD, phone: '+14155550171' })).rejects.toMatchObject({
      code: 'conflict',
      issues: [{ path: 'phoneNumberId' }],
    })
    expect((await listChannels(ctx, {})).rows).toHaveLength(1)
    await deleteChannel(ctx, { channelId: id })
    await expect(createChannel(ctx, CLOUD)).resolves.toMatchObject({ phone: CLOUD.phone })
  })

  test.each([
    [{ ...CLOUD, phone: 'abc' }, 'phone'],
    [{ ...CLOUD, phoneNumberId: 'abc' }, 'phoneNumberId'],
    [{ ...CLOUD, accessToken: '' }, 'accessToken'],
    [{ ...CLOUD, settings: { rate: 0 } }, 'settings.rate'],
    [{ ...CLOUD, settings: { rate: 100_001 } }, 'settings.rate'],
    [{ ...CLOUD, settings: { graphUrl: 'https://evil.example' } }, 'settings'],
    [{ kind: 'telegram' }, 'kind'],
  ])('%j is refused', async (input, path) => {
    const { ctx } = await testWorkspace(open)
    // the wrong types are the point
    await expect(createChannel(ctx, input as Parameters<typeof createChannel>[1])).rejects.toMatchObject({
      code: 'invalid',
      issues: [{ path }],
    })
  })
})
