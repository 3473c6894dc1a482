import { isConnectionLoss } from '#kit/db'
import type { Logger } from '#kit/log'

/** Somebody who has something to write. */
export interface Source<Part, Answer> {
  /** What is to be written now; undefined: nothing after all. Asked once a batch. */
  take(): Part | undefined
  /** What was taken is committed. */
  recorded(answer: Answer): void
  /** What was taken could not be written, however often we tried. */
  lost(): void
}

/** The one writer of a teller: everybody's news in one transaction, while that is written the next collects. */
export interface Recorder<Part, Answer> {
  /** The source has news. */
  mark(source: Source<Part, Answer>): void
  /** Resolves when all that was marked is written. */
  drain(): Promise<void>
}

type Options<Part, Answer> = {
  /** One transaction; answers one for each part. */
  write(parts: readonly Part[]): Promise<readonly Answer[]>
  log: Logger
  lingerMs: number
  /** Milliseconds between two tries when the database does not answer. */
  retryMs: number
}

const TRIES_TOGETHER = 3
/** How long a database that is away is waited for: leases hold a little longer. */
const AWAY_MS = 12_000

export function openRecorder<Part, Answer>({ write, log, lingerMs, retryMs }: Options<Part, Answer>): Recorder<Part, Answer> {
  const marked = new Set<Source<Part, Answer>>()
  let running: Promise<void> | undefined

  const pause = (ms: number) => new Promise((done) => setTimeout(done, ms))

  const writeTogether = async (taken: readonly { source: Source<Part, Answer>; part: Part }[]) => {
    const answers = await write(taken.map(({ part }) => part))
    taken.forEach(({ source }, i) => {
      source.recorded(answers[i] as Answer) // write answers one for each part
    })
  }

  /** Together; when that goes on failing, one by one, so that nobody's news keeps back another's. */
  const writeSurely = async (taken: readonly { source: Source<Part, Answer>; part: Part }[]) => {
    const begun = performance.now()
    for (let attempt = 1; attempt <= TRIES_TOGETHER; ) {
      try {
        return await writeTogether(taken)
      } catch (error) {
        log.warn({ error, attempt }, 'webhook deliveries could not be recorded; again')
        await pause(retryMs * attempt)
        if (!isConnectionLoss(error) || performance.now() - begun > AWAY_MS) attempt++
      }
    }
    for (const one of taken) {
      // what is given up here was told but not noted: its lease ends and it is told again
      await writeTogether([one]).catch((error: unknown) => {
        log.error({ error }, 'a webhook delivery could not be recorded')
        one.source.lost()
      })
    }
  }

  const run = async () => {
    await pause(lingerMs)
    while (marked.size > 0) {
      const sources = [...marked]
      marked.clear()
      const taken = sources.flatMap((source) => {
        const part = source.take()
        return part === undefined ? [] : [{ source, part }]
      })
      if (taken.length > 0) await writeSurely(taken)
      if (marked.size > 0) await pause(lingerMs)
    }
    running = undefined
  }

  return {
    mark(source) {
      marked.add(source)
      running ??= run()
    },
    async drain() {
      while (running) await running
    },
  }
}
