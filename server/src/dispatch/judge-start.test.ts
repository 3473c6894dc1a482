import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Capabilities } from '#core/transport'
import { newId } from '#kit/ids'
import { judgeStart, type StartRow, type StartRules } from './judge-start.ts'

const now = new Date('2026-03-01T12:00:00Z')
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000)

const capabilities: Capabilities = {
  content: ['text', 'template'],
  templates: true,
  groups: false,
  newsletters: false,
  presence: false,
  window: false,
  pair: undefined,
  choosesWireId: false,
  markRead: true,
  session: undefined,
  lookups: false,
  linkPreviews: false,
  pins: false,
  edits: false,
  revokes: false,
  captionMost: 1024,
  nativeMedia: { image: [], video: [], audio: [], voice: [], sticker: [] },
}
const rules = (more: Partial<Capabilities> = {}): StartRules => ({
  now,
  capabilities: { ...capabilities, ...more },
  isReady: true,
  reconcileMs: 120_000,
  reconcileMostMs: 600_000,
  listeningSince: ago(86_400),
})

const row = (more: Partial<StartRow> = {}): StartRow => ({
  workspaceId: newId(),
  id: newId(),
  channelId: newId(),
  conversationId: newId(),
  contactId: null,
  campaignId: null,
  campaign: null,
  state: 'scheduled',
  attempt: 0,
  wireId: null,
  code: null,
  reason: null,
  advice: null,
  onUnknown: 'retry',
  sendAt: null,
  expiresAt: null,
  callbackUrl: null,
  door: null,
  facts: null,
  sendingAt: null,
  sentAt: null,
  deliveredAt: null,
  readAt: null,
  playedAt: null,
  endedAt: null,
  content: { type: 'text', text: 'hi' },
  address: '+12025550123',
  lane: 0,
  category: null,
  lateSeconds: 21_600,
  lateAction: 'expire',
  outsideWindow: 'refuse',
  targetWireId: null,
  target: null,
  leased: true,
  dueAt: ago(1),
  behind: false,
  paused: false,
  lastInboundAt: null,
  optedOutAt: null,
  timeZone: null,
  pairFreeAt: null,
  channelHeardAt: null,
  channelBehind: false,
  ...more,
})

