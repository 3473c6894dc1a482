import { z } from 'zod'
import { operation } from '#kit/operation'
import { sandboxNumber, sandboxNumbers } from './sandbox-numbers.ts'

/** A phone with a chat, and how much stands in it. */
export type PhoneSummary = { channelId: string; phone: string; messages: number; lastAt: Date | undefined; blocked: boolean }

const PHONES_MOST = 1_000
/** Chats of groups and newsletters are no phone's. */
const isPhone = (place: string) => !place.includes('@')

export const listPhones = operation({
  name: 'simulator.list-phones',
  does: 'The simulated phones that have a chat with a sandbox channel, the latest first.',
  needs: 'simulator:read',
  input: z.strictObject({ channelId: z.uuid().optional() }),
  async run(ctx, { channelId }): Promise<PhoneSummary[]> {
    const asked = channelId === undefined ? await sandboxNumbers(ctx) : [await sandboxNumber(ctx, channelId)]
    const chats = asked.flatMap((number) =>
      ctx.ports.simulator.chats(number.phone).flatMap((chat) => (isPhone(chat.phone) ? [{ number, chat }] : [])),
    )
    const phones = chats.map(({ number, chat }) => {
      const last = [...chat.bubbles.values()].at(-1)
      return {
        channelId: number.channelId,
        phone: chat.phone,
        messages: chat.bubbles.size,
        lastAt: last && new Date(last.at),
        blocked: chat.blocked,
      }
    })
    return phones.sort((a, b) => Number(b.lastAt ?? 0) - Number(a.lastAt ?? 0)).slice(0, PHONES_MOST)
  },
})
