import { type Database, inTransaction, isConnectionLoss } from '#kit/db'
import type { Logger } from '#kit/log'
import { notifyEvents } from './event-hub.store.ts'

/** Tells the other nodes which workspaces have new events, by NOTIFY: `<who tells> <workspaces, or *>`. */
export interface NodeTeller {
  /** Told within a few milliseconds, together with whatever else came. */
  tell(workspaceIds: Iterable<string>): void
  /** Resolves when everything is told. */
  close(): Promise<void>
}

/** In place of names: any workspace. */
export const ANY = '*'

const NOTIFY_EVERY_MS = 5
const NAMED_MOST = 50

type Parts = { database: Pick<Database, 'db'>; log: Logger /** Who tells. */; node: string }

export function openNodeTeller({ database, log, node }: Parts): NodeTeller {
  const fresh = new Set<string>()
  let timer: NodeJS.Timeout | undefined
  let telling: Promise<void> | undefined
  let closed = false

  const tellOthers = async () => {
    timer = undefined
    const ids = [...fresh]
    fresh.clear()
    const payload = `${node} ${ids.length > NAMED_MOST ? ANY : ids.join(',')}`
    try {
      await inTransaction(database.db, { relaxed: true }, (tx) => notifyEvents(tx, payload))
    } catch (error) {
      if (!isConnectionLoss(error)) log.warn({ error }, 'other nodes were not told of new events; they find them by polling')
    }
    telling = undefined
    if (fresh.size > 0) arm()
  }
  // one NOTIFY at a time: its commit takes a lock of the whole server
  const arm = () => {
    if (timer || telling || closed) return
    timer = setTimeout(() => {
      telling = tellOthers()
    }, NOTIFY_EVERY_MS)
  }

  return {
    tell(workspaceIds) {
      for (const id of workspaceIds) fresh.add(id)
      arm()
    },
    async close() {
      closed = true
      clearTimeout(timer)
      if (timer && fresh.size > 0) telling = tellOthers()
      await telling
    },
  }
}
