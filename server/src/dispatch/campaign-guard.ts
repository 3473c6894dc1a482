import type { Alarm, Guard } from '#core/campaigns'
import type { LockedMessage } from '#core/messages'

/** What the network says when it has had enough of a sender: pauses a campaign at once. */
const BLOCK_SIGNALS = new Set(['131048', '131031', '368', '130497'])
/** Tries after which older ones count half: what matters is how it goes now. */
const RECENT = 1_000
const CAMPAIGNS_MOST = 10_000

type Window = { tried: number; failed: number; signal?: string }
export type Suspect = { campaignId: string; workspaceId: string }

/** Watches how the messages of campaigns end on this node. */
export interface CampaignGuard {
  /** A message has moved. */
  observe(before: Pick<LockedMessage, 'state' | 'campaignId' | 'workspaceId'>, after: Pick<LockedMessage, 'state' | 'code'>): void
  /** A send has ended without an answer: its message is in doubt for minutes, so it counts as failed now. What a crash left in doubt says nothing of the network, and does not come here. */
  observeUnknown(message: Pick<LockedMessage, 'campaignId' | 'workspaceId'>): void
  /** Campaigns in which something failed since the last question. */
  suspects(): Suspect[]
  /** What is wrong, by the campaign's own measure. */
  judge(campaignId: string, guard: Guard): Alarm | undefined
  /** It was paused: what comes after is judged afresh. */
  forget(campaignId: string): void
}

export function openCampaignGuard(): CampaignGuard {
  const windows = new Map<string, Window>()
  const suspected = new Map<string, Suspect>()
  const note = ({ campaignId, workspaceId }: Suspect, isTry: boolean, hasFailed: boolean): Window => {
    if (!windows.has(campaignId) && windows.size >= CAMPAIGNS_MOST) windows.clear()
    const window: Window = windows.get(campaignId) ?? { tried: 0, failed: 0 }
    windows.set(campaignId, window)
    if (isTry) window.tried++
    if (hasFailed) {
      window.failed++
      suspected.set(campaignId, { campaignId, workspaceId })
    }
    if (window.tried > RECENT) {
      window.tried /= 2
      window.failed /= 2
    }
    return window
  }
  return {
    observe({ state, campaignId, workspaceId }, after) {
      if (campaignId === null) return
      const isTry = state === 'scheduled' || state === 'sending'
      const hasFailed = after.state === 'failed'
      if (!hasFailed && !(isTry && after.state !== 'sending' && after.state !== 'scheduled')) return
      if (after.state === 'cancelled' || after.state === 'skipped' || after.state === 'expired') return
      const window = note({ campaignId, workspaceId }, isTry, hasFailed)
      if (hasFailed && after.code !== null && BLOCK_SIGNALS.has(after.code)) window.signal = after.code
    },
    observeUnknown({ campaignId, workspaceId }) {
      if (campaignId !== null) note({ campaignId, workspaceId }, true, true)
    },
    suspects() {
      const list = [...suspected.values()]
      suspected.clear()
      return list
    },
    judge(campaignId, { failurePercent, least }) {
      const window = windows.get(campaignId)
      if (!window) return undefined
      const { signal, failed, tried } = window
      const figures = { failed: Math.round(failed), tried: Math.round(tried) }
      if (signal !== undefined) return { reason: `The network warned the sender (${signal})`, ...figures }
      if (tried < least || (failed / tried) * 100 <= failurePercent) return undefined
      return { reason: `${Math.round((failed / tried) * 100)} % of the last ${figures.tried} messages failed`, ...figures }
    },
    forget(campaignId) {
      windows.delete(campaignId)
    },
  }
}
