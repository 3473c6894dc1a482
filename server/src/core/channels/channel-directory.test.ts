import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { first, run, sql } from '#kit/db'
import { testSecretBox, testWorkspace } from '../../../test/context.ts'
import { type TestDatabase, testDatabase } from '../../../test/database.ts'
import { gateFirstAnswer } from '../../../test/gate.ts'
import { CLOUD } from '../../../test/rows.ts'
import { closeChannel, createChannel, deleteChannel, openChannelDirectory, pauseChannel, updateChannel } from './index.ts'

let open: TestDatabase
beforeAll(async () => {
  open = await testDatabase()
})
afterAll(() => open.close())

describe('directory', () => {
  test('finds a channel by id, hook key, remote id, number and wish; only within its workspace', async () => {
    const { ctx } = await testWorkspace(open, { environment: 'test' })
    const other = await testWorkspace(open, { environment: 'test' })
    const own = await createChannel(ctx, { kind: 'sandbox', persona: 'own_number' })
    const cloud = await createChannel(ctx, { kind: 'sandbox', persona: 'cloud' })
    const directory = openChannelDirectory({ db: open.database.db, secretBox: testSecretBox })
    const { workspaceId } = ctx
    const entry = await directory.get(workspaceId, cloud.id)
    expect(entry).toMatchObject({
      id: cloud.id,
      kind: 'sandbox',
      number: cloud.phone,
      credentials: {},
      channel: cloud,
      settings: { persona: 'cloud', phoneNumberId: cloud.remoteId },
    })
    expect(Object.keys(entry?.queues ?? {})).toEqual(['0', '1', '2'])
    const lane = await first(ctx.db, sql<{ id: number }>`select id from queues where channel_id = ${cloud.id} and lane = 2`)
    expect(entry?.queues[2]).toBe(lane?.id)
    const idOf = async (found: Promise<{ id: string } | undefined>) => (await found)?.id
    expect(await idOf(directory.byHookKey(cloud.hookKey))).toBe(cloud.id)
    expect(await idOf(directory.byRemoteId(workspaceId, cloud.remoteId ?? ''))).toBe(cloud.id)
    expect(await idOf(directory.find(workspaceId, { phone: own.phone }))).toBe(own.id)
    expect(await idOf(directory.find(workspaceId, { channelId: own.id, phone: cloud.phone }))).toBe(own.id)
    expect(await idOf(directory.find(workspaceId, {}))).toBe(own.id)
    expect(await idOf(directory.find(workspaceId, { persona: 'cloud' }))).toBe(cloud.id)
    expect(await idOf(directory.defaultFor(workspaceId, 'own_number'))).toBe(own.id)
    for (const nobody of [
      directory.get(other.ctx.workspaceId, cloud.id),
      directory.byRemoteId(other.ctx.workspaceId, cloud.remoteId ?? ''),
      directory.find(other.ctx.workspaceId, { phone: own.phone }),
      directory.find(other.ctx.workspaceId, {}),
      directory.byHookKey('nobody'),
    ]) {
      expect(await nobody).toBeUndefined()
    }
  })

  test('without a wish: open before closed, then the oldest; a wished persona that is not there gives way', async () => {
    const { ctx } = await testWorkspace(open)
    const first = await createChannel(ctx, CLOUD)
    const second = await createChannel(ctx, { ...CLOUD, phone: '+14155550172', phoneNumberId: '2222222222' })
    const idOf = async (persona?: 'own_number' | 'cloud') => (await ctx.ports.channels.defaultFor(ctx.workspaceId, persona))?.id
    expect([await idOf(), await idOf('cloud'), await idOf('own_number')]).toEqual([first.id, first.id, first.id])
    await closeChannel(open.database.db, ctx.ports.events, { workspaceId: ctx.workspaceId, channelId: first.id, reason: 'banned' })
    ctx.ports.channels.forget(first.id)
    expect(await idOf()).toBe(second.id)
  })

  test('one that is over gives way to another persona where a caller lets it, one that comes back by itself does not', async () => {
    const { ctx } = await testWorkspace(open)
    const { workspaceId } = ctx
    const cloud = await createChannel(ctx, CLOUD)
    const own = await createChannel(ctx, { kind: 'web', name: 'Own' })
    const becomes = async (state: string, reason: string | null, reopensAt: Date | null = null) => {
      await run(
        ctx.db,
        sql`update channels set phone = '+14155550174', state = ${state}, state_reason = ${reason}, reopens_at = ${reopensAt} where id = ${own.id}`,
      )
      ctx.ports.channels.forget(own.id)
    }
    const found = async (givesWay: boolean) => (await ctx.ports.channels.find(workspaceId, { persona: 'own_number', givesWay }))?.id
    expect([await found(false), await found(true)]).toEqual([cloud.id, cloud.id]) // no phone has linked it
    const working: Parameters<typeof becomes>[] = [
      ['open', null],
      ['degraded', 'network'],
      ['connecting', null],
      ['closed', 'reloading', ctx.now()],
    ]
    for (const stand of working) {
      await becomes(...stand)
      expect([await found(false), await found(true)]).toEqual([own.id, own.id])
    }
    const over: Parameters<typeof becomes>[] = [
      ['closed', 'logged_out'],
      ['awaiting_scan', null],
    ]
    for (const stand of over) {
      await becomes(...stand)
      expect([await found(false), await found(true)]).toEqual([own.id, cloud.id])
      expect((await ctx.ports.channels.defaultFor(workspaceId, 'own_number'))?.id).toBe(own.id)
    }
  })

  test('sees changes of its own node at once, of others when told', async () => {
    const { ctx } = await testWorkspace(open)
    const away = openChannelDirectory({ db: open.database.db, secretBox: testSecretBox })
    expect(await ctx.ports.channels.find(ctx.workspaceId, {})).toBeUndefined()
    const { id: channelId } = await createChannel(ctx, CLOUD)
    expect((await ctx.ports.channels.find(ctx.workspaceId, {}))?.id).toBe(channelId)
    expect((await away.get(ctx.workspaceId, channelId))?.channel.name).toBe('Shop')
    await updateChannel(ctx, { channelId, name: 'Renamed' })
    expect((await ctx.ports.channels.get(ctx.workspaceId, channelId))?.channel.name).toBe('Renamed')
    expect((await away.get(ctx.workspaceId, channelId))?.channel.name).toBe('Shop')
    away.forget(channelId)
    expect((await away.get(ctx.workspaceId, channelId))?.channel.name).toBe('Renamed')
  })

  test('a look that began before a change is not remembered after it', async () => {
    const gate = gateFirstAnswer(open.database.db)
    const channels = openChannelDirectory({ db: gate.db, secretBox: testSecretBox })
    const { ctx } = await testWorkspace(open, { ports: { channels } })
    const { id: channelId } = await createChannel(ctx, CLOUD)
    const early = channels.get(ctx.workspaceId, channelId)
    await gate.reached
    await pauseChannel(ctx, { channelId })
    gate.release()
    expect((await early)?.channel.paused).toBe(false)
    expect((await channels.get(ctx.workspaceId, channelId))?.channel.paused).toBe(true)
  })

  test('nor is a name that began to be looked for before it', async () => {
    const gate = gateFirstAnswer(open.database.db)
    const channels = openChannelDirectory({ db: gate.db, secretBox: testSecretBox })
    const { ctx } = await testWorkspace(open, { ports: { channels } })
    const first = await createChannel(ctx, CLOUD)
    const second = await createChannel(ctx, { ...CLOUD, phone: '+14155550173', phoneNumberId: '3333333333' })
    const early = channels.defaultFor(ctx.workspaceId)
    await gate.reached
    await deleteChannel(ctx, { channelId: first.id })
    gate.release()
    await early
    expect((await channels.defaultFor(ctx.workspaceId))?.id).toBe(second.id)
  })
})
