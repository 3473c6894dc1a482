import { z } from 'zod'
import { operation } from '#kit/operation'
import { beginLinking, lockLinkable } from './begin-linking.ts'
import type { Channel } from './channel.ts'

export const linkChannel = operation({
  name: 'channels.link',
  does: 'Link an own number again: with a new identity, the same channel, its history and its webhooks. It must be logged out.',
  needs: 'channels:write',
  mayRefuse: ['not_found', 'unsupported', 'conflict'],
  input: z.strictObject({ channelId: z.uuid() }),
  run: async (ctx, { channelId }): Promise<Channel> => beginLinking(ctx, await lockLinkable(ctx, channelId)),
})
