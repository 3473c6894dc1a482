import { type Event, readEvents } from '#core/events'
import { endpointReceiver, type Rendered } from '#core/webhooks'
import { EndpointNews } from './endpoint-news.ts'
import { failuresMost } from './judge-endpoint.ts'
import type { Part, Recorded } from './news.ts'
import { PageSize } from './page-size.ts'
import { type Pending, PendingEvents } from './pending-events.ts'
import type { Source } from './recorder.ts'
import { isSpeakable, renderEvents, type Unspeakable } from './render-events.ts'
import { isStillOurs } from './teller.store.ts'
import { firstTelling, isWanted, type KnownEndpoint, type TellerParts, unspoken } from './teller-parts.ts'

export type LeasedEndpoint = KnownEndpoint & {
  lease: string
  /** Told up to here. */
  cursor: number
  /** The workspace's last event when it was leased. */
  latest: number
  /** Its circuit is open: one event is tried. */
  probing: boolean
}

const AT_ONCE = 16
/** After so long on the wire the cursor goes on without a delivery. */
const STRAGGLER_MS = 1_000
const RENEW_MS = 5_000
const IDLE_MS = 1_000
const AGAIN_MS = 500

/** The life of one leased endpoint on this node: reads its events in order, tells them, moves its cursor, leaves when there is nothing to tell. */
export class EndpointTeller implements Source<Part, Recorded> {
  readonly endpoint: LeasedEndpoint
  readonly heldSince = performance.now()
  readonly #parts: TellerParts
  readonly #gone: () => void
  readonly #receiver: string
  readonly #pending: PendingEvents
  readonly #news = new EndpointNews()
  readonly #page = new PageSize()
  #state: 'telling' | 'leaving' | 'left' = 'telling'
  #probing: boolean
  #probed = false
  #failures = 0 // in a row
  #reading = false
  #again = false
  #written: { cursor: number; at: number }

  /** `gone` is called when the lease is given back or lost. */
  constructor(parts: TellerParts, endpoint: LeasedEndpoint, gone: () => void) {
    this.#parts = parts
    this.endpoint = endpoint
    this.#gone = gone
    this.#receiver = endpointReceiver(endpoint.id)
    this.#pending = new PendingEvents(endpoint.cursor)
    this.#probing = endpoint.probing
    this.#written = { cursor: endpoint.cursor, at: performance.now() }
  }

