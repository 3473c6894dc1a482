import { type CampaignSettings, type CampaignState, outOfQuiet, withJitter, zonesOf } from '#core/campaigns'
import type { Content, InboundContent } from '#core/content'
import { applyWindowOver, type Change, fail, type LockedMessage, move, unchanged } from '#core/messages'
import type { Capabilities } from '#core/transport'
import type { ColdTurn } from './judge-cold.ts'

/** A leased message at the moment of its start: locked, with everything the laws ask about. */
export type StartRow = LockedMessage & {
  content: Content
  address: string
  category: string | null
  lateSeconds: number | null
  lateAction: 'expire' | 'hold'
  outsideWindow: 'refuse' | 'attempt'
  targetWireId: string | null
  /** What it replies or reacts to, where we hold that. */
  target: { fromMe: boolean; author: string | null; content: InboundContent } | null
  /** The lease is still this claim's. */
  leased: boolean
  dueAt: Date
  /** Another message to the same person in the same lane comes first. */
  behind: boolean
  paused: boolean
  lastInboundAt: Date | null
  optedOutAt: Date | null
  /** Where the person's clock stands, when his contact says so. */
  timeZone: string | null
  /** Pair limit: when its next place is free. */
  pairFreeAt: Date | null
  /** Up to when the network has told us its side. */
  channelHeardAt: Date | null
  /** Of a message that is part of a campaign: how that stands, and what binds it. */
  campaign: { state: CampaignState; settings: CampaignSettings; timeZone: string | null; workspaceTimeZone: string } | null
  /** What its channel's rules for cold contacts say; undefined: it is for none, or there are no such rules. */
  cold?: ColdTurn | undefined
  /** Raw events of this channel wait to be parsed. */
  channelBehind: boolean
}

export type StartRules = {
  now: Date
  capabilities: Capabilities
  /** What is started can leave at once. */
  isReady: boolean
  /** How long an unknown outcome waits for its receipts, and how long at most when nothing is heard of the channel. */
  reconcileMs: number
  reconcileMostMs: number
  /** Since when we can hear the network without a break: what it told a dead house or database comes again only after that. */
  listeningSince: Date
}

/** go: the message starts (or starts again) and its content may be written; pairFreeAt: what its pair must be set to; isCold: the rules for cold contacts were asked. */
export type Verdict = { change: Change; go: boolean; again?: boolean; pairFreeAt?: Date; isCold?: boolean }

const PARK_MS = 5_000
/** Until a connection that is on its way is there. */
export const NOT_READY_MS = 1_000
const FAR_FUTURE = new Date('9999-12-31T00:00:00Z')
const DAY_MS = 86_400_000
const CAMPAIGN_LANES_FROM = 1

/** The point of no return, decided: laws 3 and 4 in one place. Everything before it wins, nothing after it does. */
export function judgeStart(row: StartRow, rules: StartRules): Verdict {
  if (!row.leased) return { change: unchanged(row), go: false }
  if (row.state === 'sending') return judgeUnsettled(row, rules)
  if (row.state !== 'scheduled') return { change: { ...unchanged(row), work: { is: 'done' } }, go: false }
  // an edit that this start had to wait for: its lease is older than the new time
  if (row.sendAt && row.sendAt > rules.now) return later(row, row.sendAt, false)
  const ended = judgeEnd(row, rules)
  if (ended) return { change: ended, go: false }
  const { now } = rules
  if (row.paused || row.campaign?.state === 'paused') return later(row, row.dueAt, false)
  if (!rules.isReady) return later(row, new Date(now.getTime() + NOT_READY_MS), false)
  const quietUntil = quietFor(row, now)
  if (quietUntil) return later(row, quietUntil, false)
  // before it looks behind whom it is: it may be behind another of the line, for days
  const waits = waitCold(row)
  if (waits) return waits
  if (row.behind) return later(row, new Date(now.getTime() + PARK_MS), true)
  const pair = judgePair(row, rules)
  if (pair.wait) return later(row, pair.wait, true)
  const change = move(
    unchanged(row),
    'sending',
    { attempt: row.attempt + 1, sendingAt: now },
    { attempt: row.attempt + 1, dueAt: row.dueAt.toISOString(), ...(row.sendAt && { sendAt: row.sendAt.toISOString() }) },
  )
  return { change, go: true, ...(pair.freeAt && { pairFreeAt: pair.freeAt }) }
}

const later = (row: StartRow, dueAt: Date, parked: boolean): Verdict => ({
  change: { ...unchanged(row), work: { is: 'later', dueAt, held: false, parked } },
  go: false,
})

/** In line until it is called, or until it is open where the person lives; woken when its own time is over, to be told so. */
function waitCold(row: StartRow): Verdict | undefined {
  if (!row.cold || row.cold.is === 'free') return undefined
  const isInLine = row.cold.is === 'line'
  const wanted = row.cold.is === 'line' ? FAR_FUTURE : row.cold.at
  const lateAt = row.sendAt && row.lateSeconds !== null ? row.sendAt.getTime() + row.lateSeconds * 1000 : Number.POSITIVE_INFINITY
  const endsAt = Math.min(row.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY, lateAt) + 1
  const dueAt = new Date(Math.min(wanted.getTime(), endsAt))
  return { change: { ...unchanged(row), work: { is: 'later', dueAt, held: false, parked: !isInLine, inLine: isInLine } }, go: false }
}

