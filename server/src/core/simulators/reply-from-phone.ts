import { z } from 'zod'
import { normalisePhone } from '#core/contacts'
import { noSuch } from '#kit/errors'
import { operation } from '#kit/operation'
import { sandboxNumber } from './sandbox-numbers.ts'

export const replyFromPhone = operation({
  name: 'simulator.reply',
  does: 'Let a simulated phone write, react or read: it arrives as if a person had done it.',
  needs: 'simulator:write',
  input: z.strictObject({
    phone: z.string().min(1).max(32),
    channelId: z.uuid().optional(),
    said: z.discriminatedUnion('do', [
      z.strictObject({ do: z.literal('write'), text: z.string().min(1).max(4_096), replyTo: z.string().max(512).optional() }),
      z.strictObject({ do: z.literal('react'), to: z.string().min(1).max(512), emoji: z.string().max(32) }),
      z.strictObject({ do: z.literal('read') }),
    ]),
  }),
  async run(ctx, { phone, channelId, said }): Promise<{ wireId: string | undefined }> {
    const { phone: business } = await sandboxNumber(ctx, channelId)
    const who = normalisePhone(phone, 'US')
    const { simulator } = ctx.ports
    const isThere = (wireId: string) => simulator.chat(business, who)?.bubbles.has(wireId) ?? false
    if (said.do === 'react' && !isThere(said.to)) throw noSuch('wireId', 'message')
    if (said.do === 'write' && said.replyTo !== undefined && !isThere(said.replyTo)) throw noSuch('replyTo', 'message')
    if (said.do === 'react') return { wireId: simulator.react(who, business, { wireId: said.to, emoji: said.emoji }) }
    if (said.do === 'write')
      return { wireId: simulator.reply(who, business, { content: { type: 'text', text: said.text }, contextWireId: said.replyTo }) }
    simulator.read(who, business)
    return { wireId: undefined }
  },
})
