import { proto } from 'baileys'
import type { Bubble, Chat } from '../chats.ts'
import { isGroup } from '../groups.ts'
import type { Person } from './people.ts'
import { toMessage } from './to-message.wire.ts'
import type { WebState } from './web-state.ts'

const BUBBLES_MOST = 50
const STATUS: Readonly<Record<Bubble['state'], proto.WebMessageInfo.Status>> = {
  accepted: proto.WebMessageInfo.Status.SERVER_ACK,
  sent: proto.WebMessageInfo.Status.SERVER_ACK,
  delivered: proto.WebMessageInfo.Status.DELIVERY_ACK,
  read: proto.WebMessageInfo.Status.READ,
  failed: proto.WebMessageInfo.Status.ERROR,
}

/** A chat with its last messages, the latest first, as a phone hands it to a new device. */
export async function conversationOf(state: WebState, chat: Chat): Promise<proto.IConversation> {
  const bubbles = [...chat.bubbles.values()].slice(-BUBBLES_MOST).reverse()
  const messages = await Promise.all(bubbles.map(async (bubble) => ({ message: await messageInfoOf(state, chat, bubble) })))
  const unreadCount = bubbles.filter(({ direction, state }) => direction === 'from_phone' && state === 'sent').length
  const conversationTimestamp = Math.floor((bubbles[0]?.at ?? 0) / 1000)
  return { ...namesOf(state, chat), messages, unreadCount, conversationTimestamp, endOfHistoryTransfer: true }
}

function namesOf(state: WebState, { business, phone }: Chat): proto.IConversation {
  if (isGroup(phone)) return { id: phone, name: state.network.groups.find(business, phone)?.name ?? null }
  const { phoneJid, lidJid } = state.people.of(phone)
  return { id: phoneJid, lidJid, pnJid: phoneJid, name: state.network.phone(phone)?.profileName ?? null }
}

async function messageInfoOf(state: WebState, chat: Chat, bubble: Bubble): Promise<proto.IWebMessageInfo> {
  const { wireId, direction, content, at } = bubble
  const fromMe = direction === 'to_phone'
  const remoteJid = isGroup(chat.phone) ? chat.phone : state.people.of(chat.phone).phoneJid
  const author = bubble.author === undefined ? undefined : state.people.of(bubble.author).phoneJid
  const keyOf = (id: string): proto.IMessageKey => ({ remoteJid, id, fromMe: chat.bubbles.get(id)?.direction === 'to_phone' })
  const places = { files: state.network.files, media: state.media }
  return {
    key: { remoteJid, fromMe, id: wireId, participant: author ?? null },
    message: state.messages.get(wireId) ?? (await toMessage({ content, context: undefined, keyOf, atMs: at }, places)),
    messageTimestamp: Math.floor(at / 1000),
    status: fromMe ? STATUS[bubble.state] : null,
    pushName: fromMe ? null : (state.network.phone(bubble.author ?? chat.phone)?.profileName ?? null),
    participant: author ?? null,
  }
}

export const mappingOf = ({ phoneJid, lidJid }: Person): proto.IPhoneNumberToLIDMapping => ({ pnJid: phoneJid, lidJid })
