import type { Context, Ports } from '#kit/context'
import type { Database } from '#kit/db'
import type { Metrics } from '#kit/metrics'
import type { Claim } from './claim-messages.ts'
import type { openClaimedChannels } from './claimed-channels.ts'
import { openInFlight } from './in-flight.ts'
import { NOT_READY_MS } from './judge-start.ts'
import { obeyOutcome } from './obey-outcome.ts'
import { type SendParts, sendStarted } from './send-started.ts'
import type { Slots } from './share-tokens.ts'
import type { Started } from './start-messages.ts'
import { watchUnknowns } from './watch-unknowns.ts'

export type WireParts = Omit<SendParts, 'footerOf' | 'transportOf' | 'settler'> & {
  database: Database
  ports: Ports
  metrics: Metrics
  /** Longest that one send may take. */
  timeoutMs: number
  /** The house itself, at work in a workspace. */
  contextIn(workspaceId: string): Promise<Context>
  /** A send has ended without an answer. */
  observeUnknown(message: Started['row']): void
}

/** Of a channel that this process sends for the first time. */
const UNKNOWN_AT_ONCE = 16

/** What is being sent by this process. `roomy` is called when there is room again for a claim worth its cost. */
export function openWire(parts: WireParts, channels: ReturnType<typeof openClaimedChannels>, roomy: () => void) {
  const { ports, metrics, log } = parts
  const inFlight = openInFlight()
  const sends = new Set<Promise<unknown>>()
  const unknowns = watchUnknowns(parts)
  let begunSoFar = 0
  const sendParts: SendParts = {
    ...parts,
    settler: ports.settler,
    transportOf: channels.transportOf,
    footerOf: async (workspaceId) => (await ports.workspaces.get(workspaceId)).plan.footer,
  }

  const placesOf = (channelId: string, rate: number) =>
    inFlight.free(channelId, rate, channels.get(channelId) ? channels.capabilitiesOf(channelId)?.atOnce : UNKNOWN_AT_ONCE)

  const send = async (started: Started, claim: Claim, signal: AbortSignal) => {
    const channel = channels.get(started.row.channelId)
    if (!channel) return
    const begun = performance.now()
    inFlight.begin(channel.id)
    metrics.started.inc()
    begunSoFar++
    metrics.lateness.observe(Math.max(0, claim.at.getTime() - started.row.dueAt.getTime()) / 1000)
    if (started.again) metrics.again.inc()
    const outcome = await sendStarted(sendParts, channel, started, { at: claim.at, monotonic: claim.monotonic, signal })
    const took = performance.now() - begun
    if (inFlight.end(channel.id, took)) roomy()
    metrics.latency.observe({ kind: channel.kind }, took / 1000)
    metrics.inFlight.set(inFlight.total)
    metrics.outcomes.inc({ kind: outcome.kind, code: 'code' in outcome ? outcome.code : '' })
    unknowns.note(outcome.kind === 'unknown')
    if (outcome.kind === 'unknown') parts.observeUnknown(started.row)
    await obeyOutcome(parts, { channel, started, claimedAt: claim.at, outcome })
  }

  return {
    /** Puts what was started on the wire, without waiting for it. */
    put(started: readonly Started[], claim: Claim): void {
      // one for all of a claim: a timer each costs as much as the sending
      const signal = AbortSignal.timeout(parts.timeoutMs)
      for (const one of started) {
        const sending = send(one, claim, signal).catch((error: unknown) => log.error({ error }, 'a send was lost from sight'))
        sends.add(sending)
        sending.finally(() => sends.delete(sending))
      }
    },
    /** Asked before every start. What cannot leave now need not be claimed for a moment either. */
    isReady(channelId: string): boolean {
      const isReady = channels.isReady(channelId)
      if (!isReady) inFlight.rest(channelId, NOT_READY_MS)
      return isReady
    },
    slots: (): Slots => ({ of: placesOf, total: inFlight.totalFree(), limited: inFlight.limited() }),
    /** Resolves when what is on it now has been answered and written. */
    async drain(): Promise<void> {
      await Promise.allSettled([...sends])
      await ports.settler.drain()
    },
    get inFlight() {
      return inFlight.total
    },
    /** Sends begun so far. */
    get sends() {
      return begunSoFar
    },
  }
}
