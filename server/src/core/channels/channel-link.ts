import type { Context } from '#kit/context'
import { DomainError, notFound } from '#kit/errors'
import { selectChannel } from './channel.store.ts'
import type { Channel } from './channel.ts'
import { type LinkRow, selectLink } from './link.store.ts'

/** What a person needs to link a number, as far as it is there already. */
export type ChannelLink = {
  channel: Channel
  /** The text of the QR, and until when it can be scanned; the next one follows by itself. */
  qr: { text: string; until: Date } | undefined
  /** The letters to type on the phone; `until` is undefined while the network does not know them yet. */
  code: { letters: string; phone: string; until: Date | undefined } | undefined
}

/** A phone is being waited for. */
export const isLinking = ({ state }: Channel): boolean => state === 'connecting' || state === 'awaiting_scan'

export function requireOwnNumber({ kind }: Channel): void {
  if (kind !== 'web') throw new DomainError('unsupported', 'Only an own number (WhatsApp Web) is linked by a phone')
}

export async function loadLink(ctx: Context, channelId: string): Promise<ChannelLink> {
  const channel = await selectChannel(ctx.db, ctx.workspaceId, channelId)
  if (!channel) throw notFound('channel')
  requireOwnNumber(channel)
  // what was shown before a logout links nobody any more
  const row = isLinking(channel) ? await selectLink(ctx.db, channel) : undefined
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
