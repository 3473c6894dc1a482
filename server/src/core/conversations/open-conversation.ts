import { z } from 'zod'
import { parseAddress } from '#core/addresses'
import type { Context } from '#kit/context'
import { DomainError } from '#kit/errors'
import { operation } from '#kit/operation'
import { findConversations } from './conversation.store.ts'
import type { Conversation } from './conversation.ts'

export const openConversation = operation({
  name: 'conversations.open',
  does: 'The conversation with a person or a group on a channel; makes it when there is none. Nothing is sent.',
  needs: 'conversations:write',
  mayRefuse: ['invalid', 'not_found', 'no_channel', 'unsupported'],
  transaction: 'none',
  input: z.strictObject({
    to: z.string().min(1).max(256),
    channelId: z.uuid().optional(),
    persona: z.enum(['own_number', 'cloud']).optional().describe('Which kind of channel is preferred when none is named'),
  }),
  async run(ctx, { to, channelId, persona }): Promise<Conversation> {
    const { defaultCountry } = await ctx.ports.workspaces.get(ctx.workspaceId)
    const { kind, ...spot } = parseAddress(to, defaultCountry)
    const channel = await findChannel(ctx, { channelId, persona }, kind !== 'person')
    const [place] = await ctx.ports.addressBook.resolve(ctx.workspaceId, [{ channelId: channel.id, ...spot }])
    const [conversation] = await findConversations(ctx.db, ctx.workspaceId, place ? [place.conversationId] : [])
    if (!conversation) throw new DomainError('internal', 'An address was not resolved')
    return conversation
  },
})

type Wish = { channelId: string | undefined; persona: 'own_number' | 'cloud' | undefined }

async function findChannel(ctx: Context, wish: Wish, forGroup: boolean) {
  const channel = await ctx.ports.channels.find(ctx.workspaceId, wish)
  if (!channel && wish.channelId) throw new DomainError('not_found', 'No such channel')
  if (!channel) throw new DomainError('no_channel', 'There is no channel to talk on')
  if (forGroup && !ctx.ports.transports.get(channel.kind)?.capabilities(channel).groups)
    throw new DomainError('unsupported', 'This channel cannot send to groups', {
      issues: [{ path: 'to', code: 'custom', message: 'a group' }],
    })
  return channel
}
