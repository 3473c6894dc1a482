import { reasonIn } from '#kit/errors'
import { openKeyCache } from './auth-state.ts'
import { keepLeases } from './keep-leases.ts'
import { selectWanted } from './owners.store.ts'
import type { Session } from './session-parts.ts'
import { openTaker, type TakerParts } from './take-sessions.ts'

export type SessionsParts = Omit<TakerParts, 'keyCache'>

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

export function openSessions(parts: SessionsParts): Sessions {
  const { db, log } = parts
  const held = new Map<string, Session>()
  const taker = openTaker({ ...parts, keyCache: openKeyCache() }, held)
  let stop = () => {}

  const tell = async (session: Session) => {
    const wanted = await selectWanted(db, session.ref)
    if (wanted) session.heard(wanted)
  }

  return {
    get: (channelId) => held.get(channelId),
    held: () => [...held.values()],
    changed(channelId) {
      const session = held.get(channelId)
      if (!session) taker.look()
      else tell(session).catch((error: unknown) => log.warn({ error: reasonIn(error) }, 'a change of an own number could not be read'))
    },
    start() {
      const looking = setInterval(taker.look, LOOK_MS).unref()
      const letGo = keepLeases(db, log, held)
      stop = () => {
        clearInterval(looking)
        letGo()
      }
      taker.look()
    },
    async close() {
      stop()
      await taker.close()
    },
  }
}
