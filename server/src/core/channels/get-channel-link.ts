import { z } from 'zod'
import { operation } from '#kit/operation'
import { loadLink } from './channel-link.ts'

export const getChannelLink = operation({
  name: 'channels.get-link',
  does: 'What a person needs to link the number: the QR, and the letters if they were asked for. A QR lives some seconds; while it is null, ask again.',
  needs: 'channels:write', // whoever sees it can link a phone of his own
  mayRefuse: ['not_found', 'unsupported'],
  input: z.strictObject({ channelId: z.uuid() }),
  run: (ctx, { channelId }) => loadLink(ctx, channelId),
})
