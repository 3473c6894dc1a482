import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RaisedEvent } from '#kit/context'
import { first, run, sql } from '#kit/db'
import { openListener } from '#kit/db-listen'
import { newId } from '#kit/ids'
import { openLog } from '#kit/log'
import { testWorkspace } from '../../../test/context.ts'
import { type TestDatabase, testDatabase } from '../../../test/database.ts'
import { bucketOf, CLOUD, eventTypesOf } from '../../../test/rows.ts'
import {
  closeChannel,
  createChannel,
  deleteChannel,
  getChannel,
  listChannels,
  openChannel,
  pauseChannel,
  resumeChannel,
  testChannel,
  updateChannel,
} from './index.ts'

let open: TestDatabase
beforeAll(async () => {
  open = await testDatabase()
})
afterAll(() => open.close())

describe('pause and close', () => {
  test('a pause stops the bucket and keeps the state; resuming tells the engines', async () => {
    const { ctx } = await testWorkspace(open)
    const { id: channelId } = await createChannel(ctx, CLOUD)
    expect(await pauseChannel(ctx, { channelId })).toMatchObject({ paused: true, state: 'open' })
    expect(await bucketOf(ctx, channelId)).toMatchObject({ blocked: true, blocked_reason: 'paused' })
    expect(await pauseChannel(ctx, { channelId })).toMatchObject({ paused: true })
    const heard: string[] = []
    const listener = await openListener(
      open.address,
      openLog('silent'),
      (_, payload) => heard.push(payload),
      ['chasqui_due'],
      () => undefined,
    )
    expect(await resumeChannel(ctx, { channelId })).toMatchObject({ paused: false })
    await expect.poll(() => heard).toContain('*')
    await listener.close()
    expect(await bucketOf(ctx, channelId)).toMatchObject({ blocked: false, blocked_reason: null })
    expect(await getChannel(ctx, { channelId })).toMatchObject({ paused: false })
  })

  test('resuming lets nothing go that another reason holds', async () => {
    const { ctx } = await testWorkspace(open)
    const { id: channelId } = await createChannel(ctx, CLOUD)
    const move = { workspaceId: ctx.workspaceId, channelId, reason: 'banned' as const }
    await closeChannel(open.database.db, ctx.ports.events, move)
    await resumeChannel(ctx, { channelId })
    expect(await bucketOf(ctx, channelId)).toMatchObject({ blocked: true, blocked_reason: 'banned' })
    // paused while closed, then resumed: still banned
    await pauseChannel(ctx, { channelId })
    await resumeChannel(ctx, { channelId })
    expect(await bucketOf(ctx, channelId)).toMatchObject({ blocked: true, blocked_reason: 'banned' })
    // closed while paused, then opened again: still paused
    await openChannel(open.database.db, ctx.ports.events, move)
    await pauseChannel(ctx, { channelId })
    await closeChannel(open.database.db, ctx.ports.events, move)
    await openChannel(open.database.db, ctx.ports.events, move)
    expect(await getChannel(ctx, { channelId })).toMatchObject({ state: 'open', paused: true })
    expect(await bucketOf(ctx, channelId)).toMatchObject({ blocked: true, blocked_reason: 'paused' })
  })

  test('resuming a channel that is not paused does not lift what the engine asked for', async () => {
    const { ctx } = await testWorkspace(open)
    const { id: channelId } = await createChannel(ctx, CLOUD)
    await run(
      ctx.db,
      sql`update buckets set blocked_reason = 'throttled', blocked_until = now() + interval '1 hour' where channel_id = ${channelId}`,
    )
    await resumeChannel(ctx, { channelId })
    expect(await bucketOf(ctx, channelId)).toMatchObject({ blocked_reason: 'throttled' })
  })

  test('closing and opening is told once, however many nodes see it', async () => {
    const { ctx } = await testWorkspace(open)
    const { id: channelId } = await createChannel(ctx, CLOUD)
    const hints: RaisedEvent[] = []
    const events = { ...ctx.ports.events, hint: (told: readonly RaisedEvent[]) => void hints.push(...told) }
    const move = { workspaceId: ctx.workspaceId, channelId, reason: 'bad_credentials' as const }
    await Promise.all(Array.from({ length: 5 }, () => closeChannel(open.database.db, events, move)))
    await Promise.all(Array.from({ length: 5 }, () => openChannel(open.database.db, events, move)))
    await closeChannel(open.database.db, events, { ...move, channelId: newId() })
    expect(hints.map(({ type, facts }) => ({ type, facts }))).toEqual([
      { type: 'channel.closed', facts: { reason: 'bad_credentials' } },
      { type: 'channel.opened', facts: {} },
    ])
    expect(await eventTypesOf(ctx)).toEqual(['channel.opened', 'channel.closed', 'channel.opened'])
  })

  test('a deleted channel is gone for callers, stopped for the engine, and has no secrets left', async () => {
    const { ctx } = await testWorkspace(open)
    const { id: channelId } = await createChannel(ctx, CLOUD)
    await ctx.ports.channels.get(ctx.workspaceId, channelId)
    await deleteChannel(ctx, { channelId })
    await expect(getChannel(ctx, { channelId })).rejects.toMatchObject({ code: 'not_found' })
    for (const verb of [pauseChannel, resumeChannel, deleteChannel, updateChannel, testChannel])
      await expect(verb(ctx, { channelId })).rejects.toMatchObject({ code: 'not_found' })
    expect((await listChannels(ctx, {})).rows).toEqual([])
    expect(await ctx.ports.channels.get(ctx.workspaceId, channelId)).toBeUndefined()
    expect(await bucketOf(ctx, channelId)).toMatchObject({ blocked: true, blocked_reason: 'deleted' })
    expect(await first(ctx.db, sql`select credentials from channels where id = ${channelId}`)).toEqual({ credentials: null })
  })

  test('channels of another workspace do not exist', async () => {
    const { ctx } = await testWorkspace(open)
    const { id: channelId } = await createChannel(ctx, CLOUD)
    const other = await testWorkspace(open)
    for (const verb of [getChannel, pauseChannel, resumeChannel, deleteChannel, updateChannel, testChannel])
      await expect(verb(other.ctx, { channelId })).rejects.toMatchObject({ code: 'not_found' })
    expect((await listChannels(other.ctx, {})).rows).toEqual([])
    expect(await getChannel(ctx, { channelId })).toMatchObject({ state: 'open', paused: false })
  })
})