/** What ends a message instead of starting it. */
function judgeEnd(row: StartRow, { now, capabilities }: StartRules): Change | undefined {
  const change = unchanged(row)
  if (row.campaign?.state === 'cancelled' || row.campaign?.state === 'failed')
    return { ...move(change, 'cancelled', { endedAt: now }), work: { is: 'done' } }
  const over = overByTime(row, now)
  if (over) return over
  if (row.sendAt && row.lateSeconds !== null && now.getTime() > row.sendAt.getTime() + row.lateSeconds * 1000) return tooLate(row, now)
  if (isUnwanted(row))
    return fail(change, { code: 'opted_out', reason: 'The person asked for no more messages of this kind' }, now, 'skipped')
  const windowOpen = row.lastInboundAt !== null && row.lastInboundAt.getTime() + DAY_MS > now.getTime()
  if (capabilities.window && !windowOpen && row.outsideWindow === 'refuse' && row.content.type !== 'template') {
    return fail(
      change,
      {
        code: 'window_closed',
        reason: 'The person has not written in the last 24 hours',
        advice: 'Send a template, or wait until they write.',
      },
      now,
    )
  }
  return undefined
}

/** Its own end has come, or that of its campaign. */
export function overByTime(message: LockedMessage, now: Date): Change | undefined {
  if (!message.expiresAt || message.expiresAt >= now) return undefined
  return message.campaignId
    ? fail(unchanged(message), { code: 'campaign_ended', reason: 'The campaign ended before it could be sent' }, now, 'skipped')
    : fail(unchanged(message), { code: 'expired', reason: 'Its time was over before it could be sent' }, now, 'expired')
}

/** An opt-out binds campaigns, sequences and marketing; everything else passes. */
const isUnwanted = ({ lane, category, optedOutAt }: StartRow): boolean =>
  optedOutAt !== null && (lane >= CAMPAIGN_LANES_FROM || category === 'marketing')

/** Nobody is written to in his night: when it is over. */
function quietFor({ id, address, campaign }: StartRow, now: Date): Date | undefined {
  const quietHours = campaign?.settings.quietHours
  if (!quietHours) return undefined
  const zones = zonesOf({ timeZone: campaign.timeZone ?? undefined, address }, campaign.workspaceTimeZone)
  const freeFrom = (at: Date) => outOfQuiet(quietHours, zones, at)
  const free = freeFrom(now)
  return free > now ? withJitter(free, id, freeFrom) : undefined
}

function tooLate(row: StartRow, now: Date): Change {
  const reason = `It could not be sent within ${row.lateSeconds} s of its time`
  if (row.lateAction === 'expire') return fail(unchanged(row), { code: 'late', reason }, now, 'expired')
  // a person gives it a new time or cancels it; those behind it wait no longer than behind any other
  return {
    ...unchanged(row),
    after: { ...row, facts: { ...row.facts, heldLate: true } },
    work: { is: 'later', dueAt: FAR_FUTURE, held: true, parked: false },
  }
}

/** The pair limit as one timestamp (GCRA): `freeAt` runs ahead of now by what was used of the burst. */
function judgePair({ pairFreeAt }: StartRow, { now, capabilities }: StartRules): { wait?: Date; freeAt?: Date } {
  if (!capabilities.pair) return {}
  const everyMs = capabilities.pair.everySeconds * 1000
  const arrival = Math.max(pairFreeAt?.getTime() ?? 0, now.getTime())
  const earliest = arrival - (capabilities.pair.burst - 1) * everyMs
  return earliest > now.getTime() ? { wait: new Date(earliest) } : { freeAt: new Date(arrival + everyMs) }
}

/** Begun before, and nobody told how it ended: the process died, or the outcome is unknown. */
function judgeUnsettled(row: StartRow, rules: StartRules): Verdict {
  if (row.paused) return later(row, row.dueAt, false)
  if (!rules.isReady) return later(row, new Date(rules.now.getTime() + NOT_READY_MS), false)
  return judgeAgain(isUnwanted(row) ? { ...row, onUnknown: 'fail' } : row, rules)
}

function judgeAgain(row: StartRow, { now, capabilities, reconcileMs, reconcileMostMs, listeningSince }: StartRules): Verdict {
  if (capabilities.choosesWireId) {
    const again = applyWindowOver(unchanged(isUnwanted(row) ? row : { ...row, onUnknown: 'retry' }), now)
    return { change: again.change, go: again.again, again: false } // the same wire id is the same bubble
  }
  // the window runs while its receipts can reach us
  const begun = Math.max(row.sendingAt?.getTime() ?? now.getTime(), listeningSince.getTime())
  // told well past its beginning: neither silent nor still busy with what it could not tell before
  const heard = row.channelHeardAt !== null && row.channelHeardAt.getTime() > begun + reconcileMs / 2 && !row.channelBehind
  const until = new Date(begun + (heard ? reconcileMs : reconcileMostMs))
  const next = new Date(Math.min(until.getTime(), now.getTime() < begun + reconcileMs ? begun + reconcileMs : now.getTime() + 5_000))
  if (now < until) return { change: { ...unchanged(row), work: { is: 'later', dueAt: next, held: true, parked: false } }, go: false }
  const over = applyWindowOver(unchanged(row), now)
  return { change: over.change, go: over.again, again: over.again }
}
