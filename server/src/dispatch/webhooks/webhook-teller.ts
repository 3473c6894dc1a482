import { randomUUID } from 'node:crypto'
import type { EventHub } from '#core/events'
import type { WebhookStyle } from '#core/webhooks'
import type { Clock } from '#kit/clock'
import type { SecretBox } from '#kit/crypto'
import type { Database } from '#kit/db'
import type { HttpClient } from '#kit/http-client'
import type { Logger } from '#kit/log'
import type { Metrics } from '#kit/metrics'
import { openGate } from './gate.ts'
import { recordAttempts } from './record-attempts.ts'
import { openRecorder } from './recorder.ts'
import { EndpointTeller } from './tell-endpoint.ts'
import { WaitingTeller } from './tell-waiting.ts'
import { furthestBehind, leaseEndpoints, nextDueAt } from './teller.store.ts'
import { knownEndpoint, poster, type TellerParts } from './teller-parts.ts'
import { openTurns } from './turns.ts'

/** Pushes events to webhook endpoints and callbacks; any number of nodes share the work. */
export interface WebhookTeller {
  start(): void
  /** Endpoints of the workspace were changed, or a delivery was replayed: undefined means any. */
  changed(workspaceId?: string): void
  /** Begins nothing more, waits up to `graceMs` for what is on the wire, gives its leases back. */
  close(graceMs?: number): Promise<void>
  /** Attempts on the wire now. */
  readonly running: number
}

export type WebhookTellerParts = {
  database: Database
  http: Pick<HttpClient, 'request'>
  secretBox: SecretBox
  /** By the name that endpoints and callbacks carry; 'canonical' speaks for a door that is gone. */
  styles: ReadonlyMap<string, WebhookStyle>
  hub: Pick<EventHub, 'subscribeAll' | 'hint'>
  clock: Clock
  log: Logger
  metrics?: Pick<Metrics, 'deliveries' | 'webhookLag'>
}

const POLL_MS = 1_000
const TICK_MS = 250
const LOOK_GAP_MS = 5
const LEASED_MOST = 500
const LEASES_AT_ONCE = 100
/** How long an endpoint is held while others wait for a place. */
const TURN_MS = 10_000
const ON_THE_WIRE = { young: 256, slow: 768, slowAfterMs: 1_000 }
const READINGS_AT_ONCE = 3
const WRITE = { lingerMs: 3, retryMs: 200 }
const LAG_EVERY_MS = 5_000
const GRACE_MS = 5_000

