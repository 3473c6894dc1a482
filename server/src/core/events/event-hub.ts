import { randomUUID } from 'node:crypto'
import type { RaisedEvent } from '#kit/context'
import { type Database, inTransaction, isConnectionLoss } from '#kit/db'
import type { Logger } from '#kit/log'
import { notifyEvents } from './event-hub.store.ts'

/** Who wants to know that a workspace has new events. A hint, never the events: readers read the table. */
export interface EventHub {
  /** Calls the listener after events of the workspace were committed here, or on another node a moment ago. Answers how to stop. */
  subscribe(workspaceId: string, listener: () => void): () => void
  /** As subscribe, for every workspace; undefined: nobody knows which. */
  subscribeAll(listener: (workspaceId: string | undefined) => void): () => void
  /** Tells readers here at once, and other nodes within a few milliseconds. */
  hint(events: readonly Pick<RaisedEvent, 'workspaceId'>[]): void
  /** What came by NOTIFY chasqui_events; '*' or '' after a gap in listening. */
  heard(payload: string): void
  close(): Promise<void>
}

declare module '#kit/context' {
  interface Ports {
    eventHub: EventHub
  }
}

const NOTIFY_EVERY_MS = 5
const NAMED_MOST = 50
const ALL = '*'

export function openEventHub({ database, log }: { database: Pick<Database, 'db'>; log: Logger }): EventHub {
  const node = randomUUID()
  const readers = new Map<string, Set<() => void>>()
  const everywhere = new Set<(workspaceId: string | undefined) => void>()
  const fresh = new Set<string>()
  let timer: NodeJS.Timeout | undefined
  let telling: Promise<void> | undefined
  let closed = false

  const wake = (workspaceIds: Iterable<string>) => {
    for (const id of workspaceIds) {
      for (const listener of readers.get(id) ?? []) listener()
      for (const listener of everywhere) listener(id)
    }
  }
  const wakeAll = () => {
    for (const listeners of readers.values()) for (const listener of listeners) listener()
    for (const listener of everywhere) listener(undefined)
  }
  const tellOthers = async () => {
    timer = undefined
    const ids = [...fresh]
    fresh.clear()
    const payload = `${node} ${ids.length > NAMED_MOST ? ALL : ids.join(',')}`
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
    subscribe(workspaceId, listener) {
      const listeners = readers.get(workspaceId) ?? new Set()
      readers.set(workspaceId, listeners.add(listener))
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0 && readers.get(workspaceId) === listeners) readers.delete(workspaceId)
      }
    },
    subscribeAll(listener) {
      everywhere.add(listener)
      return () => everywhere.delete(listener)
    },
    hint(events) {
      const ids = new Set(events.map(({ workspaceId }) => workspaceId))
      if (ids.size === 0) return
      for (const id of ids) fresh.add(id)
      arm()
      wake(ids)
    },
    heard(payload) {
      const [sender, words = ALL] = payload.split(' ')
      if (sender === node) return
      if (words === ALL) wakeAll()
      else wake(words.split(','))
    },
    async close() {
      closed = true
      clearTimeout(timer)
      if (timer && fresh.size > 0) telling = tellOthers()
      await telling
    },
  }
}
