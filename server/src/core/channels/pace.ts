import { z } from 'zod'
import type { ChannelKind } from '#core/transport'
import type { ChannelSettings } from './channel.ts'
import { pacingOf } from './pacing.ts'

/** How fast a channel may go, as a caller may wish it. */
export const Pace = {
  rate: z.number().gt(0).max(100_000).describe('Messages a second at most'),
  dailyCap: z.int().min(1).max(10_000_000).describe('Messages a day at most, by UTC'),
  throughput: z.enum(['standard', 'high', 'coexistence']).describe('What the network gives this number: 80, 1,000 or 20 messages a second'),
}

const RATE_OF = { standard: 80, high: 1_000, coexistence: 20 } as const
const OWN_NUMBER_RATE: Record<Exclude<ChannelKind, 'cloud'>, number> = { sandbox: 50, web: 20 / 60 }
const BURST_SECONDS = 0.25

/** Messages a second, how many may go at once, and by which share of their mean the gaps differ. */
export type ChannelPace = { rate: number; capacity: number; jitter: number }

export function paceOf(kind: ChannelKind, settings: ChannelSettings): ChannelPace {
  const { rate, throughput = 'standard', persona } = settings
  const usual = kind === 'cloud' || persona === 'cloud' ? RATE_OF[throughput] : OWN_NUMBER_RATE[kind]
  const chosen = rate ?? usual
  const jitter = kind === 'web' ? pacingOf(settings).jitterPercent / 100 : 0
  return { rate: chosen, capacity: Math.max(1, chosen * BURST_SECONDS), jitter }
}
