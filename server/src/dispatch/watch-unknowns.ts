import type { Logger } from '#kit/log'
import type { Metrics } from '#kit/metrics'

const LAST_OUTCOMES = 1_000
const UNKNOWN_ALARM = 0.01
const ALARM_EVERY_MS = 60_000

/** More than 1 % unknown outcomes among the last 1,000 is an alarm: something between us and the network cuts connections. */
export function watchUnknowns({ metrics, log }: { metrics: Pick<Metrics, 'unknownShare'>; log: Logger }) {
  const last = new Uint8Array(LAST_OUTCOMES)
  let place = 0
  let count = 0
  let toldAt = Number.NEGATIVE_INFINITY
  return {
    note(unknown: boolean) {
      count += Number(unknown) - (last[place] ?? 0)
      last[place] = Number(unknown)
      place = (place + 1) % LAST_OUTCOMES
      metrics.unknownShare.set(count / LAST_OUTCOMES)
      if (count / LAST_OUTCOMES <= UNKNOWN_ALARM || performance.now() - toldAt < ALARM_EVERY_MS) return
      toldAt = performance.now()
      log.error({ unknown: count, of: LAST_OUTCOMES }, 'many sends end without an answer')
    },
  }
}
