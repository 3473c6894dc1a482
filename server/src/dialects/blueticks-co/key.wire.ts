import { normalisePhone } from '#core/addresses'
import { DomainError } from '#kit/errors'

/** E.164 -> 14155551234@c.us; groups, newsletters and LIDs are chat ids already. */
export const chatIdOf = (address: string): string => (address.startsWith('+') ? `${address.slice(1)}@c.us` : address)

const PERSON = /^(\d{6,15})@(?:c\.us|s\.whatsapp\.net)$/

/** A chat id, or a phone number in its place -> the address as the house keeps it. */
export function addressOf(chatId: string): string {
  if (chatId.startsWith('+')) return normal(chatId)
  const digits = PERSON.exec(chatId)?.[1]
  return digits === undefined ? chatId : normal(`+${digits}`)
}

/** The house keeps one spelling of each number; what is no number is nobody's. */
function normal(phone: string): string {
  try {
    return normalisePhone(phone, 'US')
  } catch (error) {
    if (error instanceof DomainError) return phone
    throw error
  }
}

export const CHAT_ID = /^\d+(?:-\d+)?@(?:c\.us|s\.whatsapp\.net|g\.us|lid|broadcast|newsletter)$/
/** Chats that one can send to. */
export const RECIPIENT_CHAT = /^\d+(?:-\d+)?@(?:c\.us|g\.us|newsletter)$/
export const E164 = /^\+[1-9]\d{6,14}$/

/** WhatsApp's name of a message: `<fromMe>_<chatJid>_<id>[_<participant>]`. */
export type MessageKey = { fromMe: boolean; chatId: string; wireId: string; participant: string | undefined }

const KEY = /^(true|false)_([^_]+)_(.+)$/s
const WITH_PARTICIPANT = /^(.+)_(\d+@(?:c\.us|s\.whatsapp\.net|lid))$/s

/** undefined when it is no full key: a bare id, or nonsense. */
export function parseKey(text: string): MessageKey | undefined {
  const [, fromMe, chatId, rest] = KEY.exec(text) ?? []
  if (chatId === undefined || rest === undefined) return undefined
  const [, wireId = rest, participant] = (chatId.endsWith('@g.us') && WITH_PARTICIPANT.exec(rest)) || []
  return { fromMe: fromMe === 'true', chatId, wireId, participant }
}

export const serialiseKey = ({ fromMe, chatId, wireId, participant }: MessageKey): string =>
  [fromMe, chatId, wireId, ...(participant === undefined ? [] : [participant])].join('_')

/** The object form; before the network has the message there is no id. */
export const showKey = (key: Omit<MessageKey, 'wireId'> & { wireId: string | undefined }) => ({
  fromMe: key.fromMe,
  remote: key.chatId,
  id: key.wireId ?? null,
  participant: key.participant ?? null,
  _serialized: key.wireId === undefined ? null : serialiseKey({ ...key, wireId: key.wireId }),
})
