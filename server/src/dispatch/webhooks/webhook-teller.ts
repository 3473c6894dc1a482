import type { EventHub } from '#core/events'
import type { WebhookStyle } from '#core/webhooks'
import type { Clock } from '#kit/clock'
import type { SecretBox } from '#kit/crypto'
import type { Database } from '#kit/db'
import type { HttpClient } from '#kit/http-client'
import type { Logger } from '#kit/log'
import type { Metrics } from '#kit/metrics'
import { openGate } from './gate.ts'
import { openLeasedEndpoints } from './leased-endpoints.ts'
import { openLooks } from './looks.ts'
import { recordAttempts } from './record-attempts.ts'
import { openRecorder } from './recorder.ts'
import { WaitingTeller } from './tell-waiting.ts'
import { furthestBehind, nextDueAt } from './teller.store.ts'
import { poster, type TellerParts } from './teller-parts.ts'
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
const ON_THE_WIRE = { young: 256, slow: 768, slowAfterMs: 1_000 }
const READINGS_AT_ONCE = 3
const WRITE = { lingerMs: 3, retryMs: 200 }
const LAG_EVERY_MS = 5_000
const GRACE_MS = 5_000

export function openWebhookTeller(options: WebhookTellerParts): WebhookTeller {
  const { database, hub, log, metrics, clock } = options
  const parts = tellerParts(options)
  const waiting = new WaitingTeller(parts)
  const leased = openLeasedEndpoints(parts, (workspaceId) => state === 'open' && wake(workspaceId))
  const timers: NodeJS.Timeout[] = []
  const looks = openLooks({
    gapMs: LOOK_GAP_MS,
    look: async (workspaceIds) => (await Promise.all([leased.lease(workspaceIds), waiting.look()])).includes(true),
    failed: (error) => log.warn({ error }, 'webhooks could not be looked for; again within a second'),
  })
  let state: 'new' | 'open' | 'closed' = 'new'

  const wake = (workspaceId: string | undefined) => {
    leased.wake(workspaceId)
    looks.ask(workspaceId)
  }
  const poll = async () => {
    wake(undefined)
    const at = await nextDueAt(database.engine).catch(() => undefined)
    const wait = at ? at.getTime() - clock.now().getTime() : POLL_MS
    if (state === 'open' && wait > 0 && wait < POLL_MS) setTimeout(() => wake(undefined), wait)
  }
  const measure = async () => metrics?.webhookLag.set(await furthestBehind(database.engine).catch(() => 0))
  const unsubscribe = hub.subscribeAll((workspaceId) => state === 'open' && wake(workspaceId))

  return {
    start() {
      state = 'open'
      looks.open()
      waiting.start().catch((error: unknown) => log.warn({ error }, 'parked webhook deliveries were not looked for'))
      timers.push(
        setInterval(() => void poll(), POLL_MS),
        setInterval(leased.tick, TICK_MS),
      )
      if (metrics) timers.push(setInterval(() => void measure(), LAG_EVERY_MS))
      void poll()
    },
    changed(workspaceId) {
      leased.leave(workspaceId) // what is read is checked; this is for what waits in memory
      wake(workspaceId)
    },
    async close(graceMs = GRACE_MS) {
      if (state === 'closed') return
      state = 'closed'
      unsubscribe()
      for (const timer of timers) clearInterval(timer)
      await looks.close()
      await waiting.close()
      leased.leave(undefined)
      await within(graceMs, parts.turns.idle())
      leased.leave(undefined, { now: true })
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
