import { expect } from 'vitest'
import { PNG } from '../../web.ts'
import { A_FILE, keyOf, received, TIME, wireIdOf } from './models.ts'
import type { Expected } from './receiver.ts'
import { chatOf, type Deed, own, phone, said, say } from './world.ts'

export const PEOPLE: readonly Deed[] = [
  {
    title: 'a person writes, answers, edits and takes back',
    names: ['new_message_received_webhook', 'reply_to_my_message_webhook', 'message_edited_webhook', 'message_deleted_revoked_webhook'],
    async happens(world) {
      const number = '+14155550411'
      const chatId = chatOf(number)
      const to = chatOf(own(world))
      const key = await say(world, number, { text: 'Where are you?' })
      const first = await phone(world, number, 'messages', { text: 'Who is this?' })
      const second = await phone(world, number, 'messages', { text: 'On my way', replyTo: wireIdOf(key) })
      // an event shows the words that stand there when it is told
      await world.hears({ type: 'reply_to_my_message_webhook', where: { chatId } })
      for (const text of ['Nearly there', 'Here']) {
        await phone(world, number, 'edits', { wireId: second, text })
        await world.hears({ type: 'message_edited_webhook', where: { chatId, text } })
      }
      await phone(world, number, 'revocations', { wireId: second })
      const quotedMessage = { waMessageKey: keyOf(true, chatId, wireIdOf(key)), text: 'Where are you?', type: 'chat', author: to }
      const answer = { chatId, to, wireId: second, quotedMessage }
      const { _serialized, ...rest } = keyOf(false, chatId, second)
      return [
        said('new_message_received_webhook', chatId, received({ chatId, to, wireId: first, text: 'Who is this?' })),
        said('new_message_received_webhook', chatId, received({ ...answer, text: 'On my way' })),
        said('reply_to_my_message_webhook', chatId, received({ ...answer, text: 'On my way' })),
        said('message_edited_webhook', chatId, received({ ...answer, text: 'Nearly there', previousText: 'On my way' })),
        said('message_edited_webhook', chatId, received({ ...answer, text: 'Here', previousText: 'Nearly there' })),
        {
          type: 'message_deleted_revoked_webhook',
          where: { chatId },
          data: { waMessageKey: { ...rest, _serialized }, key: _serialized, chatId, from: chatId, timestamp: TIME },
        },
      ]
    },
  },
  {
    title: 'a person sends a picture',
    names: ['new_message_received_webhook'],
    async happens(world) {
      const chatId = chatOf('+14155550412')
      const file = { base64: PNG.toString('base64'), mimeType: 'image/png', filename: 'dot.png', caption: 'Look' }
      const wireId = await phone(world, '+14155550412', 'messages', { file })
      const shown = {
        type: 'image',
        caption: 'Look',
        filename: expect.toBeOneOf(['dot.png', null]),
        mediaUrl: expect.toBeOneOf([A_FILE, null]),
      }
      return [said('new_message_received_webhook', chatId, received({ chatId, to: chatOf(own(world)), wireId, text: 'Look', ...shown }))]
    },
  },
  {
    title: 'a person reacts, and takes it back; a pin in a chat of two is not told',
    names: ['message_reaction_webhook'],
    async happens(world) {
      const chatId = chatOf('+14155550413')
      const key = await say(world, '+14155550413')
      const react = async (emoji: string): Promise<Expected> => {
        await phone(world, '+14155550413', 'reactions', { wireId: wireIdOf(key), emoji })
        return { type: 'message_reaction_webhook', where: { chatId, emoji }, data: { key, chatId, from: chatId, emoji, timestamp: TIME } }
      }
      await phone(world, '+14155550413', 'pins', { wireId: wireIdOf(key) })
      return [await react('👍'), await react('')]
    },
  },
]
