import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Transport } from '#core/transport'
import { first, run, sql } from '#kit/db'
import { testWorkspace } from '../../../test/context.ts'
import { type TestDatabase, testDatabase } from '../../../test/database.ts'
import { bucketOf, CLOUD, eventTypesOf } from '../../../test/rows.ts'
import { closeChannel, createChannel, getChannel, testChannel, updateChannel } from './index.ts'

let open: TestDatabase
beforeAll(async () => {
  open = await testDatabase()
})
afterAll(() => open.close())

describe('update', () => {
  test('a new pace counts at once, null takes a wish back', async () => {
    const { ctx } = await testWorkspace(open)
    const { id: channelId } = await createChannel(ctx, { ...CLOUD, settings: { rate: 1, dailyCap: 5 } })
    await run(
      ctx.db,
      sql`update buckets set next_allowed_at = now() + interval '1 hour', rate = 0.5, tokens = -1 where channel_id = ${channelId}`,
    )
    const slow = await updateChannel(ctx, { channelId, name: 'Renamed', settings: { rate: 10 } })
    expect(slow).toMatchObject({ name: 'Renamed', rate: 10, rateCeiling: 10, settings: { rate: 10, dailyCap: 5 } })
    expect(
      await first(ctx.db, sql`select next_allowed_at < now() + interval '1 second' as soon from buckets where channel_id = ${channelId}`),
    ).toEqual({ soon: true })
    const usual = await updateChannel(ctx, { channelId, settings: { rate: null, dailyCap: null } })
    expect(usual.settings).toEqual({})
    expect(await bucketOf(ctx, channelId)).toMatchObject({ rate: 80, ceiling: 80, capacity: 20, tokens: -1, daily_cap: null })
  })

  test('fresh credentials replace what is given, and reopen what bad ones closed', async () => {
    const { ctx } = await testWorkspace(open)
    const { id: channelId } = await createChannel(ctx, CLOUD)
    await closeChannel(open.database.db, ctx.ports.events, { workspaceId: ctx.workspaceId, channelId, reason: 'bad_credentials' })
    expect(await getChannel(ctx, { channelId })).toMatchObject({ state: 'closed', stateReason: 'bad_credentials' })
    expect(await updateChannel(ctx, { channelId, name: 'Still closed' })).toMatchObject({ state: 'closed' })
    expect(await updateChannel(ctx, { channelId, accessToken: 'fresh' })).toMatchObject({ state: 'open', stateReason: undefined })
    expect((await bucketOf(ctx, channelId))?.blocked).toBe(false)
    expect((await ctx.ports.channels.get(ctx.workspaceId, channelId))?.credentials).toEqual({
      accessToken: 'fresh',
      appSecret: CLOUD.appSecret,
      verifyToken: CLOUD.verifyToken,
    })
    expect(await eventTypesOf(ctx)).toEqual(['channel.opened', 'channel.closed', 'channel.opened'])
  })

  test('a simulated channel has no credentials', async () => {
    const { ctx } = await testWorkspace(open, { environment: 'test' })
    const { id: channelId } = await createChannel(ctx, { kind: 'sandbox', persona: 'cloud' })
    await expect(updateChannel(ctx, { channelId, accessToken: 'x' })).rejects.toMatchObject({ code: 'unsupported' })
    expect((await updateChannel(ctx, { channelId, settings: { dailyCap: 3 } })).settings).toEqual({ persona: 'cloud', dailyCap: 3 })
  })
})

describe('test', () => {
  const transportThat = (answer: Awaited<ReturnType<Transport['test']>>) => {
    const asked: Record<string, unknown>[] = []
    const transport = {
      kind: 'cloud',
      test: async (channel: Record<string, unknown>) => {
        asked.push(channel)
        return answer
      },
    }
    // of a transport only what this verb uses
    return { asked, transports: new Map([['cloud', transport as unknown as Transport]]) as ReadonlyMap<Transport['kind'], Transport> }
  }

  test('a good answer reopens what bad credentials closed, a bad one changes nothing', async () => {
    const bad = transportThat({ ok: false, code: 'bad_credentials', reason: 'The token is not valid' })
    const { ctx } = await testWorkspace(open, { ports: { transports: bad.transports } })
    const { id: channelId } = await createChannel(ctx, CLOUD)
    expect(await testChannel(ctx, { channelId })).toMatchObject({ ok: false, code: 'bad_credentials', channel: { state: 'open' } })
    await closeChannel(open.database.db, ctx.ports.events, { workspaceId: ctx.workspaceId, channelId, reason: 'bad_credentials' })
    expect(await testChannel(ctx, { channelId })).toMatchObject({ ok: false, channel: { state: 'closed' } })
    const good = transportThat({ ok: true, facts: { verifiedName: 'Shop' } })
    const mended = await testChannel({ ...ctx, ports: { ...ctx.ports, transports: good.transports } }, { channelId })
    expect(mended).toMatchObject({ ok: true, facts: { verifiedName: 'Shop' }, channel: { state: 'open', stateReason: undefined } })
    expect((await bucketOf(ctx, channelId))?.blocked).toBe(false)
    expect(good.asked[0]).toMatchObject({
      number: CLOUD.phone,
      credentials: { accessToken: CLOUD.accessToken },
      settings: { phoneNumberId: CLOUD.phoneNumberId, wabaId: CLOUD.wabaId },
    })
  })

  test('a good answer does not lift a ban', async () => {
    const { transports } = transportThat({ ok: true, facts: {} })
    const { ctx } = await testWorkspace(open, { ports: { transports } })
    const { id: channelId } = await createChannel(ctx, CLOUD)
    await closeChannel(open.database.db, ctx.ports.events, { workspaceId: ctx.workspaceId, channelId, reason: 'banned' })
    expect(await testChannel(ctx, { channelId })).toMatchObject({ ok: true, channel: { state: 'closed', stateReason: 'banned' } })
  })
})
