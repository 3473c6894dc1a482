import { findByWireIds, type Message } from '#core/messages'
import type { Context } from '#kit/context'
import { invalidField, noSuch, notFound } from '#kit/errors'
import { readId } from './ids.wire.ts'
import { addressOf, type MessageKey, parseKey } from './key.wire.ts'

/** A key as callers write it: whole, or bare with the chat told beside it. */
type Asked = { text: string; chatId: string | undefined }

/** The messages behind keys, in the order asked; undefined where it is none of ours. Throws `invalid` for a bare id without a chat. */
export async function findByKeys(ctx: Context, asked: readonly Asked[]): Promise<(Message | undefined)[]> {
  const keys = asked.map(({ text, chatId }) => readKey(text, chatId))
  const found = Map.groupBy(await findByWireIds(ctx, { wireIds: keys.map(({ wireId }) => wireId) }), ({ wireId }) => wireId)
  return keys.map((key) => found.get(key.wireId)?.find((message) => isNamed(message, key)))
}

type Named = Pick<MessageKey, 'chatId' | 'wireId'> & { fromMe: boolean | undefined }

function readKey(text: string, chatId: string | undefined): Named {
  const key = parseKey(text)
  if (key) return key
  if (chatId === undefined) throw invalidField('waMessageKey', 'must be a whole key like true_14155551234@c.us_3EB0…, or come with chatId')
  return { fromMe: undefined, chatId, wireId: text }
}

const isNamed = (message: Message, { fromMe, chatId }: Named): boolean =>
  message.address === addressOf(chatId) && (fromMe === undefined || fromMe === (message.direction === 'out'))

/** The one message behind a key; bare ids need their chat. Throws `not_found`. */
export async function requireByKey(ctx: Context, key: string, chatId: string | undefined): Promise<Message> {
  if (!parseKey(key) && chatId === undefined) throw invalidField('waMessageKey', 'must be a stored id or a whole key, or come with chatId')
  const [message] = await findByKeys(ctx, [{ text: key, chatId }])
  if (!message) throw notFound('message')
  return message
}

/** The same, of this chat alone. */
export async function requireInChat(ctx: Context, { chatId, key }: { chatId: string; key: string }): Promise<Message> {
  const message = await requireByKey(ctx, key, chatId)
  if (message.address !== addressOf(chatId)) throw notFound('message')
  return message
}

/** The message answered, by its key or by our id; '' is none. */
export async function replyTarget(ctx: Context, replyTo: string | undefined): Promise<string | undefined> {
  if (!replyTo) return undefined
  const ours = readId('msg', replyTo)
  if (ours !== undefined) return ours
  if (!parseKey(replyTo)) throw invalidField('replyTo', "must be a message's key or stored id")
  const [target] = await findByKeys(ctx, [{ text: replyTo, chatId: undefined }])
  if (!target) throw noSuch('replyTo', 'message')
  return target.id
}
