import * as baileys from 'baileys'
import { expect, test } from 'vitest'
import { type Taken, toHistory } from './history.wire.ts'

const failed = (error: unknown) => {
  throw error
}

const reading = { baileys, me: { id: '14155550100:3@s.whatsapp.net', lid: '900:3@lid' } }
const ANA = '14155550123@s.whatsapp.net'

const said = (id: string, message: baileys.proto.IMessage = { conversation: id }, at = 1_760_000_000): baileys.WAMessage => ({
  key: { id, remoteJid: ANA, fromMe: false },
  message,
  messageTimestamp: at,
})
const partOf = (ids: readonly string[]) => ({
  chats: [{ id: ANA, conversationTimestamp: 1_760_000_000 }],
  messages: ids.map((id) => said(id)),
})

test('parts of a history that are read side by side keep to the bounds of one', async () => {
  const taken: Taken = new Map()
  const bounds = { chats: 1, messages: 3 }
  const parts = [partOf(['a', 'b']), partOf(['c', 'd']), partOf(['e'])]
  const read = await Promise.all(parts.map((part) => toHistory(reading, part, { bounds, taken, failed })))
  expect(read.flat().flatMap(({ messages }) => messages.map(({ wireId }) => wireId))).toEqual(['b', 'a', 'c'])
  expect(taken.get(ANA)).toBe(3)
})

test('what is no message takes no room', async () => {
  const taken: Taken = new Map()
  const messages = [said('a', { senderKeyDistributionMessage: {} }), said('b')]
  await toHistory(reading, { ...partOf([]), messages }, { bounds: { chats: 1, messages: 3 }, taken, failed })
  expect(taken.get(ANA)).toBe(1)
})

test('a message nested without end is kept as unreadable, and its neighbours as they are', async () => {
  let deep: baileys.proto.IMessage = { conversation: 'x' }
  for (let i = 0; i < 50_000; i++) deep = { ephemeralMessage: { message: deep } }
  const messages = [said('a', undefined, 1), said('b', deep, 2), said('c', undefined, 3)]
  const [chat] = await toHistory(reading, { ...partOf([]), messages }, { bounds: { chats: 1, messages: 3 }, taken: new Map(), failed })
  expect(chat?.messages).toMatchObject([
    { wireId: 'a', content: { type: 'text' } },
    { wireId: 'b', content: { type: 'unknown', kind: 'unreadable' } },
    { wireId: 'c', content: { type: 'text' } },
  ])
})
