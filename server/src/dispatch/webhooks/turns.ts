import { openOnTheWire } from './on-the-wire.ts'

/** Who may be on the wire: so many at once per receiver, receivers in turn, and slow ones out of everybody's way. */
export interface Turns {
  /** Queues a job for a receiver that takes `most` at a time. */
  add(receiver: string, most: number, job: () => Promise<void>): void
  /** Jobs of the receiver that wait for their turn. */
  waiting(receiver: string): number
  /** Jobs on the wire now. */
  readonly running: number
  /** Resolves when nothing runs and nothing waits. */
  idle(): Promise<void>
}

export type TurnsOptions = {
  /** Jobs at once over all receivers, those that take long not counted. */
  young: number
  /** Jobs at once that take long. */
  slow: number
  /** Milliseconds after which a job counts as slow. */
  slowAfterMs: number
  /** A job threw, which jobs should not. */
  failed(error: unknown): void
}

type Receiver = { name: string; most: number; jobs: (() => Promise<void>)[]; running: number; slow: number }

export function openTurns({ young, slow, slowAfterMs, failed }: TurnsOptions): Turns {
  const receivers = new Map<string, Receiver>()
  const ready = new Set<Receiver>() // in turn: who got one goes to the end
  const wire = openOnTheWire<Receiver>({ slowAfterMs, aged: () => pump() })
  const idlers: (() => void)[] = []

  const mayStart = (receiver: Receiver) =>
    receiver.jobs.length > 0 && receiver.running < receiver.most && !(receiver.slow > 0 && wire.slow >= slow)

  const pump = () => {
    for (const receiver of ready) {
      if (wire.size - wire.slow >= young) return
      ready.delete(receiver)
      if (!mayStart(receiver)) continue
      const job = receiver.jobs.shift()
      if (job) void start(receiver, job)
      if (mayStart(receiver)) ready.add(receiver)
    }
  }

  const start = async (receiver: Receiver, job: () => Promise<void>) => {
    const turn = wire.begin(receiver)
    try {
      await job()
    } catch (error) {
      failed(error)
    } finally {
      wire.end(turn)
      next(receiver)
    }
  }

  const next = (receiver: Receiver) => {
    if (receiver.jobs.length > 0) ready.add(receiver)
    else if (receiver.running === 0) receivers.delete(receiver.name)
    pump()
    if (receivers.size === 0) for (const tell of idlers.splice(0)) tell()
  }

  return {
    add(name, most, job) {
      const receiver = receivers.get(name) ?? { name, most, jobs: [], running: 0, slow: 0 }
      receivers.set(name, receiver)
      receiver.jobs.push(job)
      ready.add(receiver)
      pump()
    },
    waiting: (name) => receivers.get(name)?.jobs.length ?? 0,
    get running() {
      return wire.size
    },
    idle: () => (receivers.size === 0 ? Promise.resolve() : new Promise((done) => idlers.push(done))),
  }
}
