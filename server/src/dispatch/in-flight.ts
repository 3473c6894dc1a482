/** What is on the wire now, a channel at a time, and how many more may go: rate x latency x 1.5, within bounds. */
export interface InFlight {
  begin(channelId: string): void
  /** Answers whether it is time to claim again. */
  end(channelId: string, tookMs: number): boolean
  /** Free places of one channel at this rate, with so many places at most; none until a quarter of its window is free, since tiny claims cost as much as large ones. */
  free(channelId: string, rate: number, most?: number): number
  /** It has no place for so long, whatever is on the wire. */
  rest(channelId: string, forMs: number): void
  /** Free places of the whole process, by the same rule. */
  totalFree(): number
  /** Channels that have no place now: no use in claiming for them. */
  limited(): string[]
  readonly total: number
}

const TOTAL_MOST = 1_024
const CHANNEL_LEAST = 4
const CHANNEL_MOST = 512
const HEADROOM = 1.5
const LATENCY_START_MS = 100
const SMOOTHING = 0.05
const BUSY_SHARE = 0.75

export function openInFlight(): InFlight {
  const channels = new Map<string, { count: number; latencyMs: number; window: number }>()
  const limited = new Set<string>()
  const resting = new Map<string, number>()
  let total = 0
  let full = false
  const of = (channelId: string) => {
    const known = channels.get(channelId) ?? { count: 0, latencyMs: LATENCY_START_MS, window: CHANNEL_LEAST }
    channels.set(channelId, known)
    return known
  }
  return {
    begin(channelId) {
      of(channelId).count++
      total++
    },
    end(channelId, tookMs) {
      const channel = of(channelId)
      channel.count--
      total--
      channel.latencyMs += (tookMs - channel.latencyMs) * SMOOTHING
      const relieved = limited.has(channelId) && channel.count <= channel.window * BUSY_SHARE && limited.delete(channelId)
      const roomy = full && total <= TOTAL_MOST * BUSY_SHARE
      if (roomy) full = false
      return relieved || roomy
    },
    free(channelId, rate, most = CHANNEL_MOST) {
      const channel = of(channelId)
      channel.window = Math.min(most, Math.max(CHANNEL_LEAST, Math.ceil((rate * channel.latencyMs * HEADROOM) / 1000)))
      if (channel.count <= channel.window * BUSY_SHARE) return channel.window - channel.count
      limited.add(channelId)
      return 0
    },
    totalFree() {
      full = total > TOTAL_MOST * BUSY_SHARE
      return full ? 0 : TOTAL_MOST - total
    },
    rest(channelId, forMs) {
      resting.set(channelId, performance.now() + forMs)
    },
    limited() {
      for (const [channelId, until] of resting) if (until <= performance.now()) resting.delete(channelId)
      return [...limited, ...resting.keys()]
    },
    get total() {
      return total
    },
  }
}
