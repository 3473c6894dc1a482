import { z } from 'zod'
import type { Pin } from '#core/messages'
import { chatIdOf } from './key.wire.ts'
import { keyOf, wordsOf } from './message-parts.wire.ts'

export const Reaction = z.strictObject({ emoji: z.string().max(32).describe("'' takes it back") }).meta({ example: { emoji: '👍' } })

const Moment = z.union([z.iso.datetime({ offset: true }), z.number().min(0).max(8.64e15), z.string().regex(/^\d{1,16}$/, 'must be a time')])
export const HistoryWish = z
  .strictObject({ pages: z.int().min(1).max(10).optional(), untilDate: Moment.optional().describe('ISO 8601, or an epoch') })
  .nullish()
  .meta({ description: 'Accepted; what is here is all there is', example: { pages: 1 } })

export const PinWish = z
  .strictObject({ duration: z.int().min(1).max(31_536_000).optional().describe('Seconds; 7 days when absent') })
  .nullish()
  .meta({ example: { duration: 86_400 } })

export const showPin = ({ message }: Pin) => ({
  key: keyOf(message)._serialized,
  chatId: chatIdOf(message.address),
  text: wordsOf(message) ?? null,
})
