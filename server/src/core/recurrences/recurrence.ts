import type { Content } from '#core/content'
import type { Template } from './recurrence-input.ts'

export const RECURRENCE_STATES = ['active', 'paused', 'completed', 'cancelled'] as const
export type RecurrenceState = (typeof RECURRENCE_STATES)[number]

/** When: a rule of RFC 5545, read in the local time of a zone. */
export type Series = {
  rule: string
  /** Local, without a zone: 2031-05-04T09:30:00. */
  startsAt: string
  timeZone: string
}

/** A message that comes again and again. */
export type Recurrence = Series & {
  id: string
  workspaceId: string
  state: RecurrenceState
  /** E.164, or the JID of a group or newsletter. */
  address: string
  template: Template
  /** The last occurrence that was sent, skipped or missed. */
  handledThrough: Date | undefined
  /** The next one that is not skipped, by the rule. */
  nextOccurrence: Date | undefined
  /** When its message leaves. */
  nextAt: Date | undefined
  /** What was due by then is passed over. */
  silentUntil: Date | undefined
  version: number
  createdAt: Date
  updatedAt: Date
  endedAt: Date | undefined
}

/** One occurrence that is not like the others. */
export type OccurrenceChange = {
  occurrence: Date
  skipped: boolean
  sendAt: Date | undefined
  content: Content | undefined
}

/** A time to come: by the rule, and when it leaves. */
export type Occurrence = { occurrence: Date; sendAt: Date; content: Content | undefined; changed: boolean }

export const isLive = (state: RecurrenceState): boolean => state === 'active' || state === 'paused'