export function openWebhookTeller(options: WebhookTellerParts): WebhookTeller {
  const { database, hub, log, metrics, clock } = options
  const parts = tellerParts(options)
  const waiting = new WaitingTeller(parts)
  const tellers = new Map<string, EndpointTeller>()
  const fresh = new Set<string>()
  const timers: NodeJS.Timeout[] = []
  let anywhere = false
  let looking: Promise<void> | undefined
  let state: 'new' | 'open' | 'closed' = 'new'

  const wake = (workspaceId: string | undefined) => {
    if (workspaceId === undefined) anywhere = true
    else fresh.add(workspaceId)
    for (const teller of tellers.values()) if (workspaceId === undefined || teller.endpoint.workspaceId === workspaceId) teller.wake()
    if (state === 'open') looking ??= lookAround().finally(() => (looking = undefined))
  }

  const lookAround = async () => {
    while (state === 'open' && (anywhere || fresh.size > 0)) {
      await new Promise((done) => setTimeout(done, LOOK_GAP_MS))
      const workspaceIds = anywhere ? undefined : [...fresh]
      anywhere = false
      fresh.clear()
      try {
        const [more, moreDue] = await Promise.all([lease(workspaceIds), waiting.look()])
        if (more || moreDue) anywhere = true
      } catch (error) {
        log.warn({ error }, 'webhooks could not be looked for; again within a second')
      }
    }
  }

  /** Leases endpoints that have something to tell; true when there may be more. */
  const lease = async (workspaceIds: readonly string[] | undefined): Promise<boolean> => {
    const limit = Math.min(LEASES_AT_ONCE, LEASED_MOST - tellers.size)
    if (limit <= 0) return false
    const leaseId = randomUUID()
    const rows = await leaseEndpoints(database.engine, leaseId, { workspaceIds, limit })
    for (const row of rows) {
      const known = knownEndpoint(parts, row)
      if (!known) continue
      const endpoint = { ...known, lease: leaseId, cursor: row.cursor_seq, latest: row.latest, probing: row.probe_at !== null }
      const teller: EndpointTeller = new EndpointTeller(parts, endpoint, () => left(teller))
      tellers.get(row.id)?.lost()
      tellers.set(row.id, teller)
      teller.wake()
    }
    return rows.length === limit
  }

  const left = (teller: EndpointTeller) => {
    if (tellers.get(teller.endpoint.id) !== teller) return
    tellers.delete(teller.endpoint.id)
    if (state === 'open') wake(teller.endpoint.workspaceId) // what came while it left
  }

  const poll = async () => {
    wake(undefined)
    const at = await nextDueAt(database.engine).catch(() => undefined)
    const wait = at ? at.getTime() - clock.now().getTime() : POLL_MS
    if (state === 'open' && wait > 0 && wait < POLL_MS) setTimeout(() => wake(undefined), wait)
  }

  const tick = () => {
    const crowded = tellers.size >= LEASED_MOST
    for (const teller of tellers.values()) {
      if (crowded && performance.now() - teller.heldSince > TURN_MS) teller.leave()
      else teller.tick()
    }
  }
  const measure = async () => metrics?.webhookLag.set(await furthestBehind(database.engine).catch(() => 0))
  const unsubscribe = hub.subscribeAll((workspaceId) => state === 'open' && wake(workspaceId))

  return {
    start() {
      state = 'open'
      waiting.start().catch((error: unknown) => log.warn({ error }, 'parked webhook deliveries were not looked for'))
      timers.push(
        setInterval(() => void poll(), POLL_MS),
        setInterval(tick, TICK_MS),
      )
      if (metrics) timers.push(setInterval(() => void measure(), LAG_EVERY_MS))
      void poll()
    },
    changed(workspaceId) {
      // what is read is checked; this is for what waits in memory
      for (const teller of tellers.values()) if (workspaceId === undefined || teller.endpoint.workspaceId === workspaceId) teller.leave()
      wake(workspaceId)
    },
    async close(graceMs = GRACE_MS) {
      if (state === 'closed') return
      state = 'closed'
      unsubscribe()
      for (const timer of timers) clearInterval(timer)
      await looking
      await waiting.close()
      for (const teller of tellers.values()) teller.leave()
      await within(graceMs, parts.turns.idle())
      for (const teller of tellers.values()) teller.leave(true)
      await parts.recorder.drain()
    },
    get running() {
      return parts.turns.running
    },
  }
}

function tellerParts({ database, http, secretBox, styles, hub, clock, log, metrics }: WebhookTellerParts): TellerParts {
  const styleOf = (name: string) => {
    const style = styles.get(name) ?? styles.get('canonical')
    if (!style) throw new Error(`there is no webhook style ${name}`)
    return style
  }
  const record = { database, styleOf, now: () => clock.now(), hint: (events: Parameters<typeof hub.hint>[0]) => hub.hint(events) }
  const recorder = openRecorder({ ...WRITE, log, write: (news: Parameters<typeof recordAttempts>[1]) => recordAttempts(record, news) })
  const post = poster({ http, clock, metrics })
  return {
    database,
    clock,
    log,
    secretBox,
    turns: openTurns({
      ...ON_THE_WIRE,
      failed: (error) => log.error({ error }, 'a webhook was dropped by a mistake of ours; it is told again'),
    }),
    recorder,
    reading: openGate(READINGS_AT_ONCE),
    styleOf,
    post,
  }
}

function within(ms: number, work: Promise<void>): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, ms)
    void work.finally(() => {
      clearTimeout(timer)
      done()
    })
  })
}
