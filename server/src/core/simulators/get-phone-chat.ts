import { z } from 'zod'
import { normalisePhone } from '#core/addresses'
import { operation } from '#kit/operation'
import { sandboxNumber } from './sandbox-numbers.ts'
import type { SimulatedBubble } from './simulator.ts'

export type PhoneChat = {
  channelId: string
  business: string
  phone: string
  windowUntil: Date | undefined
  blocked: boolean
  /** The business is seen typing. */
  typing: boolean
  bubbles: SimulatedBubble[]
}

const BUBBLES_MOST = 200

export const getPhoneChat = operation({
  name: 'simulator.get-chat',
  does: 'What a simulated phone shows of its chat with a sandbox channel: the last 200 messages, oldest first.',
  needs: 'simulator:read',
  input: z.strictObject({ phone: z.string().min(1).max(32), channelId: z.uuid().optional() }),
  async run(ctx, { phone, channelId }): Promise<PhoneChat> {
    const number = await sandboxNumber(ctx, channelId)
    const who = normalisePhone(phone, 'US')
    const chat = ctx.ports.simulator.chat(number.phone, who)
    return {
      channelId: number.channelId,
      business: number.phone,
      phone: who,
      windowUntil: chat && chat.windowUntil > 0 ? new Date(chat.windowUntil) : undefined,
      blocked: chat?.blocked ?? false,
      typing: (chat?.typingUntil ?? 0) > ctx.now().getTime(),
      bubbles: [...(chat?.bubbles.values() ?? [])].slice(-BUBBLES_MOST),
    }
  },
})
