import { z } from 'zod'
import type { Context } from '#kit/context'
import { DomainError, notFound } from '#kit/errors'
import { operation } from '#kit/operation'
import { type LockedChannel, lockChannel, selectChannel, updateChannelRow, updatePace } from './channel.store.ts'
import type { Channel, ChannelSettings } from './channel.ts'
import { ChannelName, ChannelSecret, SettingsEdit } from './channel-input.ts'
import { callAnew } from './cold-pace.store.ts'
import { plain } from './create-channel.ts'
import { reopen } from './move-channel.ts'
import { paceOf } from './pace.ts'
import { notifyChanged, notifyDue } from './state.store.ts'

export const updateChannel = operation({
  name: 'channels.update',
  does: 'Rename a channel, change its pace, or give it new credentials (which reopens one that was closed for bad ones).',
  needs: 'channels:write',
  mayRefuse: ['invalid', 'not_found', 'unsupported'],
  input: z.strictObject({
    channelId: z.uuid(),
    name: ChannelName.optional(),
    settings: SettingsEdit.optional(),
    accessToken: ChannelSecret.optional(),
    appSecret: ChannelSecret.optional(),
    verifyToken: ChannelSecret.optional(),
  }),
  async run(ctx, { channelId, name, settings, ...secrets }): Promise<Channel> {
    const locked = await lockChannel(ctx.db, ctx.workspaceId, channelId)
    if (!locked) throw notFound('channel')
    const { channel } = locked
    if (settings?.pacing && channel.kind !== 'web') throw new DomainError('unsupported', 'Only own numbers pace themselves so')
    const fresh = plain(secrets)
    const hasFresh = Object.keys(fresh).length > 0
    const changed = { ...channel, name: name ?? channel.name, settings: mergeSettings(channel.settings, settings ?? {}) }
    await updateChannelRow(ctx.db, changed, hasFresh ? sealFresh(ctx, locked, fresh) : locked.credentials)
    if (settings) {
      await updatePace(ctx.db, changed, paceOf(channel.kind, changed.settings))
      if (channel.kind === 'web') await callAnew(ctx.db, channel)
      await notifyDue(ctx.db)
    }
    if (hasFresh && channel.stateReason === 'bad_credentials') await reopen(ctx, locked)
    await notifyChanged(ctx.db, channelId)
    ctx.transaction?.afterCommit.push(() => ctx.ports.channels.forget(channelId))
    return (await selectChannel(ctx.db, ctx.workspaceId, channelId)) ?? changed
  },
})

function mergeSettings(settings: ChannelSettings, wishes: Readonly<Record<string, unknown>>): ChannelSettings {
  return Object.fromEntries(Object.entries({ ...settings, ...plain(wishes) }).filter(([, value]) => value !== null))
}

function sealFresh(ctx: Context, { channel, credentials }: LockedChannel, fresh: object): Buffer {
  if (channel.kind !== 'cloud') throw new DomainError('unsupported', 'This channel has no credentials')
  const known: object = credentials ? JSON.parse(ctx.ports.secretBox.open(credentials)) : {}
  return ctx.ports.secretBox.seal(JSON.stringify({ ...known, ...fresh }))
}
