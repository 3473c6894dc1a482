import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Outcome } from '#core/transport'
import { newId } from '#kit/ids'
import { ATTEMPTS_MOST, applyOutcome, applyWindowOver, backOffMs } from './apply-outcome.ts'
import { applyReceipt, type Change, type LockedMessage, unchanged } from './message-changes.ts'
import { OUTCOME_UNKNOWN, RECEIPT_STATES } from './message-state.ts'

const at = new Date('2026-03-01T12:00:00Z')
const later = (seconds: number) => new Date(at.getTime() + seconds * 1000)

const message = (more: Partial<LockedMessage> = {}): LockedMessage => ({
  workspaceId: newId(),
  id: newId(),
  channelId: newId(),
  conversationId: newId(),
  contactId: null,
  campaignId: null,
  lane: 0,
  state: 'sending',
  attempt: 1,
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
  sendingAt: at,
  sentAt: null,
  deliveredAt: null,
  readAt: null,
  playedAt: null,
  endedAt: null,
  ...more,
})

const result = (outcome: Outcome, attempt = 1) => ({ attempt, outcome, at, reconcileMs: 120_000 })
const accepted: Outcome = { kind: 'accepted', wireId: 'wamid.A' }
const types = (change: Change) => change.events.map(({ type }) => type)

describe('an outcome', () => {
  it('accepted: sent, with its wire id, and the work is done', () => {
    const change = applyOutcome(unchanged(message()), result(accepted))
    expect(change.after).toMatchObject({ state: 'sent', wireId: 'wamid.A', sentAt: at })
    expect(change.work).toEqual({ is: 'done' })
    expect(types(change)).toEqual(['message.sent'])
  })

  it('accepted after its receipts: only fills the wire id', () => {
    const change = applyOutcome(unchanged(message({ state: 'read', sentAt: at, readAt: at })), result(accepted))
    expect(change.after).toMatchObject({ state: 'read', wireId: 'wamid.A' })
    expect(types(change)).toEqual([])
  })

  it('rejected by the network: failed with its words', () => {
    const change = applyOutcome(unchanged(message()), result({ kind: 'rejected', code: '131026', reason: 'Not on WhatsApp' }))
    expect(change.after).toMatchObject({ state: 'failed', code: '131026', reason: 'Not on WhatsApp', endedAt: at })
    expect(change.work).toEqual({ is: 'done' })
  })

  it('of an older attempt says nothing but what it proves', () => {
    const second = unchanged(message({ attempt: 2 }))
    expect(applyOutcome(second, result({ kind: 'rejected', code: '131026', reason: 'x' }, 1))).toBe(second)
  })

  it('retry: waiting again, later, with its followers held', () => {
    const change = applyOutcome(unchanged(message()), result({ kind: 'retry', code: '130429', reason: 'slow down', afterMs: 4_000 }))
    expect(change.after).toMatchObject({ state: 'scheduled', attempt: 1 })
    expect(change.work).toEqual({ is: 'later', dueAt: later(4), held: true, parked: false })
  })

  it('retry of what never started burns no attempt', () => {
    const change = applyOutcome(unchanged(message()), result({ kind: 'retry', code: 'not_started', reason: 'too late', afterMs: 0 }))
    expect(change.after).toMatchObject({ state: 'scheduled', attempt: 0 })
  })

  it('retry past its expiry: expired; after too many tries: failed', () => {
    const slow: Outcome = { kind: 'retry', code: '131016', reason: 'overloaded', afterMs: 60_000 }
    expect(applyOutcome(unchanged(message({ expiresAt: later(30) })), result(slow)).after.state).toBe('expired')
    expect(applyOutcome(unchanged(message({ attempt: ATTEMPTS_MOST })), result(slow, ATTEMPTS_MOST)).after).toMatchObject({
      state: 'failed',
      code: '131016',
    })
  })

  it('unknown: stays sending until its window is over', () => {
    const change = applyOutcome(unchanged(message()), result({ kind: 'unknown', reason: 'reset' }))
    expect(change.after.state).toBe('sending')
    expect(change.work).toEqual({ is: 'later', dueAt: later(120), held: true, parked: false })
  })

  it('unknown after a receipt: the receipt wins', () => {
    const change = applyOutcome(unchanged(message({ state: 'delivered' })), result({ kind: 'unknown', reason: 'reset' }))
    expect(change.work).toEqual({ is: 'kept' })
  })
})

describe('the end of an unknown window', () => {
  it('policy retry: again, under the next attempt; policy fail: failed, and a late receipt recovers it', () => {
    expect(applyWindowOver(unchanged(message()), at)).toMatchObject({ again: true, change: { after: { attempt: 2, state: 'sending' } } })
    const over = applyWindowOver(unchanged(message({ onUnknown: 'fail' })), at)
    expect(over).toMatchObject({ again: false, change: { after: { state: 'failed', code: OUTCOME_UNKNOWN } } })
    const recovered = applyReceipt(unchanged(over.change.after), { state: 'delivered', at: later(5), wireId: 'wamid.B' })
    expect(recovered.after).toMatchObject({ state: 'delivered', code: null, endedAt: null, wireId: 'wamid.B' })
    expect(types(recovered)).toEqual(['message.recovered', 'message.delivered'])
  })
})

describe('receipts and outcomes together', () => {
  it('end in the same state and tell each state once, in any order and any repetition', () => {
    const receipt = fc
      .constantFrom(...RECEIPT_STATES)
      .map((state) => (change: Change) => applyReceipt(change, { state, at, wireId: 'wamid.A' }))
    const outcome = fc.constant((change: Change) => applyOutcome(change, result(accepted)))
    fc.assert(
      fc.property(fc.array(fc.oneof(receipt, outcome), { minLength: 1, maxLength: 10 }), (steps) => {
        const change = steps.reduce((so, step) => step(so), unchanged(message()))
        expect(change.after.wireId).toBe('wamid.A')
        expect(change.work).toEqual({ is: 'done' })
        const told = types(change).map((type) => RECEIPT_STATES.indexOf(type.slice('message.'.length) as (typeof RECEIPT_STATES)[number]))
        expect(told).toEqual([...new Set(told)].sort((a, b) => a - b))
      }),
    )
  })

  it('a failure after delivery is ignored, before it is final', () => {
    const failure = { state: 'failed' as const, at, wireId: 'wamid.A', failure: { code: '131026', reason: 'no' } }
    expect(applyReceipt(unchanged(message({ state: 'delivered', wireId: 'wamid.A' })), failure).after.state).toBe('delivered')
    expect(applyReceipt(unchanged(message({ state: 'sent', wireId: 'wamid.A' })), failure).after).toMatchObject({
      state: 'failed',
      code: '131026',
    })
  })

  it('a late receipt fills its time without a move', () => {
    const change = applyReceipt(unchanged(message({ state: 'read', readAt: later(3), sentAt: at, wireId: 'wamid.A' })), {
      state: 'delivered',
      at: later(2),
      wireId: 'wamid.A',
    })
    expect(change).toMatchObject({ after: { state: 'read', deliveredAt: later(2) }, events: [] })
  })
})

describe('back-off', () => {
  it('grows and keeps its jitter', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (attempt, random) => {
        const wait = backOffMs(attempt, () => random)
        expect(wait).toBeGreaterThanOrEqual(800)
        expect(wait).toBeLessThanOrEqual(1_800_000 * 1.2)
      }),
    )
  })
})
