import { randomInt } from 'node:crypto'
import { z } from 'zod'
import { normalisePhone } from '#core/addresses'
import type { Context } from '#kit/context'
import { DomainError } from '#kit/errors'
import { operation, withTransaction } from '#kit/operation'
import type { Waiters } from '#kit/waiters'
import { beginLinking, lockLinkable, tellLinking } from './begin-linking.ts'
import { type ChannelLink, isLinking, loadLink } from './channel-link.ts'
import { selectLink, updateCode } from './link.store.ts'

declare module '#kit/context' {
  interface Ports {
    waiters: Waiters
  }
}

/** A channel says more than this one thing, and a full waiting room answers at once. */
const LOOKS_MOST = 50

type Asked = { channelId: string; phone: string; letters: string }

export const requestPairingCode = operation({
  name: 'channels.request-pairing-code',
  does: 'Letters to type on the phone instead of scanning; linking begins with it when it was not under way. It waits a moment for WhatsApp to know them: they can be typed once `until` is there.',
  needs: 'channels:write',
  mayRefuse: ['not_found', 'unsupported', 'conflict', 'invalid'],
  transaction: 'none', // whoever holds the session must see the request while it waits
  input: z.strictObject({ channelId: z.uuid(), phone: z.string().min(1).max(32), atMostMs: z.int().min(0).max(20_000).default(0) }),
  async run(ctx, { channelId, phone, atMostMs }): Promise<ChannelLink> {
    const asked = { channelId, phone, letters: drawLetters() }
    await withTransaction(ctx, (inside) => ask(inside, asked))
    return awaitCode(ctx, asked, atMostMs)
  },
})

async function ask(ctx: Context, { channelId, phone: given, letters }: Asked): Promise<void> {
  const locked = await lockLinkable(ctx, channelId)
  const { channel } = locked
  const phone = normalisePhone(given, (await ctx.ports.workspaces.get(ctx.workspaceId)).defaultCountry, 'phone')
  if (channel.phone !== '' && channel.phone !== phone)
    throw new DomainError('conflict', `This channel is ${channel.phone}: connect another number as a channel of its own`)
  const wish = { phone, code: ctx.ports.secretBox.seal(letters) }
  if (!isLinking(channel) || !(await selectLink(ctx.db, channel))) {
    await beginLinking(ctx, locked, wish)
    return
  }
  await updateCode(ctx.db, channel, wish)
  await tellLinking(ctx, channelId)
}

/** Until the network knows these letters, or they are of no use any more; then whatever is true. */
async function awaitCode(ctx: Context, { channelId, letters }: Asked, atMostMs: number): Promise<ChannelLink> {
  const end = performance.now() + atMostMs
  for (let looks = 1; ; looks++) {
    const left = Math.max(0, Math.ceil(end - performance.now()))
    const waiting = ctx.ports.waiters.wait(channelId, left) // before the look: what happens in between is heard
    const link = await loadLink(ctx, channelId)
    const isAwaited = link.code?.letters === letters && link.code.until === undefined
    if (!isAwaited || left === 0 || looks === LOOKS_MOST) {
      waiting.cancel()
      return link
    }
    await waiting.done
  }
}

/** Crockford's letters as WhatsApp shows them: none that is mistaken for another. */
const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTVWXYZ'
const LETTERS = 8
const drawLetters = (): string => Array.from({ length: LETTERS }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')
