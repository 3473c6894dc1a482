import type { Context } from '#kit/context'
import { one, page } from './answers.wire.ts'
import { ackOf } from './chat-message.wire.ts'
import { findByKeys } from './find-by-key.ts'

/** Null where we do not know the message: this product has no 404 here. */
export async function answerAck(ctx: Context, key: string, chatId: string | undefined) {
  const [message] = await findByKeys(ctx, [{ text: key, chatId }])
  return one({ ack: message ? ackOf(message, ctx.now()) : null })
}

/** In the order asked. */
export async function answerAcks(ctx: Context, keys: readonly string[], chatId: string | undefined) {
  const found = await findByKeys(
    ctx,
    keys.map((text) => ({ text, chatId })),
  )
  const rows = keys.map((key, i) => ({ key, ack: found[i] ? ackOf(found[i], ctx.now()) : null, found: found[i] !== undefined }))
  return page(rows, { limit: rows.length, skip: 0, total: rows.length, cursorAt: String })
}
