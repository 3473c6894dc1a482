import { z } from 'zod'
import { Content } from '#core/content'
import { LANES } from './message.ts'

/** Every choice a door may make for a message; no door decides these things in its own code. */
export const MessageInput = z.strictObject({
  channelId: z.uuid().optional().describe('The channel to send from; by default the workspace has one for its kind'),
  from: z.string().max(32).optional().describe('The number of the channel, instead of its id'),
  persona: z.enum(['own_number', 'cloud']).optional().describe('Which kind of channel is preferred when none is named'),
  to: z.string().min(1).max(256).describe('A phone number, a group, or a WhatsApp id'),
  content: Content,
  sendAt: z.date().optional().describe('Not before this time; absent: now'),
  expiresAt: z.date().optional().describe('Not after this time'),
  replyTo: z.uuid().optional(),
  follows: z.uuid().optional().describe('The message it stands behind: taken back and moved with it, while it has not started'),
  tag: z.string().min(1).max(256).optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
  callbackUrl: z.string().max(2048).optional(),
  category: z.enum(['marketing', 'utility', 'authentication', 'service']).optional(),
  lane: z.enum(LANES).default('transactional'),
  onUnknown: z.enum(['retry', 'fail']).optional(),
  outsideWindow: z.enum(['refuse', 'attempt']).default('refuse'),
  late: z.strictObject({ afterSeconds: z.int().min(0).max(31_536_000), action: z.enum(['expire', 'hold']) }).optional(),
  origin: z.enum(['api', 'direct', 'inbox', 'phone']).default('api'),
  door: z.string().max(32).optional(),
  recurrenceId: z.uuid().optional().describe('The recurrence that makes it'),
  noChannel: z.enum(['hold', 'refuse']).default('hold').describe('What to do when no channel is connected'),
  typingSeconds: z
    .number()
    .min(0)
    .max(25)
    .default(0)
    .describe(
      'How long the chat shows that somebody is typing before a text leaves, where the channel can; it is kept at once all the same',
    ),
  horizon: z
    .strictObject({ minSeconds: z.number().min(0), maxSeconds: z.number().max(31_536_000) })
    .default({ minSeconds: 0, maxSeconds: 31_536_000 }),
})
export type MessageInput = z.output<typeof MessageInput>
