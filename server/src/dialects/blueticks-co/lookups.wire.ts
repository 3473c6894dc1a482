import { z } from 'zod'
import type { PhoneValidation } from '#core/contacts'
import { CHAT_ID, chatIdOf, E164 } from './key.wire.ts'

export const PhoneOrChatId = z
  .strictObject({ phoneOrChatId: z.string().min(1).max(128) })
  .meta({ example: { phoneOrChatId: '+14155551234' } })

export const Link = z.object({
  url: z
    .string()
    .min(1)
    .max(2048)
    .meta({ examples: ['https://example.com/'] }),
})

/** A person or chat in a path. */
export const ChatAddress = z
  .string()
  .max(128)
  .refine((text) => E164.test(text) || CHAT_ID.test(text), 'must be a phone number like +14155551234 or a chat id')
  .meta({ description: 'A phone number, or a chat id', examples: ['14155551234@c.us'] })

/** Under the names of both generations. */
export function showValidation({ valid, address }: PhoneValidation) {
  const chatId = valid && address !== undefined ? chatIdOf(address) : null
  return { valid, formattedChatId: chatId, chatId }
}
