import { closeChannel, type TransportChannelEntry } from '#core/channels'
import { optOutContact } from '#core/contacts'
import type { Capabilities, Outcome } from '#core/transport'
import type { Ports } from '#kit/context'
import { type Database, isConnectionLoss } from '#kit/db'
import type { Metrics } from '#kit/metrics'
import { openBell } from './bell.ts'
import { nextReadyAt } from './claim.store.ts'
import { type Claim, claimMessages } from './claim-messages.ts'
import { openInFlight } from './in-flight.ts'
import { cutRate } from './pace.store.ts'
import { type SendParts, sendStarted } from './send-started.ts'
import { type Started, startMessages } from './start-messages.ts'
import { watchUnknowns } from './watch-unknowns.ts'

/** The loop that sends: wakes when something is due, claims, starts, puts on the wire. */
export interface Engine {
  /** Something is due from these times on; without them: look now. */
  wake(dues?: ReadonlyMap<number, Date>): void
  start(): void
  /** Claims nothing more; resolves when what is on the wire has been answered and written, or after `graceMs`. */
  stop(graceMs: number): Promise<void>
  readonly inFlight: number
  /** Sends begun so far. */
  readonly sends: number
}

export type EngineParts = Omit<SendParts, 'footerOf' | 'transportOf' | 'settler'> & {
  database: Database
  ports: Ports
  metrics: Metrics
  reconcileMostMs: number
  /** Longest that one send may take. */
  timeoutMs: number
}

const POLL_MS = 1_000

export function openEngine(parts: EngineParts): Engine {
  const { database, ports, metrics, log } = parts
  const inFlight = openInFlight()
  const channels = new Map<string, TransportChannelEntry>()
  const bell = openBell(parts.now)
  const sends = new Set<Promise<unknown>>()
  const unknowns = watchUnknowns(parts)
  let open = false
  let begunSoFar = 0
  let listeningSince = parts.now()
  let loop: Promise<void> | undefined

  const transportOf = (channel: TransportChannelEntry) => ports.transports.get(channel.kind)
  const sendParts: SendParts = {
    ...parts,
    settler: ports.settler,
    transportOf,
    footerOf: async (workspaceId) => (await ports.workspaces.get(workspaceId)).plan.footer,
  }
  const capabilitiesOf = (channelId: string): Capabilities | undefined => {
    const channel = channels.get(channelId)
    return channel && transportOf(channel)?.capabilities(channel)
  }

  const loadChannels = async (claim: Claim) => {
    const workspaceOf = new Map(claim.rows.map(({ channelId, workspaceId }) => [channelId, workspaceId]))
    const load = async ([channelId, workspaceId]: [string, string]) => {
      const channel = await ports.channels.get(workspaceId, channelId)
      if (channel) channels.set(channelId, channel)
      else channels.delete(channelId)
    }
    await Promise.all([...workspaceOf].map(load)) // asked for together they are one look at the database
  }

  const send = async (started: Started, claim: Claim, signal: AbortSignal) => {
    const channel = channels.get(started.row.channelId)
    if (!channel) return
    const begun = performance.now()
    inFlight.begin(channel.id)
    metrics.started.inc()
    begunSoFar++
    metrics.lateness.observe(Math.max(0, claim.at.getTime() - started.row.dueAt.getTime()) / 1000)
    if (started.again) metrics.again.inc()
    const outcome = await sendStarted(sendParts, channel, started, { monotonic: claim.monotonic, signal })
    const took = performance.now() - begun
    if (inFlight.end(channel.id, took)) bell.ring()
    metrics.latency.observe({ kind: channel.kind }, took / 1000)
    metrics.inFlight.set(inFlight.total)
    metrics.outcomes.inc({ kind: outcome.kind, code: 'code' in outcome ? outcome.code : '' })
    unknowns.note(outcome.kind === 'unknown')
    await obey(parts, channel, started, outcome, claim.at)
  }

  const round = async (): Promise<boolean> => {
    const slots = { of: inFlight.free, total: inFlight.totalFree(), limited: inFlight.limited() }
    if (slots.total === 0) return false
    const claim = await claimMessages(database, parts.now, slots)
    if (claim.rows.length === 0) return false
    await loadChannels(claim)
    const { started } = await startMessages(
      {
        database,
        events: ports.events,
        now: parts.now,
        capabilitiesOf,
        reconcileMs: parts.reconcileMs,
        reconcileMostMs: parts.reconcileMostMs,
        listeningSince,
        touches: ports.touches,
        ended: ports.waiters.end,
      },
      claim,
    )
    // one for all of a claim: a timer each costs as much as the sending
    const signal = AbortSignal.timeout(parts.timeoutMs)
    for (const one of started) {
      const sending = send(one, claim, signal).catch((error: unknown) => log.error({ error }, 'a send was lost from sight'))
      sends.add(sending)
      sending.finally(() => sends.delete(sending))
    }
    return true
  }

  const run = async () => {
    while (open) {
      try {
        if (await round()) continue
        // with the wire full nothing is worth a look before an answer has come
        const next = inFlight.totalFree() > 0 ? await nextReadyAt(database.engine, parts.now(), inFlight.limited()) : undefined
        await bell.heard(next, POLL_MS)
      } catch (error) {
        log.error({ error }, 'the engine stumbled and goes on')
        if (isConnectionLoss(error)) listeningSince = parts.now() // without the database no receipt was taken either
        await bell.heard(undefined, POLL_MS)
      }
    }
  }

  return {
    wake: (dues) => (dues ? bell.ringAt(dues) : bell.ring()),
    start() {
      open = true
      listeningSince = parts.now()
      loop = run()
    },
    async stop(graceMs) {
      open = false
      bell.ring()
      await loop
      const settled = Promise.allSettled([...sends]).then(() => ports.settler.drain())
      await Promise.race([settled, new Promise((done) => setTimeout(done, graceMs).unref())])
    },
    get inFlight() {
      return inFlight.total
    },
    get sends() {
      return begunSoFar
    },
  }
}

/** What an answer says beyond its message: slow down, stop the channel, leave the person alone. */
async function obey(
  parts: EngineParts,
  channel: TransportChannelEntry,
  started: Started,
  outcome: Outcome,
  claimedAt: Date,
): Promise<void> {
  const { database, log, ports } = parts
  if (outcome.kind === 'retry' && outcome.slow === 'channel') {
    const rate = await cutRate(database.engine, channel.id, claimedAt, parts.now())
    if (rate !== undefined) log.info({ channelId: channel.id, rate }, 'the network asks to go slower')
  }
  if (outcome.kind !== 'rejected' && outcome.kind !== 'retry') return
  if (outcome.effect?.stop)
    await closeChannel(database.db, ports.events, {
      workspaceId: channel.workspaceId,
      channelId: channel.id,
      reason: outcome.effect.stop.reason,
    })
  if (outcome.effect?.optOut && started.row.contactId)
    await optOutContact(database.db, ports.events, channel.workspaceId, started.row.contactId)
}