  /** There may be new events. */
  wake(): void {
    if (this.#state !== 'telling') return
    if (this.#reading) this.#again = true
    else void this.#fill()
  }

  /** Begins nothing more and gives the lease back when the wire is empty; `now`: without waiting for it (what is on it is told again). */
  leave(now = false): void {
    if (this.#state === 'left') return
    this.#state = 'leaving'
    if (now) this.#pass(Number.POSITIVE_INFINITY)
    if (!this.#pending.isOnTheWire()) this.#parts.recorder.mark(this)
  }

  /** Called a few times a second: lets the cursor pass what takes long, keeps the lease, leaves when idle. */
  tick(): void {
    if (this.#state === 'left') return
    if (!this.#probing) this.#pass(performance.now() - STRAGGLER_MS)
    const now = performance.now()
    const isIdle = this.#pending.size === 0 && !this.#reading && this.#page.idleMs > IDLE_MS
    const quiet = now - this.#written.at
    if (isIdle) this.leave()
    else if (this.#news.hasStragglers || quiet > RENEW_MS || (quiet > IDLE_MS && this.#pending.cursor > this.#written.cursor))
      this.#parts.recorder.mark(this)
  }

  take(): Part | undefined {
    const { attempts, stragglers, gap } = this.#news.take()
    if (this.#state === 'left') return attempts.length > 0 ? { attempts, stragglers, unwanted: [] } : undefined
    const release = this.#state === 'leaving' && !this.#pending.isOnTheWire()
    const { id: endpointId, workspaceId, lease } = this.endpoint
    const progress = { endpointId, workspaceId, lease, cursor: this.#pending.cursor, release, gap }
    this.#written = { cursor: progress.cursor, at: performance.now() }
    if (release) this.#state = 'left'
    return { attempts, stragglers, unwanted: [], progress }
  }

  recorded({ held, updatedAt, open }: Recorded): void {
    if (!held || this.#state === 'left') {
      this.lost()
      return
    }
    this.#probing &&= open
    const isChanged = updatedAt?.getTime() !== this.endpoint.updatedAt.getTime()
    const isProbed = this.#probing && this.#probed && this.#pending.size === 0
    if (this.#state === 'leaving' || isChanged || isProbed || open !== this.#probing) this.leave()
    else this.wake()
  }

  lost(): void {
    this.#state = 'left'
    this.#gone()
  }

  #isFull = (): boolean => (this.#probing && this.#probed) || this.#parts.turns.waiting(this.#receiver) >= this.#page.now / 2

  /** Reads on until the events end or enough of them wait for their turn. */
  async #fill(): Promise<void> {
    this.#reading = true
    try {
      do {
        this.#again = false
        while (this.#state === 'telling' && !this.#isFull() && (await this.#parts.reading(() => this.#read())));
      } while (this.#again && !this.#isFull())
    } catch (error) {
      this.#parts.log.warn({ error, endpointId: this.endpoint.id }, 'events could not be read for a webhook; again')
      setTimeout(() => this.wake(), AGAIN_MS)
    }
    this.#reading = false
  }

  /** One page; true when there is more. */
  async #read(): Promise<boolean> {
    const { endpoint } = this
    const db = this.#parts.database.engine
    const page = this.#page.now
    const events = await readEvents(db, endpoint.workspaceId, this.#pending.readTo, page)
    const bodies = await renderEvents(
      { ...endpoint, db, endpoint },
      events.filter((event) => isWanted(endpoint, event)),
    )
    // asked after the events were read: what was raised after a change is told as the change says
    if (!(await isStillOurs(db, endpoint))) this.leave()
    if (this.#state !== 'telling') return false
    this.#noteGap(events[0]?.seq ?? endpoint.latest + 1)
    for (const event of events) {
      this.#pending.readTo = event.seq
      const rendered = bodies.get(event.seq)
      if (!rendered || (isSpeakable(rendered) && rendered.length === 0)) continue
      this.#queue(event, rendered)
      this.#probed = this.#probing
      if (this.#probed) break
    }
    if (events.length > 0) this.#page.turn()
    if (this.#news.isPressing) this.#parts.recorder.mark(this)
    return events.length === page
  }

  /** Numbers have no gaps: what is missing before `next` was dropped for its age. */
  #noteGap(next: number): void {
    if (next <= this.#pending.readTo + 1) return
    this.#news.missed(this.#pending.readTo + 1, next - 1)
    this.#pending.readTo = next - 1
  }

  #queue(event: Event, rendered: readonly Rendered[] | Unspeakable): void {
    if (!isSpeakable(rendered)) {
      const telling = firstTelling(this.endpoint, event, undefined, this.#probing)
      this.#news.tried(telling, unspoken(rendered, this.#parts.clock.now()))
      return
    }
    rendered.forEach((body, i) => {
      const telling = firstTelling(this.endpoint, event, body, this.#probing)
      if (this.#probing && i > 0) {
        this.#news.leftBehind({ ...telling, probe: false }) // one body is the probe, the others wait for its end
        return
      }
      const entry = this.#pending.add(telling)
      this.#parts.turns.add(this.#receiver, AT_ONCE, () => this.#tell(entry))
    })
  }

  async #tell(entry: Pending): Promise<void> {
    if (this.#state !== 'telling') return // stays pending: the cursor remains before it
    const { telling } = entry
    entry.startedAt = performance.now()
    const ending = await this.#parts.post(telling)
    this.#news.tried(telling, ending)
    this.#pending.remove(telling.deliveryId)
    this.#parts.recorder.mark(this)
    this.#failures = ending.succeeded ? 0 : this.#failures + 1
    if (this.#failures >= failuresMost(this.endpoint.style))
      this.leave() // what that means is judged when it is written
    else if (!this.#isFull()) this.wake()
  }

  /** The cursor passes what began before `since`. */
  #pass(since: number): void {
    for (const telling of this.#pending.takeStarted(since)) this.#news.passed(telling)
  }
}
