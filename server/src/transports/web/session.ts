import { setTimeout as sleep } from 'node:timers/promises'
import { beginLink, moveSession, type SessionStand } from '#core/channels'
import { reasonIn } from '#kit/errors'
import { quietSignal } from '#kit/quiet-signal'
import { type AfterClose, pauseAfter } from './after-close.ts'
import { type Attempt, openAttempt } from './attempt.ts'
import { forgetAuthState, SessionLost } from './auth-state.ts'
import { judge, openCourse } from './course.ts'
import { type Baileys, loadBaileys } from './library.ts'
import { prepareIdentity } from './prepare-identity.ts'
import type { Session, SessionParts } from './session-parts.ts'

/** Connects a number, connects it again, and ends. */
export function openSession(parts: SessionParts): Session {
  const { db, session, lease, log } = parts
  const stop = new AbortController()
  const stopping = stop.signal
  const course = openCourse()
  let attempt: Attempt | undefined

  const stand = async (is: SessionStand) => {
    const answer = await moveSession(db, parts.events, session, is)
    if (answer === 'lost' || answer === 'ended') throw new SessionLost()
    return answer
  }
  const failed = (error: unknown) => {
    if (error instanceof SessionLost) stop.abort()
    else log.warn({ error: reasonIn(error), channelId: session.channelId }, 'the session of an own number stumbled')
  }
  const opened: SessionParts['opened'] = (connection) => {
    course.opened()
    parts.opened(connection)
  }

  const connectOnce = async (baileys: Baileys): Promise<AfterClose> => {
    const auth = await prepareIdentity(parts, { baileys, stopping, stand })
    if ('next' in auth) return auth
    attempt = openAttempt({ ...parts, baileys, auth, stopping, stand, failed, opened })
    const ending = await attempt.over
    attempt = undefined
    return judge(parts, course, ending)
  }

  /** Milliseconds until the next one; undefined: it is over. */
  const turn = async (baileys: Baileys): Promise<number | undefined> => {
    course.begun()
    try {
      const after = await connectOnce(baileys)
      if (stopping.aborted) return undefined
      if (after.next === 'stop') return void (await close(parts, after, stand))
      if (after.stand) await stand(after.stand)
      return after.afterMs
    } catch (error) {
      attempt?.connection.cut()
      attempt = undefined
      if (error instanceof SessionLost) return undefined
      failed(error)
      return pauseAfter(course.tries, Math.random)
    }
  }

  const run = async () => {
    const baileys = await loadBaileys().catch(() => undefined)
    if (!baileys) {
      await beginLink(db, session) // else the wish for a new identity would stand against the word
      await stand({ is: 'closed', reason: 'not_installed' })
      return
    }
    quietSignal()
    while (!stopping.aborted) {
      const afterMs = await turn(baileys)
      if (afterMs === undefined) return
      await sleep(afterMs, undefined, { signal: stopping }).catch(() => undefined)
    }
  }

  return {
    ref: session,
    lease,
    over: run().catch(failed),
    get connection() {
      return attempt?.connection.isOpen ? attempt.connection : undefined
    },
    heard({ state, fresh, lettersAsked }) {
      if (state === 'closed' || (fresh && attempt)) stop.abort()
      else if (attempt?.connection.isOpen && state !== 'open') attempt.standOpen()
      else if (lettersAsked) attempt?.look()
    },
    stop: () => stop.abort(),
    renewConnection() {
      if (!attempt) return
      course.silent()
      attempt.connection.cut()
    },
  }
}

async function close(
  { db, session, now }: SessionParts,
  { reason, forget, returnsAfterMs }: Extract<AfterClose, { next: 'stop' }>,
  stand: (is: SessionStand) => Promise<unknown>,
): Promise<void> {
  if (forget) await forgetAuthState(db, session)
  const reopensAt = returnsAfterMs === undefined ? undefined : new Date(now().getTime() + returnsAfterMs)
  await stand({ is: 'closed', reason, reopensAt })
}
