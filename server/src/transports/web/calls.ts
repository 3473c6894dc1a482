import { deserialize, serialize } from 'node:v8'
import type { Db } from '#kit/db'
import { DomainError, type ErrorCode } from '#kit/errors'
import { newId } from '#kit/ids'
import { type Call, deleteCall, deleteOldCalls, insertCall, selectAnswer, takeCalls, writeAnswer } from './calls.store.ts'

/** Something that only the holder of a session can do: the name of a road's method, and what it is given. */
export type Deed = { name: string; args: unknown[] }
type Answer = { value: unknown } | { refused: { code: ErrorCode; message: string } }

/** Between processes that share a database: who holds a session does for the others what only it can do. */
export interface Calls {
  /** Asks the holder, wherever it is; undefined: nobody holds the session, or it did not answer in time. */
  ask(channel: { id: string; workspaceId: string }, deed: Deed): Promise<{ value: unknown } | undefined>
  /** Something is asked of our sessions. */
  called(): void
  /** A call was answered. */
  answered(id: string): void
  close(): Promise<void>
}

type CallParts = {
  db: Db
  held(): readonly { channelId: string; epoch: number }[]
  run(channelId: string, deed: Deed): Promise<unknown>
  failed(error: unknown): void
}

const ANSWER_MS = 20_000
/** A notification may be lost: one looks oneself now and then. */
const LOOK_MS = 500
const TIDY_MS = 60_000

export function openCalls({ db, held, run, failed }: CallParts): Calls {
  const waiting = new Map<string, () => void>()
  const working = new Set<Promise<void>>()

  const answer = async ({ id, channelId, request }: Call) => {
    const deed: Deed = deserialize(request) // written below, by a process of this house
    const found: Answer = await run(channelId, deed).then(
      (value) => ({ value }),
      (error: unknown) => ({ refused: error instanceof DomainError ? { code: error.code, message: error.message } : UNKNOWN }),
    )
    await writeAnswer(db, id, serialize(found))
  }
  const serve = async () => {
    const sessions = held()
    if (sessions.length === 0) return
    for (const call of await takeCalls(db, sessions)) track(answer(call))
  }
  const track = (work: Promise<void>) => {
    const done = work.catch(failed).finally(() => working.delete(done))
    working.add(done)
  }
  const timers = [setInterval(() => track(serve()), LOOK_MS).unref(), setInterval(() => track(deleteOldCalls(db)), TIDY_MS).unref()]

  return {
    async ask({ id: channelId, workspaceId }, deed) {
      const id = newId()
      if (!(await insertCall(db, { id, channelId, workspaceId, request: serialize(deed) }))) return undefined
      try {
        for (const end = performance.now() + ANSWER_MS; performance.now() < end; ) {
          const told = await selectAnswer(db, id)
          if (told) return open(deserialize(told))
          await new Promise<void>((look) => {
            const timer = setTimeout(look, LOOK_MS)
            waiting.set(id, () => {
              clearTimeout(timer)
              look()
            })
          })
        }
        return undefined
      } finally {
        waiting.delete(id)
        await deleteCall(db, id)
      }
    },
    called: () => track(serve()),
    answered: (id) => waiting.get(id)?.(),
    async close() {
      for (const timer of timers) clearInterval(timer)
      await Promise.all(working)
    },
  }
}

const UNKNOWN: Extract<Answer, { refused: unknown }>['refused'] = { code: 'unavailable', message: 'WhatsApp did not do this' }

function open(answer: Answer): { value: unknown } {
  if ('refused' in answer) throw new DomainError(answer.refused.code, answer.refused.message)
  return answer
}
