import type { SessionRef } from '#core/channels'
import { reasonIn } from '#kit/errors'
import { openLease } from './lease.ts'
import { LEASE_SECONDS, release, selectOrphans, selectWanted, takeOver } from './owners.store.ts'
import { openGoodbye } from './say-goodbye.ts'
import { openSession } from './session.ts'
import type { Session, SessionParts } from './session-parts.ts'

export type TakerParts = Omit<SessionParts, 'session' | 'lease' | 'connected'> & {
  /** Names this process to the others. */
  node: string
  connected(session: Session, ...rest: Parameters<SessionParts['connected']>): void
}

/** Takes the numbers that nobody holds. */
export interface Taker {
  /** There may be some. */
  look(): void
  /** Takes no more; resolves when those held are let go. */
  close(): Promise<void>
}

const TAKEN_AT_ONCE = 10

export function openTaker({ node, ...parts }: TakerParts, held: Map<string, Session>): Taker {
  const { db, log } = parts
  const goings = new Set<Promise<void>>()
  let closed = false
  let busy: Promise<void> = Promise.resolve()

  const hold = (session: Session) => {
    const { ref } = session
    held.set(ref.channelId, session)
    const going = session.over.then(async () => {
      await release(db, ref).catch(() => undefined) // the lease ends by itself
      held.delete(ref.channelId)
      goings.delete(going)
      look()
    })
    goings.add(going)
  }

  /** False: somebody was faster. */
  const take = async (orphan: Pick<SessionRef, 'channelId' | 'workspaceId'>): Promise<boolean> => {
    const since = performance.now()
    const epoch = await takeOver(db, orphan, node)
    if (epoch === undefined) return false
    const ref = { ...orphan, epoch }
    const lease = openLease(LEASE_SECONDS * 1000, since)
    const wanted = await selectWanted(db, ref)
    if (wanted?.leaving) hold(openGoodbye({ ...parts, session: ref, lease }))
    else if (!wanted || wanted.state === 'closed')
      await release(db, ref) // it was closed while we took it
    else {
      const session: Session = openSession({
        ...parts,
        session: ref,
        lease,
        connected: (...rest) => parts.connected(session, ...rest),
      })
      hold(session)
    }
    return true
  }

  const round = async () => {
    if (closed) return
    const orphans = await selectOrphans(db, [...held.keys()], TAKEN_AT_ONCE)
    let taken = 0
    for (const orphan of orphans) if (!closed && (await take(orphan))) taken++
    if (taken > 0 && orphans.length === TAKEN_AT_ONCE) setImmediate(look)
  }

  const look = () => {
    if (closed) return
    busy = busy.then(round).catch((error: unknown) => log.warn({ error: reasonIn(error) }, 'a look for own numbers failed'))
  }

  return {
    look,
    async close() {
      closed = true
      await busy
      for (const session of held.values()) session.stop()
      await Promise.all(goings)
    },
  }
}
