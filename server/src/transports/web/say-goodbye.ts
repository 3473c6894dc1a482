import { setTimeout as sleep } from 'node:timers/promises'
import { reasonIn } from '#kit/errors'
import { quietSignal } from '#kit/quiet-signal'
import { type AuthState, forgetAuthState, openAuthState } from './auth-state.ts'
import { connect } from './connection.ts'
import { type Baileys, loadBaileys } from './library.ts'
import type { Session, SessionParts } from './session-parts.ts'
import { openReceiptTaker } from './take-receipts.ts'

const WITHIN_MS = 10_000
/** For the network to take the device off its list. */
const LINGER_MS = 300

type GoodbyeParts = Omit<SessionParts, 'connected' | 'opened'>

/** Held like a session, for a number that was logged out or deleted: nobody else may take it meanwhile. */
export function openGoodbye(parts: GoodbyeParts): Session {
  const { session, lease, log } = parts
  const stop = new AbortController()
  const failed = (error: unknown) =>
    log.warn({ channelId: session.channelId, error: reasonIn(error) }, 'the keys of a number that was logged out could not be forgotten')
  return {
    ref: session,
    lease,
    connection: undefined,
    over: sayGoodbye(parts, stop.signal).catch(failed),
    heard: () => undefined, // said once, it is said
    stop: () => stop.abort(),
    renewConnection: () => undefined,
  }
}

/** Tells WhatsApp that the number is linked here no more, if it can be told, and forgets the identity; not if it is stopped. */
export async function sayGoodbye(parts: GoodbyeParts, stopping: AbortSignal): Promise<void> {
  const { db, session, log } = parts
  try {
    const baileys = await loadBaileys()
    quietSignal()
    const auth = await openAuthState({ ...parts, baileys })
    if (auth.isPaired && !stopping.aborted) await leave({ ...parts, baileys, auth, stopping })
  } catch (error) {
    if (stopping.aborted) return
    log.info(
      { channelId: session.channelId, error: reasonIn(error) },
      'WhatsApp could not be told that a number was logged out: remove the device on the phone',
    )
  }
  if (!stopping.aborted) await forgetAuthState(db, session)
}

type Leaving = GoodbyeParts & { baileys: Baileys; auth: AuthState; stopping: AbortSignal }

async function leave({ session, version, stopping, ...parts }: Leaving): Promise<void> {
  const opened = Promise.withResolvers<void>()
  const connection = connect({
    ...parts,
    version: version.current,
    channelId: session.channelId,
    keep: async () => {
      throw new Error('a number that is being logged out keeps nothing') // it stays with the network until it is linked again
    },
    told: openReceiptTaker({ ...parts, session }),
    qr: () => undefined,
    opened: () => opened.resolve(),
  })
  const late = setTimeout(connection.cut, WITHIN_MS)
  stopping.addEventListener('abort', connection.cut, { once: true })
  try {
    await Promise.race([opened.promise, connection.closed])
    if (!connection.isOpen) throw new Error('no connection')
    await Promise.race([connection.socket.logout(), connection.closed])
    await Promise.race([connection.closed, sleep(LINGER_MS)])
  } finally {
    clearTimeout(late)
    stopping.removeEventListener('abort', connection.cut)
    connection.cut()
    await parts.auth.end()
  }
}
