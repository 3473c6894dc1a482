import type { RaisedEvent } from '#kit/context'
import { type Db, json, unawaited } from '#kit/db'
import { newId } from '#kit/ids'
import { type CallbackColumns, type EventColumns, insertEvents } from './event.store.ts'

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

/**
 * Numbers events without gaps, in the order given, and writes them. The last statement of a transaction: it locks the workspaces' counters, so it
 * goes to the server together with the commit.
 */
export function appendEvents(tx: Db, events: readonly RaisedEvent[]): void {
  if (events.length === 0) return
  const rows: EventColumns = { workspaceId: [], id: [], type: [], subjects: [], facts: [] }
  const callbacks: CallbackColumns = { place: [], deliveryId: [], receiver: [], details: [] }
  for (const event of events) {
    rows.workspaceId.push(event.workspaceId)
    rows.id.push(event.id)
    rows.type.push(event.type)
    rows.subjects.push(json(event.subjects))
    rows.facts.push(json(event.facts))
    if (event.callback) addCallback(callbacks, event, event.callback, rows.id.length)
  }
  unawaited(tx, insertEvents(tx, rows, callbacks))
}

function addCallback(rows: CallbackColumns, event: RaisedEvent, callback: NonNullable<RaisedEvent['callback']>, place: number): void {
  const details = { ...callback, eventId: event.id, eventType: event.type, messageId: event.subjects.messageId }
  rows.place.push(place)
  rows.deliveryId.push(newId())
  rows.receiver.push(callbackReceiver(callback.url))
  rows.details.push(json(details satisfies Omit<CallbackDetails, 'eventSeq'>)) // its number is not known yet
}