describe('the start of a message', () => {
  it('goes when nothing speaks against it', () => {
    const verdict = judgeStart(row(), rules())
    expect(verdict).toMatchObject({ go: true, change: { after: { state: 'sending', attempt: 1, sendingAt: now } } })
  })

  it.each([
    ['its lease was taken over', row({ leased: false }), { is: 'kept' }],
    ['it was cancelled', row({ state: 'cancelled' }), { is: 'done' }],
    ['its channel is paused', row({ paused: true }), { is: 'later', dueAt: ago(1), held: false, parked: false }],
    ['somebody is before it', row({ behind: true }), { is: 'later', dueAt: new Date(now.getTime() + 5_000), held: false, parked: true }],
  ])('does not go when %s', (_, one, work) => {
    expect(judgeStart(one, rules())).toMatchObject({ go: false, change: { work } })
  })

  it.each([
    ['its expiry is over', row({ expiresAt: ago(1) }), 'expired', 'expired'],
    ['it is too late', row({ sendAt: ago(21_601) }), 'expired', 'late'],
    ['a campaign meets an opt-out', row({ lane: 2, optedOutAt: ago(5) }), 'skipped', 'opted_out'],
    ['marketing meets an opt-out', row({ category: 'marketing', optedOutAt: ago(5) }), 'skipped', 'opted_out'],
  ])('ends when %s', (_, one, state, code) => {
    expect(judgeStart(one, rules())).toMatchObject({ go: false, change: { after: { state, code }, work: { is: 'done' } } })
  })

  const running = {
    state: 'running',
    settings: { onMissingVariable: 'fail', zone: 'sender', guard: null },
    timeZone: null,
    workspaceTimeZone: 'UTC',
  } as const
  const inCampaign = (more: Partial<NonNullable<StartRow['campaign']>>, others: Partial<StartRow> = {}) =>
    row({ lane: 2, campaignId: newId(), campaign: { ...running, ...more }, ...others })

  it.each([
    ['its campaign was cancelled', inCampaign({ state: 'cancelled' }), 'cancelled', null],
    ['its campaign failed', inCampaign({ state: 'failed' }), 'cancelled', null],
    ['its campaign ended', inCampaign({}, { expiresAt: ago(1) }), 'skipped', 'campaign_ended'],
  ])('ends when %s', (_, one, state, code) => {
    expect(judgeStart(one, rules())).toMatchObject({ go: false, change: { after: { state, code }, work: { is: 'done' } } })
  })

  it('waits while its campaign is paused, and until the person\u2019s night is over', () => {
    expect(judgeStart(inCampaign({}), rules()).go).toBe(true)
    expect(judgeStart(inCampaign({ state: 'paused' }), rules())).toMatchObject({
      go: false,
      change: { work: { is: 'later', dueAt: ago(1) } },
    })
    const settings = { ...running.settings, quietHours: { from: '21:00', to: '08:00' } }
    expect(judgeStart(inCampaign({ settings, timeZone: 'Europe/Berlin' }), rules()).go).toBe(true) // 13:00 there
    const { change, go } = judgeStart(inCampaign({ settings, timeZone: 'America/Los_Angeles' }), rules()) // 4:00 there
    expect(go).toBe(false)
    expect(change.work).toMatchObject({ is: 'later', parked: false, held: false })
    const dueAt = change.work.is === 'later' ? change.work.dueAt : now
    expect(dueAt.getTime() - new Date('2026-03-01T16:00:00Z').getTime()).toBeGreaterThanOrEqual(0)
    expect(dueAt.getTime() - new Date('2026-03-01T16:00:00Z').getTime()).toBeLessThanOrEqual(15 * 60_000)
  })

  it('passes an opt-out when it is transactional', () => {
    expect(judgeStart(row({ optedOutAt: ago(5) }), rules()).go).toBe(true)
  })

  it('holds what is too late when a person wants to decide', () => {
    const verdict = judgeStart(row({ sendAt: ago(30_000), lateAction: 'hold' }), rules())
    expect(verdict).toMatchObject({ go: false, change: { after: { state: 'scheduled', facts: { heldLate: true } } } })
  })

  it('needs an open window for free words, not for a template, not when asked to try', () => {
    const closed = rules({ window: true })
    expect(judgeStart(row({ lastInboundAt: ago(86_401) }), closed)).toMatchObject({
      go: false,
      change: { after: { state: 'failed', code: 'window_closed' } },
    })
    expect(judgeStart(row({ lastInboundAt: ago(86_399) }), closed).go).toBe(true)
    expect(judgeStart(row({ content: { type: 'template', name: 'a', language: 'en', components: [] } }), closed).go).toBe(true)
    expect(judgeStart(row({ outsideWindow: 'attempt' }), closed).go).toBe(true)
  })

  it('never starts more of a pair than burst + time / interval', () => {
    const pair = { everySeconds: 6, burst: 45 }
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 1, maxLength: 400 }), (gaps) => {
        let free: Date | null = null
        let time = now.getTime()
        const starts: number[] = []
        for (const gap of gaps) {
          time += gap
          const verdict = judgeStart(row({ pairFreeAt: free }), { ...rules({ pair }), now: new Date(time) })
          if (!verdict.go) continue
          starts.push(time)
          free = verdict.pairFreeAt ?? null
        }
        for (let i = 0; i < starts.length; i++) {
          for (let j = i; j < starts.length; j++) {
            const window = ((starts[j] ?? 0) - (starts[i] ?? 0)) / 1000
            expect(j - i + 1).toBeLessThanOrEqual(Math.floor(window / 6) + 45 + 1)
          }
        }
      }),
      { numRuns: 30 },
    )
  })
})

describe('a message begun before', () => {
  const begun = (seconds: number, more: Partial<StartRow> = {}) => row({ state: 'sending', attempt: 1, sendingAt: ago(seconds), ...more })

  it('waits for its window while the network is heard, and longer when it is not', () => {
    expect(judgeStart(begun(10), rules())).toMatchObject({ go: false, change: { work: { is: 'later', held: true } } })
    expect(judgeStart(begun(130), rules())).toMatchObject({ go: false, change: { work: { is: 'later' } } })
    expect(judgeStart(begun(130, { channelHeardAt: ago(60), channelBehind: true }), rules()).go).toBe(false)
    expect(judgeStart(begun(130, { channelHeardAt: ago(60) }), rules())).toMatchObject({
      go: true,
      again: true,
      change: { after: { attempt: 2 } },
    })
    expect(judgeStart(begun(601), rules()).go).toBe(true)
  })

  it('counts the window from when its receipts could reach us again', () => {
    const restarted = { ...rules(), listeningSince: ago(100) }
    expect(judgeStart(begun(700, { channelHeardAt: ago(60) }), restarted)).toMatchObject({ go: false, change: { work: { is: 'later' } } })
    expect(judgeStart(begun(700, { channelHeardAt: ago(60) }), { ...rules(), listeningSince: ago(121) }).go).toBe(true)
    // what was heard before the house fell proves nothing of after
    expect(judgeStart(begun(700, { channelHeardAt: ago(500) }), { ...rules(), listeningSince: ago(121) }).go).toBe(false)
  })

  it('fails instead when its policy says so', () => {
    const verdict = judgeStart(begun(130, { onUnknown: 'fail', channelHeardAt: ago(60) }), rules())
    expect(verdict).toMatchObject({ go: false, change: { after: { state: 'failed', code: 'outcome_unknown' } } })
  })

  it('goes again at once where its wire id is ours', () => {
    expect(judgeStart(begun(6, { onUnknown: 'fail' }), rules({ choosesWireId: true }))).toMatchObject({ go: true, again: false })
  })
})
