import { randomUUID } from 'node:crypto'
import { z } from 'zod'

/** A fault on demand. Without `business` and `phone` it meets every message; it ends after `times`, or meets one in so many by `probability`. */
export const FaultRule = z.strictObject({
  kind: z.enum([
    'drop', // accepted, and never heard of again
    'delay', // every receipt `ms` later
    'duplicate', // every receipt twice
    'reorder', // receipts in the wrong order
    'withhold', // the message arrives, no receipt tells
    'status_first', // the first receipt comes before the answer to the send
    'error', // an HTTP status `status` (503); with Meta's own body when `code` is given
    'error_after', // the same, and the message has left all the same
    'refuse', // Meta's `code`, as an ordinary refusal
    'cut_before', // the connection is cut, nothing left
    'cut_after', // the connection is cut, the message has left
  ]),
  business: z.string().max(64).optional().describe('E.164 of the sending number'),
  phone: z.string().max(64).optional().describe('E.164 of the recipient'),
  times: z.int().min(1).max(10_000_000).optional(),
  probability: z.number().min(0).max(1).optional(),
  ms: z.int().min(0).max(3_600_000).optional(),
  code: z.int().optional(),
  status: z.int().min(400).max(599).optional(),
})
export type FaultRule = z.output<typeof FaultRule>
export type FaultKind = FaultRule['kind']

export interface Faults {
  set(rule: FaultRule): { id: string }
  clear(id?: string): void
  list(): (FaultRule & { id: string; met: number })[]
  /** The faults that meet this message, by kind; undefined when none does. Counts them as met. */
  meet(business: string, phone: string): Plan | undefined
}
export type Plan = ReadonlyMap<FaultKind, FaultRule>

const RULES_MOST = 1000

export function createFaults(random: () => number): Faults {
  let rules: (FaultRule & { id: string; met: number })[] = []
  return {
    set(rule) {
      const id = randomUUID()
      rules = [...rules, { ...rule, id, met: 0 }].slice(-RULES_MOST)
      return { id }
    },
    clear(id) {
      rules = id === undefined ? [] : rules.filter((rule) => rule.id !== id)
    },
    list: () => rules,
    meet(business, phone) {
      if (rules.length === 0) return undefined
      const plan = new Map<FaultKind, FaultRule>()
      for (const rule of rules) {
        if (rule.business !== undefined && rule.business !== business) continue
        if (rule.phone !== undefined && rule.phone !== phone) continue
        if (rule.times !== undefined && rule.met >= rule.times) continue
        if (rule.probability !== undefined && random() >= rule.probability) continue
        rule.met++
        plan.set(rule.kind, rule)
      }
      return plan.size > 0 ? plan : undefined
    },
  }
}
