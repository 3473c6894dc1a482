import type { Ports } from '#kit/context'
import { appendEvents } from './append-events.ts'
import type { EventHub } from './event-hub.ts'

/** What verbs and batch writers get to write events with. */
export const eventsPort = (hub: Pick<EventHub, 'hint'>): Ports['events'] => ({ append: appendEvents, hint: (events) => hub.hint(events) })
