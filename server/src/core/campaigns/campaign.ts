import type { Content } from '#core/content'
import { OUTGOING_STATES } from '#core/messages'

export const CAMPAIGN_STATES = ['draft', 'scheduled', 'running', 'paused', 'completed', 'cancelled', 'failed'] as const
export type CampaignState = (typeof CAMPAIGN_STATES)[number]

/** What to do with a person who lacks a word that the text asks for. */
export const ON_MISSING = ['fail', 'leaveToken', 'skipRecipient'] as const
export type OnMissing = (typeof ON_MISSING)[number]

/** Local times 'HH:MM' between which nobody is written to; it may go over midnight. */
export type QuietHours = { from: string; to: string }

/** Pauses a campaign by itself: over so many per cent of at least so many tries failed. */
export type Guard = { failurePercent: number; least: number }
export const GUARD_DEFAULT: Guard = { failurePercent: 25, least: 50 }

export type CampaignSettings = {
  onMissingVariable: OnMissing
  /** Whose clock `startAt` means: one moment for all, or the same time of day for each. */
  zone: 'sender' | 'recipient'
  quietHours?: QuietHours | undefined
  guard: Guard | null
  category?: 'marketing' | 'utility' | 'authentication' | 'service' | undefined
}

export type Campaign = {
  id: string
  number: number
  workspaceId: string
  name: string
  channelId: string
  audienceId: string
  queueId: number | undefined
  state: CampaignState
  /** Why it is paused, or failed. */
  reason: string | undefined
  content: Content
  startAt: Date | undefined
  sendUntil: Date | undefined
  settings: CampaignSettings
  door: string | undefined
  retryOf: string | undefined
  /** Members of the audience up to here are recipients. */
  frozenAfter: string | undefined
  frozenAt: Date | undefined
  /** Recipients, once frozen; until then who was in the audience when the campaign was made. */
  total: number | undefined
  lookAt: Date | undefined
  createdAt: Date
  updatedAt: Date
  startedAt: Date | undefined
  endedAt: Date | undefined
}

/** `made`: his message says how he fares. */
export type RecipientState = 'waiting' | 'made' | 'skipped' | 'cancelled' | 'erased'

/** Why somebody was left out, or how his message ended. */
export type Reason = { state: string; code: string; reason: string; advice: string | undefined; count: number }

/** How many recipients are where; `waiting` have no message yet. */
export type CampaignCounts = {
  byState: Readonly<Partial<Record<CountedState, number>>>
  reasons: readonly Reason[]
  /** When the rows were counted. */
  at: Date
}

export const COUNTED_STATES = ['waiting', ...OUTGOING_STATES, 'erased'] as const
export type CountedState = (typeof COUNTED_STATES)[number]

/** A campaign with its figures, as of a moment. */
export type CountedCampaign = Campaign & { counts: CampaignCounts }
