import { z } from 'zod'
import { adviceFor, type Channel } from '#core/channels'
import { ShownTime, showTime } from './lists.wire.ts'

/** Does a channel work, and if not, why and what to do. */
export const ShownStanding = {
  state: z.enum(['connecting', 'awaiting_scan', 'open', 'degraded', 'closed']),
  stateReason: z.string().nullable().describe('A word for programs: logged_out, banned, replaced, bad_credentials, network, …'),
  advice: z
    .object({ meaning: z.string(), action: z.string() })
    .nullable()
    .describe('For people: what that means, and what to do. Null when it works'),
  reopensAt: ShownTime.nullable().describe('Closed for a moment: when it is back by itself'),
}

export const showStanding = (channel: Channel) => ({
  state: channel.state,
  stateReason: channel.stateReason ?? null,
  advice: adviceFor(channel) ?? null,
  reopensAt: showTime(channel.reopensAt),
})
