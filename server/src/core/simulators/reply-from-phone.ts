import { z } from 'zod'
import { normalisePhone } from '#core/addresses'
import type { InboundContent } from '#core/content'
import type { Context } from '#kit/context'
import { invalidField, noSuch } from '#kit/errors'
import { operation } from '#kit/operation'
import { sandboxNumber } from './sandbox-numbers.ts'
import type { SimulatorPort } from './simulator.ts'

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

const WireId = z.string().min(1).max(512)

const Said = z.discriminatedUnion('do', [
  z.strictObject({
    do: z.literal('write'),
    text: z.string().min(1).max(4_096).optional(),
    file: FileSaid.optional(),
    replyTo: z.string().max(512).optional(),
  }),
  z.strictObject({ do: z.literal('react'), to: WireId, emoji: z.string().max(32) }),
  z.strictObject({ do: z.literal('vote'), to: WireId, options: z.array(z.string().min(1).max(100)).max(12) }),
  z.strictObject({ do: z.literal('edit'), to: WireId, text: z.string().min(1).max(4_096) }),
  z.strictObject({ do: z.literal('revoke'), to: WireId }),
  z.strictObject({
    do: z.literal('pin'),
    to: WireId,
    pinned: z.boolean().default(true),
    seconds: z.int().min(1).max(31_536_000).optional(),
  }),
  z.strictObject({ do: z.literal('read') }),
])

export const replyFromPhone = operation({
  name: 'simulator.reply',
  does: 'Let a simulated phone write, send a file, react, vote, edit, take back, pin or read: it arrives as if a person had done it.',
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
    if (said.do !== 'write') return { wireId: touch(simulator, { business, who }, said) }
    if (said.replyTo !== undefined && !isThere(said.replyTo)) throw noSuch('replyTo', 'message')
    return { wireId: simulator.reply(who, business, { content: contentOf(ctx, business, said), contextWireId: said.replyTo }) }
  },
})

type Deed = Exclude<z.output<typeof Said>, { do: 'write' | 'read' }>

/** What is done to a bubble that is there; a person changes and takes back his own words only, and votes in a poll for what it offers. */
function touch(simulator: SimulatorPort, { business, who }: { business: string; who: string }, said: Deed): string {
  const bubble = simulator.chat(business, who)?.bubbles.get(said.to)
  if (!bubble) throw noSuch('wireId', 'message')
  const { wireId, direction, content } = bubble
  if ((said.do === 'edit' || said.do === 'revoke') && direction !== 'from_phone')
    throw invalidField('wireId', 'is not a message of this phone')
  if (said.do === 'edit' && content.type !== 'text') throw invalidField('wireId', 'is not a text')
  if (said.do === 'vote' && !(content.type === 'poll' && said.options.every((option) => content.options.includes(option))))
    throw invalidField('options', 'are not options of this poll')
  switch (said.do) {
    case 'react':
      return simulator.react(who, business, { wireId, emoji: said.emoji })
    case 'vote':
      return simulator.vote(who, business, { wireId, options: said.options })
    case 'edit':
      return simulator.edit(who, business, { wireId, text: said.text })
    case 'revoke':
      return simulator.revoke(who, business, { wireId })
    case 'pin':
      return simulator.pin(who, business, { wireId, pinned: said.pinned, seconds: said.seconds })
  }
}

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
