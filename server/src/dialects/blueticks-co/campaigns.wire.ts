import { z } from 'zod'
import type { CampaignState, CountedCampaign, CountedState } from '#core/campaigns'
import type { EventName } from './catalogue.wire.ts'
import { readId, showId } from './ids.wire.ts'
import { E164 } from './key.wire.ts'

const NO_SUCH = '00000000-0000-0000-0000-000000000000'

export const NewCampaign = z
  .strictObject({
    name: z.string().trim().min(1).max(120),
    audienceId: z
      .string()
      .max(64)
      .transform((text) => readId('aud', text) ?? NO_SUCH),
    text: z.string().min(1).max(4096).optional().describe('{tokens} take the words of each contact'),
    mediaUrl: z.string().min(1).max(2048).optional(),
    mediaCaption: z.string().min(1).max(1024).optional(),
    onMissingVariable: z.enum(['fail', 'skip']).default('fail').describe('skip: the message is sent with the token as it stands'),
    from: z.string().regex(E164, 'must be a phone number like +14155551234').optional(),
  })
  .refine(({ text, mediaUrl }) => text !== undefined || mediaUrl !== undefined, { path: ['text'], message: 'text or mediaUrl is required' })
  .refine(({ mediaUrl, mediaCaption }) => mediaCaption === undefined || mediaUrl !== undefined, {
    path: ['mediaCaption'],
    message: 'needs mediaUrl',
  })
  .refine(
    ({ text, mediaUrl, mediaCaption }) =>
      mediaUrl === undefined || text === undefined || mediaCaption === undefined || text === mediaCaption,
    {
      path: ['mediaCaption'],
      message: 'a file has one caption: give it as text or as mediaCaption',
    },
  )
  .meta({
    example: {
      name: 'Spring',
      audienceId: 'aud_01k6yzn8td53x8xhz8a2hzgxjp',
      text: 'Hello {firstName}, spring is here.',
      onMissingVariable: 'fail',
    },
  })

/** This product's word -> ours. */
export const ON_MISSING = { fail: 'fail', skip: 'leaveToken' } as const

const STATUS: Readonly<Record<CampaignState, string>> = {
  draft: 'pending',
  scheduled: 'pending',
  running: 'running',
  paused: 'paused',
  completed: 'complete_sent',
  cancelled: 'aborted',
  failed: 'aborted',
}

const READ: readonly CountedState[] = ['read', 'played']
const DELIVERED: readonly CountedState[] = ['delivered', ...READ]
const SENT: readonly CountedState[] = ['sent', ...DELIVERED]
const FAILED: readonly CountedState[] = ['failed', 'expired']

export function showCampaign(campaign: CountedCampaign, from: string | undefined) {
  const { state, counts, total = 0, endedAt } = campaign
  const sum = (states: readonly CountedState[]) => states.reduce((count, name) => count + (counts.byState[name] ?? 0), 0)
  const isDelivered = state === 'completed' && !counts.byState.sent
  const id = showId('cmp', campaign.id)
  return {
    id,
    cmpId: id,
    name: campaign.name,
    audienceId: showId('aud', campaign.audienceId),
    status: isDelivered ? 'complete_delivered' : STATUS[state],
    totalCount: total,
    sentCount: sum(SENT),
    deliveredCount: sum(DELIVERED),
    readCount: sum(READ),
    failedCount: sum(FAILED),
    from: from ?? null,
    createdAt: campaign.createdAt.toISOString(),
    startedAt: campaign.startedAt?.toISOString() ?? null,
    completedAt: state === 'completed' ? (endedAt?.toISOString() ?? null) : null,
    abortedAt: state === 'cancelled' || state === 'failed' ? (endedAt?.toISOString() ?? null) : null,
  }
}

const MOMENTS: Readonly<Partial<Record<EventName, string>>> = {
  'campaign.started': 'running',
  'campaign.paused': 'paused',
  'campaign.resumed': 'running',
  'campaign.completed': 'complete_sent',
  'campaign.aborted': 'aborted',
}
export const isCampaignEvent = (name: EventName): boolean => name in MOMENTS

/** A campaign as it stood when something happened to it, with the figures of now. */
export const showCampaignEvent = (campaign: CountedCampaign, from: string | undefined, name: EventName) => {
  const shown = showCampaign(campaign, from)
  const notYet = name === 'campaign.completed' || name === 'campaign.aborted' ? {} : { completedAt: null, abortedAt: null }
  return { ...shown, ...notYet, status: MOMENTS[name] ?? shown.status, campaignId: shown.id }
}
