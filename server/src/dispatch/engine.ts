import { isConnectionLoss } from '#kit/db'
import { openBell } from './bell.ts'
import { nextReadyAt } from './claim.store.ts'
import { claimMessages } from './claim-messages.ts'
import { openClaimedChannels } from './claimed-channels.ts'
import { startMessages } from './start-messages.ts'
import { openWire, type WireParts } from './wire.ts'

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

export type EngineParts = WireParts & {
  /** This process: it alone claims what its sessions send. */
  node: string
  reconcileMostMs: number
}

const POLL_MS = 1_000

export function openEngine(parts: EngineParts): Engine {
  const { database, node, ports, log, now, reconcileMs, reconcileMostMs } = parts
  const bell = openBell(now)
  const channels = openClaimedChannels(ports)
  const wire = openWire(parts, channels, bell.ring)
  let open = false
  let listeningSince = now()
  let loop: Promise<void> | undefined

  const round = async (): Promise<boolean> => {
    const slots = wire.slots()
    if (slots.total === 0) return false
    const claim = await claimMessages({ database, node, now }, slots)
    if (claim.rows.length === 0) return false
    await channels.load(claim)
    const { events, touches, waiters } = ports
    const { capabilitiesOf, pacingOf } = channels
    const moments = { now, reconcileMs, reconcileMostMs, listeningSince }
    const starting = { database, events, touches, capabilitiesOf, pacingOf, isReady: wire.isReady, ...moments, ended: waiters.end }
    const { started } = await startMessages(starting, claim)
    wire.put(started, claim)
    return true
  }

  const run = async () => {
    while (open) {
      try {
        if (await round()) continue
        // with the wire full nothing is worth a look before an answer has come
        const { total, limited } = wire.slots()
        const next = total > 0 ? await nextReadyAt(database.engine, { node, now: now(), limited }) : undefined
        await bell.heard(next, POLL_MS)
      } catch (error) {
        log.error({ error }, 'the engine stumbled and goes on')
        if (isConnectionLoss(error)) listeningSince = now() // without the database no receipt was taken either
        await bell.heard(undefined, POLL_MS)
      }
    }
  }

  return {
    wake: (dues) => (dues ? bell.ringAt(dues) : bell.ring()),
    start() {
      open = true
      listeningSince = now()
      loop = run()
    },
    async stop(graceMs) {
      open = false
      bell.ring()
      await loop
      await Promise.race([wire.drain(), new Promise((done) => setTimeout(done, graceMs).unref())])
    },
    get inFlight() {
      return wire.inFlight
    },
    get sends() {
      return wire.sends
    },
  }
}
