import { randomInt } from 'node:crypto'
import { z } from 'zod'
import { normalisePhone } from '#core/addresses'
import type { Context } from '#kit/context'
import { DomainError, notFound } from '#kit/errors'
import { operation } from '#kit/operation'
import { type LockedChannel, lockChannel, selectChannel } from './channel.store.ts'
import type { Channel } from './channel.ts'
import { insertLink, type LinkRow, selectLink, updateCode } from './link.store.ts'
import { PAUSED } from './pause-channel.ts'
import { notifyChanged, updateBlock, updateState } from './state.store.ts'

/** What a person needs to link a number, as far as it is there already. */
export type ChannelLink = {
  channel: Channel
  /** The text of the QR, and until when it can be scanned; the next one follows by itself. */
  qr: { text: string; until: Date } | undefined
  /** The letters to type on the phone; `until` is undefined while the network does not know them yet. */
  code: { letters: string; phone: string; until: Date | undefined } | undefined
}

const ChannelRef = z.strictObject({ channelId: z.uuid() })

export const linkChannel = operation({
  name: 'channels.link',
  does: 'Link an own number again: with a new identity, the same channel, its history and its webhooks.',
  needs: 'channels:write',
  mayRefuse: ['not_found', 'unsupported', 'conflict'],
  input: ChannelRef,
  async run(ctx, { channelId }): Promise<Channel> {
    const locked = await lockLinkable(ctx, channelId)
    return begin(ctx, locked, {})
  },
})

export const requestPairingCode = operation({
  name: 'channels.request-pairing-code',
  does: 'Letters to type on the phone instead of scanning; linking begins with it when it was not under way.',
  needs: 'channels:write',
  mayRefuse: ['not_found', 'unsupported', 'conflict', 'invalid'],
  input: z.strictObject({ channelId: z.uuid(), phone: z.string().min(1).max(32) }),
  async run(ctx, { channelId, phone: given }): Promise<ChannelLink> {
    const locked = await lockLinkable(ctx, channelId)
    const phone = normalisePhone(given, (await ctx.ports.workspaces.get(ctx.workspaceId)).defaultCountry, 'phone')
    if (locked.channel.phone !== '' && locked.channel.phone !== phone)
      throw new DomainError('conflict', `This channel is ${locked.channel.phone}: connect another number as a channel of its own`)
    const letters = drawLetters()
    const code = ctx.ports.secretBox.seal(letters)
    if (isLinking(locked.channel) && (await selectLink(ctx.db, locked.channel))) await updateCode(ctx.db, locked.channel, { phone, code })
    else await begin(ctx, locked, { phone, code })
    await tell(ctx, channelId)
    return show(ctx, channelId)
  },
})

export const getChannelLink = operation({
  name: 'channels.get-link',
  does: 'What a person needs to link the number: the QR, and the letters if they were asked for.',
  needs: 'channels:write', // whoever sees it can link a phone of his own
  mayRefuse: ['not_found', 'unsupported'],
  input: ChannelRef,
  run: (ctx, { channelId }) => show(ctx, channelId),
})

const isLinking = ({ state }: Channel): boolean => state === 'connecting' || state === 'awaiting_scan'

async function lockLinkable(ctx: Context, channelId: string): Promise<LockedChannel> {
  const locked = await lockChannel(ctx.db, ctx.workspaceId, channelId)
  if (!locked) throw notFound('channel')
  refuseOthers(locked.channel)
  if (locked.channel.state === 'open' || locked.channel.state === 'degraded')
    throw new DomainError('conflict', 'This number is linked already: log it out before it is linked anew')
  return locked
}

function refuseOthers({ kind }: Channel): void {
  if (kind !== 'web') throw new DomainError('unsupported', 'Only an own number (WhatsApp Web) is linked by a phone')
}

async function begin(ctx: Context, { channel, blockedReason }: LockedChannel, wish: { phone?: string; code?: Buffer }): Promise<Channel> {
  await insertLink(ctx.db, channel, wish)
  await updateState(ctx.db, channel, { is: 'connecting', reason: undefined })
  if (blockedReason !== PAUSED) await updateBlock(ctx.db, channel, 'connecting')
  await tell(ctx, channel.id)
  return (await selectChannel(ctx.db, ctx.workspaceId, channel.id)) ?? channel
}

async function tell(ctx: Context, channelId: string): Promise<void> {
  await notifyChanged(ctx.db, channelId)
  ctx.transaction?.afterCommit.push(() => ctx.ports.channels.forget(channelId))
}

async function show(ctx: Context, channelId: string): Promise<ChannelLink> {
  const channel = await selectChannel(ctx.db, ctx.workspaceId, channelId)
  if (!channel) throw notFound('channel')
  refuseOthers(channel)
  const row = await selectLink(ctx.db, channel)
  return { channel, qr: row && qrOf(ctx, row), code: row && codeOf(ctx, row) }
}

function qrOf(ctx: Context, { qr, qrUntil }: LinkRow): ChannelLink['qr'] {
  if (!qr || !qrUntil || qrUntil <= ctx.now()) return undefined
  return { text: ctx.ports.secretBox.open(qr), until: qrUntil }
}

function codeOf(ctx: Context, { code, phone, codeUntil }: LinkRow): ChannelLink['code'] {
  if (!code || !phone || (codeUntil && codeUntil <= ctx.now())) return undefined
  return { letters: ctx.ports.secretBox.open(code), phone, until: codeUntil ?? undefined }
}

/** Crockford's letters as WhatsApp shows them: none that is mistaken for another. */
const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTVWXYZ'
const LETTERS = 8
const drawLetters = (): string => Array.from({ length: LETTERS }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')
