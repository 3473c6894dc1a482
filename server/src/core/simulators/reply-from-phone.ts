import { z } from 'zod'
import { normalisePhone } from '#core/addresses'
import type { InboundContent } from '#core/content'
import type { Context } from '#kit/context'
import { invalidField, noSuch } from '#kit/errors'
import { operation } from '#kit/operation'
import { sandboxNumber } from './sandbox-numbers.ts'

const FileSaid = z.strictObject({
  base64: z.base64().min(4).max(24_000_000),
  mimeType: z
    .string()
    .max(255)
    .regex(/^[a-z]+[/][a-z0-9.+-]+$/, 'must be like image/png')
    .default('application/octet-stream'),
  filename: z.string().min(1).max(255).optional(),
  caption: z.string().max(1_024).optional(),
})

const Said = z.discriminatedUnion('do', [
  z.strictObject({
    do: z.literal('write'),
    text: z.string().min(1).max(4_096).optional(),
    file: FileSaid.optional(),
    replyTo: z.string().max(512).optional(),
  }),
  z.strictObject({ do: z.literal('react'), to: z.string().min(1).max(512), emoji: z.string().max(32) }),
  z.strictObject({ do: z.literal('read') }),
])

export const replyFromPhone = operation({
  name: 'simulator.reply',
  does: 'Let a simulated phone write, send a file, react or read: it arrives as if a person had done it.',
  needs: 'simulator:write',
  input: z.strictObject({ phone: z.string().min(1).max(32), channelId: z.uuid().optional(), said: Said }),
  async run(ctx, { phone, channelId, said }): Promise<{ wireId: string | undefined }> {
    const { phone: business } = await sandboxNumber(ctx, channelId)
    const who = normalisePhone(phone, 'US')
    const { simulator } = ctx.ports
    const isThere = (wireId: string) => simulator.chat(business, who)?.bubbles.has(wireId) ?? false
    if (said.do === 'read') {
      simulator.read(who, business)
      return { wireId: undefined }
    }
    if (said.do === 'react') {
      if (!isThere(said.to)) throw noSuch('wireId', 'message')
      return { wireId: simulator.react(who, business, { wireId: said.to, emoji: said.emoji }) }
    }
    if (said.replyTo !== undefined && !isThere(said.replyTo)) throw noSuch('replyTo', 'message')
    return { wireId: simulator.reply(who, business, { content: contentOf(ctx, business, said), contextWireId: said.replyTo }) }
  },
})

/** Words, or a file of the kind that its type says. */
function contentOf(
  ctx: Context,
  business: string,
  { text, file }: { text?: string | undefined; file?: z.output<typeof FileSaid> | undefined },
): InboundContent {
  if ((text === undefined) === (file === undefined)) throw invalidField('text', 'a message is either text or a file')
  if (!file) return { type: 'text', text: text ?? '' }
  const { base64, mimeType, filename, caption } = file
  const { id, sha256, bytes } = ctx.ports.simulator.files.put({ bytes: Buffer.from(base64, 'base64'), mimeType, filename, owner: business })
  const [family] = mimeType.split('/')
  return {
    type: family === 'image' || family === 'video' || family === 'audio' ? family : 'document',
    remoteMedia: { id, mimeType, sha256, size: bytes.length },
    ...(filename !== undefined && { filename }),
    ...(caption !== undefined && { caption }),
  }
}
