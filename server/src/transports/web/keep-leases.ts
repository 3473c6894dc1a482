import type { Db } from '#kit/db'
import { reasonIn } from '#kit/errors'
import type { Logger } from '#kit/log'
import { renew } from './owners.store.ts'
import type { Session } from './session-parts.ts'

const RENEW_MS = 4_000
const WATCH_MS = 250
/** A tick so late: the process stood still, and nobody knows for how long. */
const STOOD_STILL_MS = 5_000
/** Sends in a row without an answer: open, but dead. */
const SILENT_SENDS = 2

/** Keeps what this process holds, tells it how it stands, and lets go in time. Answers what ends that. */
export function keepLeases(db: Db, log: Logger, held: ReadonlyMap<string, Session>): () => void {
  let watched = performance.now()

  const renewAll = async () => {
    const since = performance.now()
    const sessions = [...held.values()]
    if (sessions.length === 0) return
    const ours = await renew(
      db,
      sessions.map(({ ref }) => ref),
    )
    for (const session of sessions) {
      const standing = ours.get(session.ref.channelId)
      if (!standing) session.stop()
      else {
        session.lease.renewed(since)
        session.heard(standing) // whatever was said by NOTIFY and not heard
      }
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

  const failed = (error: unknown) => log.warn({ error: reasonIn(error) }, 'own numbers could not be renewed')
  const timers = [setInterval(() => void renewAll().catch(failed), RENEW_MS), setInterval(watch, WATCH_MS)]
  for (const timer of timers) timer.unref()
  return () => {
    for (const timer of timers) clearInterval(timer)
  }
}
