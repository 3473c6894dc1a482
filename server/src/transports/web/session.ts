import { setTimeout as sleep } from 'node:timers/promises'
import { beginLink, findLink, moveSession, type SessionRef, type SessionStand } from '#core/channels'
import type { ClosedReason } from '#core/transport'
import { reasonIn } from '#kit/errors'
import { quietSignal } from '#kit/quiet-signal'
import { type AfterClose, afterClose } from './after-close.ts'
import { type AuthState, forgetAuthState, openAuthState, SessionLost, UnreadableKeys } from './auth-state.ts'
import { type Connection, connect } from './connection.ts'
import type { Lease } from './lease.ts'
import { type Baileys, loadBaileys } from './library.ts'
import { openLinking } from './linking.ts'
import { numberOf } from './number-of.ts'
import { noteReplaced } from './owners.store.ts'
import { sayGoodbye } from './say-goodbye.ts'
import type { SessionParts } from './session-parts.ts'
import { openReceiptTaker } from './take-receipts.ts'

/** One number, held by this process: connects, connects again, and ends. */
export interface Session {
  readonly ref: SessionRef
  readonly lease: Lease
  /** The connection, while it is open. */
  readonly connection: Connection | undefined
  /** Resolves when nothing of it runs any more. */
  readonly over: Promise<void>
  /** Somebody may have asked for letters. */
  look(): void
  /** A new identity was asked for, maybe before the end of the old one was noticed: begins again with it. */
  beginAnew(): void
  /** Ends the connection hard, and with it the session; the keys stay. */
  stop(): void
  /** The connection is open and nobody answers: begins a new one. */
  renewConnection(): void
}

/** What the last connection came to, over several. */
type Course = { tries: number; wasOpen: boolean; isSilent: boolean; isOutdated: boolean; refused: ClosedReason | undefined }

export function openSession(parts: SessionParts): Session {
  const { db, session, lease, log } = parts
  const stopping = new AbortController()
  const course: Course = { tries: 0, wasOpen: false, isSilent: false, isOutdated: false, refused: undefined }
  let connection: Connection | undefined
  let look = () => {}

  const stand = async (is: SessionStand) => {
    const answer = await moveSession(db, parts.events, session, is)
    if (answer === 'lost') throw new SessionLost()
    return answer
  }
  const failed = (error: unknown) => {
    if (!(error instanceof SessionLost))
      log.warn({ error: reasonIn(error), channelId: session.channelId }, 'the session of an own number stumbled')
    connection?.cut()
  }

  const opened = async (made: Connection, auth: AuthState) => {
    const phone = numberOf(auth.state.creds.me?.id)
    const answer = await stand({ is: 'open', ...(phone !== undefined && { phone }) })
    if (answer === 'done') {
      course.wasOpen = true
      return parts.opened(made)
    }
    course.refused = answer
    await made.socket.logout().catch(() => undefined)
    made.cut()
  }

  /** One connection from its beginning to its end, and what follows. */
  const attempt = async (baileys: Baileys): Promise<AfterClose> => {
    course.tries++
    course.isOutdated = false
    const link = await findLink(db, { id: session.channelId, workspaceId: session.workspaceId })
    if (link?.fresh) {
      await beginAnew(parts)
      course.isOutdated = false
    }
    const auth = await openAuthState({ ...parts, baileys })
    const linking = openLinking({ ...parts, awaited: () => stand({ is: 'awaiting_scan' }), failed })
    const made = connect({
      ...parts,
      baileys,
      auth,
      version: parts.version.current,
      channelId: session.channelId,
      keep: (body) => keep(parts, body),
      told: openReceiptTaker(parts),
      qr: (text) => linking.qr(made.socket, text),
      opened: () => void opened(made, auth).catch(failed),
    })
    parts.connected(made, baileys)
    connection = made
    look = linking.look
    stopping.signal.addEventListener('abort', made.cut, { once: true })
    if (stopping.signal.aborted || course.isOutdated) made.cut() // said while nothing could be cut yet
    const code = await made.closed
    stopping.signal.removeEventListener('abort', made.cut)
    connection = undefined
    look = () => {}
    await linking.settled()
    await auth.end()
    return judge(code, auth, link?.askedAt)
  }

  const judge = async (code: number | undefined, auth: AuthState, askedAt: Date | undefined): Promise<AfterClose> => {
    const { refused, wasOpen, isSilent, isOutdated } = course
    Object.assign(course, { wasOpen: false, isSilent: false, ...(wasOpen && { tries: 1 }) })
    if (refused) return { next: 'stop', reason: refused, forget: true }
    if (isOutdated) return { next: 'again', afterMs: 0 }
    if (isSilent) return { next: 'again', afterMs: 0, stand: { is: 'degraded', reason: 'silent' } }
    const closing = {
      code,
      isPaired: auth.isPaired,
      tries: course.tries,
      replacedBeforeMs: code === 440 ? await sinceReplaced(parts) : undefined,
      linkingMs: askedAt ? parts.now().getTime() - askedAt.getTime() : 0,
      hasNewerVersion: code === 405 && (await parts.version.refresh()),
    }
    return afterClose(closing, Math.random)
  }

  const run = async () => {
    const baileys = await loadBaileys().catch(() => undefined)
    if (!baileys) return void (await stand({ is: 'closed', reason: 'not_installed' }))
    quietSignal()
    while (!stopping.signal.aborted) {
      const after = await attempt(baileys)
      if (stopping.signal.aborted) return
      if (after.next === 'stop') return stop(parts, after, stand)
      if (after.stand) await stand(after.stand)
      await sleep(after.afterMs, undefined, { signal: stopping.signal }).catch(() => undefined)
    }
  }

  const over = run().catch(async (error: unknown) => {
    connection?.cut()
    if (error instanceof SessionLost) return
    log.error({ error: reasonIn(error), channelId: session.channelId }, 'the session of an own number ended')
    if (error instanceof UnreadableKeys) await stand({ is: 'closed', reason: 'unreadable_keys' }).catch(() => undefined)
  })

  return {
    ref: session,
    lease,
    over,
    get connection() {
      return connection?.isOpen ? connection : undefined
    },
    look: () => look(),
    beginAnew() {
      course.isOutdated = true
      connection?.cut()
    },
    stop: () => stopping.abort(),
    renewConnection() {
      course.isSilent = true
      connection?.cut()
    },
  }
}

/** The phone would go on listing the device of before; it has room for a few. */
async function beginAnew(parts: SessionParts): Promise<void> {
  const { db, session } = parts
  await sayGoodbye(parts)
  if (!(await forgetAuthState(db, session))) throw new SessionLost()
  await beginLink(db, session)
}

/** Commits what was decrypted, if the session is surely ours. */
async function keep({ inbox, lease, session }: SessionParts, body: Buffer): Promise<void> {
  const { channelId: id, workspaceId, epoch } = session
  if (!lease.isSure || !(await inbox.keep({ id, workspaceId, epoch }, body))) throw new SessionLost()
}

async function sinceReplaced({ db, session, now }: SessionParts): Promise<number | undefined> {
  const before = await noteReplaced(db, session)
  return before && now().getTime() - before.getTime()
}

async function stop(
  { db, session, now }: SessionParts,
  { reason, forget, returnsAfterMs }: Extract<AfterClose, { next: 'stop' }>,
  stand: (is: SessionStand) => Promise<unknown>,
): Promise<void> {
  if (forget) await forgetAuthState(db, session)
  const reopensAt = returnsAfterMs === undefined ? undefined : new Date(now().getTime() + returnsAfterMs)
  await stand({ is: 'closed', reason, reopensAt })
}
