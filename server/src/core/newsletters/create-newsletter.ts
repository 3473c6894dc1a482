import { z } from 'zod'
import { DomainError, noSuch } from '#kit/errors'
import { newId } from '#kit/ids'
import { operation, withTransaction } from '#kit/operation'
import { upsertNewsletter } from './newsletter.store.ts'
import type { Newsletter } from './newsletter.ts'

export const NewsletterName = z.string().trim().min(1).max(100)
export const NewsletterDescription = z.string().max(2048)

export const createNewsletter = operation({
  name: 'newsletters.create',
  does: 'Found a newsletter: people follow it, you post to it.',
  needs: 'newsletters:write',
  mayRefuse: ['invalid', 'not_found', 'no_channel', 'channel_closed', 'unsupported', 'unavailable'],
  transaction: 'none', // the network is asked before anything is locked
  input: z.strictObject({ channelId: z.uuid().optional(), name: NewsletterName, description: NewsletterDescription.optional() }),
  async run(ctx, { channelId, name, description }): Promise<Newsletter> {
    const entry = await ctx.ports.channels.find(ctx.workspaceId, { channelId, persona: 'own_number' })
    if (!entry)
      throw channelId ? noSuch('channelId', 'channel') : new DomainError('no_channel', 'There is no channel to found a newsletter from')
    const transport = ctx.ports.transports.get(entry.kind)
    if (!transport?.newsletters || !transport.capabilities(entry).newsletters)
      throw new DomainError('unsupported', 'This channel cannot have newsletters')
    if (entry.channel.state !== 'open') throw new DomainError('channel_closed', 'The channel is not connected')
    const answer = await transport.newsletters.create(entry, { name, description: description || undefined })
    if (answer.kind === 'refused') throw new DomainError(answer.code === 'not_allowed' ? 'conflict' : answer.code, answer.reason)
    const place = { id: newId(), workspaceId: ctx.workspaceId, channelId: entry.id }
    return withTransaction(ctx, ({ db }) => upsertNewsletter(db, place, answer.value))
  },
})
