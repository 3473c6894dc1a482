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
type Running = { receiver: Receiver; since: number; slow: boolean }

export function openTurns({ young, slow, slowAfterMs, failed }: TurnsOptions): Turns {
  const receivers = new Map<string, Receiver>()
  const ready = new Set<Receiver>() // in turn: who got one goes to the end
  const running = new Set<Running>() // oldest first
  const idlers: (() => void)[] = []
  let slowNow = 0
  let timer: NodeJS.Timeout | undefined

  const mayStart = (receiver: Receiver) =>
    receiver.jobs.length > 0 && receiver.running < receiver.most && !(receiver.slow > 0 && slowNow >= slow)

  const pump = () => {
    for (const receiver of ready) {
      if (running.size - slowNow >= young) return
      ready.delete(receiver)
      if (!mayStart(receiver)) continue
      const job = receiver.jobs.shift()
      if (job) void start(receiver, job)
      if (mayStart(receiver)) ready.add(receiver)
    }
  }

  const start = async (receiver: Receiver, job: () => Promise<void>) => {
    const turn: Running = { receiver, since: performance.now(), slow: false }
    running.add(turn)
    receiver.running++
    timer ??= setInterval(age, slowAfterMs / 4)
    try {
      await job()
    } catch (error) {
      failed(error)
    } finally {
      end(turn)
    }
  }

  const end = (turn: Running) => {
    const { receiver } = turn
    running.delete(turn)
    receiver.running--
    if (turn.slow) {
      slowNow--
      receiver.slow--
    }
    if (receiver.jobs.length > 0) ready.add(receiver)
    else if (receiver.running === 0) receivers.delete(receiver.name)
    pump()
    if (running.size > 0) return
    clearInterval(timer)
    timer = undefined
    if (receivers.size === 0) for (const tell of idlers.splice(0)) tell()
  }

  /** A job that has become slow frees its place among the young. */
  const age = () => {
    const before = performance.now() - slowAfterMs
    for (const turn of running) {
      if (turn.since > before) break
      if (turn.slow) continue
      turn.slow = true
      turn.receiver.slow++
      slowNow++
    }
    pump()
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
      return running.size
    },
    idle: () => (receivers.size === 0 ? Promise.resolve() : new Promise((done) => idlers.push(done))),
  }
}
