import { randomUUID } from 'node:crypto'
import type { RaisedEvent } from '#kit/context'
import type { Database } from '#kit/db'
import type { Logger } from '#kit/log'
import { ANY, openNodeTeller } from './node-teller.ts'

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

export function openEventHub({ database, log }: { database: Pick<Database, 'db'>; log: Logger }): EventHub {
  const node = randomUUID()
  const readers = new Map<string, Set<() => void>>()
  const everywhere = new Set<(workspaceId: string | undefined) => void>()
  const others = openNodeTeller({ database, log, node })

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
      others.tell(ids)
      wake(ids)
    },
    heard(payload) {
      const [sender, words = ANY] = payload.split(' ')
      if (sender === node) return
      if (words === ANY) wakeAll()
      else wake(words.split(','))
    },
    close: () => others.close(),
  }
}
