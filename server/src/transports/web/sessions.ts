import type { SessionRef } from '#core/channels'
import { reasonIn } from '#kit/errors'
import { openKeyCache } from './auth-state.ts'
import { openLease } from './lease.ts'
import { LEASE_SECONDS, release, renew, selectOrphans, selectWanted, takeOver } from './owners.store.ts'
import { sayGoodbye } from './say-goodbye.ts'
import { openSession, type Session } from './session.ts'
import type { SessionParts } from './session-parts.ts'

export type SessionsParts = Omit<SessionParts, 'session' | 'lease' | 'connected' | 'keyCache'> & {
  /** Names this process to the others. */
  node: string
  connected(session: Session, ...rest: Parameters<SessionParts['connected']>): void
}

/** The numbers that this process holds: takes what nobody holds, renews it, and lets go in time. */
export interface Sessions {
  get(channelId: string): Session | undefined
  held(): Session[]
  /** Something about a channel was changed. */
  changed(channelId: string): void
  start(): void
  close(): Promise<void>
}

const LOOK_MS = 1_000
const RENEW_MS = 4_000
/** A tick so late: the process stood still, and nobody knows for how long. */
const STOOD_STILL_MS = 5_000
const WATCH_MS = 250
const TAKEN_AT_ONCE = 10
/** Sends in a row without an answer: open, but dead. */
const SILENT_SENDS = 2

export function openSessions(given: SessionsParts): Sessions {
  const { db, node, log } = given
  const parts = { ...given, keyCache: openKeyCache() }
  const held = new Map<string, Session>()
  const timers: NodeJS.Timeout[] = []
  let closed = false
  let busy: Promise<void> = Promise.resolve()
  let again = false
  let watched = performance.now()

  const take = async ({ channelId, workspaceId }: Pick<SessionRef, 'channelId' | 'workspaceId'>) => {
    const since = performance.now()
    const epoch = await takeOver(db, { channelId, workspaceId }, node)
    if (epoch === undefined) return
    const ref = { channelId, workspaceId, epoch }
    const lease = openLease(LEASE_SECONDS * 1000, since)
    const wanted = await selectWanted(db, ref)
    if (wanted?.leaving) {
      await sayGoodbye({ ...parts, session: ref, lease })
      return release(db, ref)
    }
    const session: Session = openSession({ ...parts, session: ref, lease, connected: (...rest) => parts.connected(session, ...rest) })
    held.set(channelId, session)
    void session.over.then(async () => {
      if (held.get(channelId) === session) held.delete(channelId)
      await release(db, ref).catch(() => undefined) // the lease ends by itself
      look()
    })
  }

  const mind = async (session: Session) => {
    const wanted = await selectWanted(db, session.ref)
    if (!wanted || wanted.state === 'closed') session.stop()
    else if (wanted.fresh) session.beginAnew()
    else session.look()
  }

  const round = async () => {
    const orphans = await selectOrphans(db, TAKEN_AT_ONCE)
    for (const orphan of orphans) if (!closed && !held.has(orphan.channelId)) await take(orphan)
    again ||= orphans.length === TAKEN_AT_ONCE
  }

  const look = () => {
    if (closed) return
    busy = busy
      .then(async () => {
        again = false
        await round()
        if (again) setImmediate(look)
      })
      .catch((error: unknown) => log.warn({ error: reasonIn(error) }, 'a look for own numbers failed'))
  }

  const renewAll = async () => {
    const since = performance.now()
    const sessions = [...held.values()]
    if (sessions.length === 0) return
    const ours = await renew(
      db,
      sessions.map(({ ref }) => ref),
    )
    for (const session of sessions) {
      if (ours.has(session.ref.channelId)) session.lease.renewed(since)
      else session.stop()
    }
  }

  /** Needs no database: whoever may have lost a session ends it before another can begin. */
  const watch = () => {
    const now = performance.now()
    const stoodStill = now - watched > STOOD_STILL_MS
    watched = now
    for (const session of held.values()) {
      if (stoodStill || !session.lease.isSure) session.stop()
      else if ((session.connection?.acks.silence ?? 0) >= SILENT_SENDS) session.renewConnection()
    }
  }

  const quietly = (work: () => Promise<void>) => () =>
    void work().catch((error: unknown) => log.warn({ error: reasonIn(error) }, 'own numbers could not be renewed'))

  return {
    get: (channelId) => held.get(channelId),
    held: () => [...held.values()],
    changed(channelId) {
      const session = held.get(channelId)
      if (session) quietly(() => mind(session))()
      else look()
    },
    start() {
      watched = performance.now()
      timers.push(setInterval(look, LOOK_MS), setInterval(quietly(renewAll), RENEW_MS), setInterval(watch, WATCH_MS))
      for (const timer of timers) timer.unref()
      look()
    },
    async close() {
      closed = true
      for (const timer of timers.splice(0)) clearInterval(timer)
      await busy
      const sessions = [...held.values()]
      for (const session of sessions) session.stop()
      await Promise.all(sessions.map(({ over }) => over))
      for (const { ref } of sessions) await release(db, ref).catch(() => undefined)
    },
  }
}
