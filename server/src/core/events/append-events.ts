import type { RaisedEvent } from '#kit/context'
import { type Db, json } from '#kit/db'
import { newId } from '#kit/ids'
import { type CallbackColumns, insertCallbacks, insertEvents, type NumberedColumns, takeNumbers } from './event.store.ts'

/** What an outbox row of kind 'delivery' carries when it tells an event to a message's own callback. */
export type CallbackDetails = {
  url: string
  style: string
  eventId: string
  eventSeq: number
  eventType: string
  messageId: string | undefined
}

/** Callbacks of one host take turns, so that a slow one delays nobody else. */
export const callbackReceiver = (url: string): string => `host:${URL.parse(url)?.host ?? ''}`

/** Numbers events without gaps, in the order given, and writes them. The last thing a transaction does: it locks the workspaces' counters. */
export async function appendEvents(db: Db, events: readonly RaisedEvent[]): Promise<void> {
  if (events.length === 0) return
  const counts = new Map<string, number>()
  for (const { workspaceId } of events) counts.set(workspaceId, (counts.get(workspaceId) ?? 0) + 1)
  const last = await takeNumbers(db, counts)
  const next = new Map<string, number>()
  for (const [workspaceId, count] of counts) {
    const seq = last.get(workspaceId)
    if (seq === undefined) throw new Error(`workspace ${workspaceId} has no event counter`)
    next.set(workspaceId, seq - count)
  }
  const rows: NumberedColumns = { workspaceId: [], seq: [], id: [], type: [], subjects: [], facts: [] }
  const callbacks: CallbackColumns = { workspaceId: [], deliveryId: [], receiver: [], details: [] }
  for (const event of events) {
    const seq = (next.get(event.workspaceId) ?? 0) + 1
    next.set(event.workspaceId, seq)
    addEvent(rows, event, seq)
    if (event.callback) addCallback(callbacks, event, event.callback, seq)
  }
  if (callbacks.deliveryId.length > 0) await insertCallbacks(db, callbacks)
  await insertEvents(db, rows)
}

function addEvent(rows: NumberedColumns, event: RaisedEvent, seq: number): void {
  rows.workspaceId.push(event.workspaceId)
  rows.seq.push(seq)
  rows.id.push(event.id)
  rows.type.push(event.type)
  rows.subjects.push(json(event.subjects))
  rows.facts.push(json(event.facts))
}

function addCallback(rows: CallbackColumns, event: RaisedEvent, callback: NonNullable<RaisedEvent['callback']>, seq: number): void {
  const details = { ...callback, eventId: event.id, eventSeq: seq, eventType: event.type, messageId: event.subjects.messageId }
  rows.workspaceId.push(event.workspaceId)
  rows.deliveryId.push(newId())
  rows.receiver.push(callbackReceiver(callback.url))
  rows.details.push(json(details satisfies CallbackDetails))
}
