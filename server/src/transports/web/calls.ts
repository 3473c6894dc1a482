import { setTimeout as sleep } from 'node:timers/promises'
import { deserialize, serialize } from 'node:v8'
import type { Db } from '#kit/db'
import { DomainError, type ErrorCode } from '#kit/errors'
import { newId } from '#kit/ids'
import { openWaiters, WAITERS_MOST } from '#kit/waiters'
import { type Call, deleteCall, deleteOldCalls, insertCall, selectAnswer, takeCalls, writeAnswer } from './calls.store.ts'

/** Something that only the holder of a session can do: the name of a road's method, and what it is given. */
export type Deed = { name: string; args: unknown[] }
type Answer = { value: unknown } | { refused: { code: ErrorCode; message: string } }

/** Between processes that share a database: who holds a session does for the others what only it can do. */
export interface Calls {
  /** Asks the holder, wherever it is; undefined: nobody holds the session, or it did not begin. Throws when it has begun and did not answer in time. */
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
const CLOSE_MS = 2_000

export function openCalls({ db, held, run, failed }: CallParts): Calls {
  const waiters = openWaiters()
  let asking = 0
  let closed = false
  const working = new Set<Promise<void>>()

  const answer = async ({ id, channelId, request }: Call) => {
    const deed: Deed = deserialize(request) // written below, by a process of this house
    const found: Answer = await run(channelId, deed).then(
      (value) => ({ value }),
      (error: unknown) => {
        if (error instanceof DomainError) return { refused: { code: error.code, message: error.message } }
        failed(error) // its words are for us
        return { refused: UNKNOWN }
      },
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

  const awaitAnswer = async (id: string): Promise<Buffer | undefined> => {
    for (const end = performance.now() + ANSWER_MS; !closed; ) {
      const left = Math.max(0, Math.min(LOOK_MS, end - performance.now()))
      const heard = waiters.wait(id, left) // before the look: what happens in between is heard
      const told = await selectAnswer(db, id)
      if (told || left === 0) {
        heard.cancel()
        return told
      }
      await heard.done
    }
    return undefined
  }

  return {
    async ask({ id: channelId, workspaceId }, deed) {
      if (asking >= WAITERS_MOST) return undefined
      asking++
      try {
        const id = newId()
        if (!(await insertCall(db, { id, channelId, workspaceId, request: serialize(deed) }))) return undefined
        const told = await awaitAnswer(id)
        const call = await deleteCall(db, id)
        const last = told ?? call?.answer
        if (last) return open(deserialize(last))
        if (call?.isTaken) throw new DomainError('unavailable', MAY_BE_DONE)
        return undefined
      } finally {
        asking--
      }
    },
    called: () => track(serve()),
    answered: (id) => waiters.end([id]),
    async close() {
      closed = true
      for (const timer of timers) clearInterval(timer)
      waiters.release()
      await Promise.race([Promise.all(working), sleep(CLOSE_MS, undefined, { ref: false })])
    },
  }
}

const MAY_BE_DONE = 'WhatsApp was asked, and nobody heard the answer in time: it may have been done'
const UNKNOWN: Extract<Answer, { refused: unknown }>['refused'] = { code: 'unavailable', message: 'WhatsApp did not do this' }

function open(answer: Answer): { value: unknown } {
  if ('refused' in answer) throw new DomainError(answer.refused.code, answer.refused.message)
  return answer
}
