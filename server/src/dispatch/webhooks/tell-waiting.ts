import { randomUUID } from 'node:crypto'
import { findEvents } from '#core/events'
import type { Attempt, Part } from './news.ts'
import type { Source } from './recorder.ts'
import { openRooms, type Rooms } from './rooms.ts'
import {
  type Claimed,
  claimDue,
  claimParked,
  type EndpointNow,
  findEndpoints,
  type Put,
  parkedReceivers,
  putBack,
  takeProbe,
} from './teller.store.ts'
import type { TellerParts } from './teller-parts.ts'
import { type Tellable, waitingTellings } from './waiting-tellings.ts'

const CLAIMED_MOST = 500
const QUEUED_MOST = 2_000
/** A claim holds 20 s and a try takes up to 10: who got no turn by then leaves it to the next claim. */
const BEGIN_WITHIN_MS = 8_000
const PARKED_MS = 60_000
const PARKED_RECEIVERS_MOST = 10_000

type Untold = { unwanted: { subject: string; claim: string }[]; put: Put[]; open: Claimed[]; probes: Set<string>; probing: Set<string> }

/** Tells what waits in the outbox: retries, replays, callbacks of single messages. */
export class WaitingTeller implements Source<Part, unknown> {
  readonly #parts: TellerParts
  readonly #rooms: Rooms
  readonly #parked = new Set<string>() // receivers with rows that we found no room for
  readonly #unbegun = new Map<string, string>() // delivery -> claim
  #attempts: Attempt[] = []
  #unwanted: { subject: string; claim: string }[] = []
  #closed = false

  constructor(parts: TellerParts) {
    this.#parts = parts
    this.#rooms = openRooms(parts.turns)
  }

  /** Takes up what an earlier life of the house has parked. */
  async start(): Promise<void> {
    for (const receiver of await parkedReceivers(this.#parts.database.engine, PARKED_RECEIVERS_MOST)) {
      this.#parked.add(receiver)
      await this.#fetch(receiver)
    }
  }

  /** Claims what is due; true when there is more. */
  async look(): Promise<boolean> {
    const limit = Math.min(CLAIMED_MOST, QUEUED_MOST - this.#unbegun.size)
    if (limit <= 0 || this.#closed) return false
    const claim = randomUUID()
    const rows = await claimDue(this.#parts.database.engine, claim, limit)
    if (rows.length > 0) await this.#takeUp(rows, claim)
    return rows.length === limit
  }

  /** Begins nothing more and gives back what was claimed and not begun. */
  async close(): Promise<void> {
    this.#closed = true
    for (const [claim, rows] of Map.groupBy(this.#unbegun, ([, claim]) => claim)) {
      const put = rows.map(([subject]) => ({ subject, afterMs: 0, parked: false }))
      await putBack(this.#parts.database.engine, claim, put)
    }
    this.#unbegun.clear()
  }

  take(): Part | undefined {
    const part: Part = { attempts: this.#attempts, stragglers: [], unwanted: this.#unwanted }
    this.#attempts = []
    this.#unwanted = []
    return part.attempts.length + part.unwanted.length > 0 ? part : undefined
  }

  recorded(): void {}

  // claims that could not be settled end by themselves
  lost(): void {}

  async #takeUp(rows: readonly Claimed[], claim: string): Promise<void> {
    const { engine } = this.#parts.database
    const { in: roomy, out } = this.#rooms.split(rows)
    const endpoints = await findEndpoints(engine, [...new Set(roomy.flatMap(({ details }) => details.endpointId ?? []))])
    const untold: Untold = {
      unwanted: [],
      put: out.map(({ subject }) => ({ subject, afterMs: PARKED_MS, parked: true })),
      open: [],
      probes: new Set(),
      probing: new Set(),
    }
    for (const row of roomy) await this.#judge(row, claim, endpoints, untold)
    if (untold.put.length > 0) await putBack(engine, claim, untold.put)
    const { tellable, wordless } = await this.#parts.reading(async () => {
      const keys = untold.open.map((row) => ({ workspaceId: row.workspace_id, seq: row.details.eventSeq }))
      const events = await findEvents(engine, keys)
      return waitingTellings(this.#parts, { claim, rows: untold.open, probes: untold.probing, events, endpoints })
    })
    for (const one of tellable) this.#queue(one, claim)
    this.#unwanted.push(...untold.unwanted, ...wordless.map((subject) => ({ subject, claim })))
    if (this.#unwanted.length > 0) this.#parts.recorder.mark(this)
    // only now that they are parked can they be fetched, and their receiver may have become free meanwhile
    for (const receiver of new Set(out.map((row) => row.receiver))) {
      this.#parked.add(receiver)
      if (this.#rooms.isNearlyEmpty(receiver)) void this.#fetch(receiver)
    }
  }

  /** Is it wanted, and is it the time? */
  async #judge(row: Claimed, claim: string, endpoints: ReadonlyMap<string, EndpointNow>, untold: Untold): Promise<void> {
    const { endpointId } = row.details
    if (endpointId === undefined) return void untold.open.push(row)
    const endpoint = endpoints.get(endpointId)
    if (endpoint?.state !== 'enabled') return void untold.unwanted.push({ subject: row.subject, claim })
    if (endpoint.probe_at === null) return void untold.open.push(row)
    const wait = endpoint.probe_at.getTime() - this.#parts.clock.now().getTime()
    // an open circuit: the next event at the cursor is the probe; a waiting one only when there is none
    if (wait <= 0 && !endpoint.ahead && !untold.probes.has(endpointId) && (await takeProbe(this.#parts.database.engine, endpointId))) {
      untold.probes.add(endpointId)
      untold.probing.add(row.subject)
      return void untold.open.push(row)
    }
    untold.put.push({ subject: row.subject, afterMs: Math.max(wait, 1_000) + 500 + Math.random() * 1_000, parked: false })
  }

  #queue({ telling, failed }: Tellable, claim: string): void {
    if (failed) {
      this.#attempts.push({ telling, ending: failed, claim })
      this.#parts.recorder.mark(this)
      return
    }
    const { deliveryId, receiver } = telling
    const claimedAt = performance.now()
    this.#unbegun.set(deliveryId, claim)
    this.#parts.turns.add(receiver, this.#rooms.atOnce(receiver), async () => {
      this.#unbegun.delete(deliveryId)
      if (this.#closed || performance.now() - claimedAt > BEGIN_WITHIN_MS) return
      const ending = await this.#parts.post(telling)
      this.#rooms.observe(receiver, ending.latencyMs)
      this.#attempts.push({ telling, ending, claim })
      this.#parts.recorder.mark(this)
      if (this.#parked.has(receiver) && this.#rooms.isNearlyEmpty(receiver)) void this.#fetch(receiver)
    })
  }

  /** Takes up what was parked for a receiver that has room again. */
  async #fetch(receiver: string): Promise<void> {
    if (this.#closed || !this.#parked.delete(receiver)) return
    const claim = randomUUID()
    try {
      const rows = await claimParked(this.#parts.database.engine, claim, { receiver, limit: CLAIMED_MOST })
      if (rows.length > 0) await this.#takeUp(rows, claim)
    } catch (error) {
      this.#parts.log.warn({ error }, 'parked webhook deliveries could not be fetched; they come due by themselves')
    }
  }
}
