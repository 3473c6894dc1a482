import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  afterReceipt,
  canMove,
  MESSAGE_STATES,
  type MessageState,
  MOVES,
  OUTCOME_UNKNOWN,
  RECEIPT_STATES,
  type ReceiptState,
} from './message-state.ts'

const receipt = fc.constantFrom<(ReceiptState | 'failed')[]>(...RECEIPT_STATES, 'failed')
const rank = (state: MessageState) => RECEIPT_STATES.indexOf(state as ReceiptState)

const applyAll = (start: MessageState, receipts: readonly (ReceiptState | 'failed')[]) =>
  receipts.reduce<MessageState>((state, next) => afterReceipt({ state }, next) ?? state, start)

describe('message states', () => {
  it('never leave an end, except from an unknown outcome by a proof', () => {
    for (const end of ['failed', 'cancelled', 'expired', 'skipped'] as const) {
      expect(MOVES[end]).toEqual([])
      for (const state of RECEIPT_STATES) expect(afterReceipt({ state: end }, state)).toBeUndefined()
    }
    expect(afterReceipt({ state: 'failed', code: OUTCOME_UNKNOWN }, 'delivered')).toBe('delivered')
    expect(afterReceipt({ state: 'failed', code: OUTCOME_UNKNOWN }, 'failed')).toBeUndefined()
    expect(afterReceipt({ state: 'failed', code: '131026' }, 'delivered')).toBeUndefined()
  })

  it('only climb, whatever comes in whatever order', () => {
    fc.assert(
      fc.property(fc.array(receipt, { maxLength: 12 }), (receipts) => {
        let state: MessageState = 'sending'
        for (const next of receipts) {
          const after: MessageState = afterReceipt({ state }, next) ?? state
          if (state === 'failed') expect(after).toBe('failed')
          else if (after !== 'failed') expect(rank(after)).toBeGreaterThanOrEqual(rank(state))
          else expect(['sending', 'sent']).toContain(state)
          state = after
        }
      }),
    )
  })

  it('come to the same state in any order when nothing failed', () => {
    const climbing = fc.array(fc.constantFrom<ReceiptState[]>(...RECEIPT_STATES), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(
        climbing.chain((receipts) => fc.tuple(fc.constant(receipts), fc.shuffledSubarray(receipts, { minLength: receipts.length }))),
        ([one, other]) => {
          expect(applyAll('sent', one)).toBe(applyAll('sent', other))
        },
      ),
    )
  })

  it('have a row for each state, and no move to itself', () => {
    for (const state of MESSAGE_STATES) expect(canMove(state, state)).toBe(false)
  })
})
