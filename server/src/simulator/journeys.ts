import type { Plan } from './faults.ts'
import type { Behaviour } from './magic-numbers.ts'
import { type Refusal, UNDELIVERABLE } from './refusals.ts'

/** When things happen to a message, in milliseconds after it was accepted. */
export type Delays = {
  sentMs: number
  deliveredMs: number
  readMs: number
  /** When a phone that answers by itself has written. */
  answerMs: number
  /** When the first receipt of a message whose connection was cut comes. */
  lateMs: number
}
export const USUAL_DELAYS: Delays = { sentMs: 0, deliveredMs: 500, readMs: 2000, answerMs: 1000, lateMs: 5000 }

export type ReceiptState = 'sent' | 'delivered' | 'read' | 'failed'
export type Step =
  | { after: number; does: 'receipt'; state: ReceiptState; failure?: Refusal; silent?: boolean }
  /** `from`: who writes, when it is not the phone the message went to. */
  | { after: number; does: 'write'; text: string; from?: string }

export type Journeys = {
  usual: Readonly<Record<Behaviour, readonly Step[]>>
  /** A blocked sender and a reaction learn no more than that it left. */
  sentOnly: readonly Step[]
  failing(failure: Refusal): readonly Step[]
  /** To many phones at once: told when it has reached, or was read by, all of them. */
  toMany(phones: readonly { phone: string; behaviour: Behaviour }[], isNewsletter: boolean): readonly Step[]
}

/** What befalls a message to each kind of phone, in the order of time. */
export function planJourneys(delays: Delays): Journeys {
  const receipt = (state: ReceiptState, after: number): Step => ({ after, does: 'receipt', state })
  const sent = receipt('sent', delays.sentMs)
  const delivered = receipt('delivered', delays.deliveredMs)
  const read = receipt('read', delays.readMs)
  const plain = [sent, delivered, read]
  const failing = (failure: Refusal): Step[] => [sent, { after: delays.deliveredMs, does: 'receipt', state: 'failed', failure }]
  const writing = (text: string): Step[] => inTime([...plain, { after: delays.answerMs, does: 'write', text }])
  return {
    usual: {
      plain,
      absent: [],
      answers: writing('OK'),
      unread: [sent, delivered],
      fails: failing(UNDELIVERABLE),
      throttled: plain,
      cut: plain,
      stops: writing('STOP'),
      outside: plain,
    },
    sentOnly: [sent],
    failing,
    toMany(phones, isNewsletter) {
      const has = (...wanted: Behaviour[]) => phones.some(({ behaviour }) => wanted.includes(behaviour))
      const told = has('fails', 'absent') ? [sent] : isNewsletter || has('unread') ? [sent, delivered] : plain
      const answers = phones
        .filter(({ behaviour }) => behaviour === 'answers' && !isNewsletter)
        .map(({ phone }): Step => ({ after: delays.answerMs, does: 'write', text: 'OK', from: phone }))
      return inTime([...told, ...answers])
    },
  }
}

/** The same journey under faults. */
export function bendJourney(steps: readonly Step[], plan: Plan): readonly Step[] {
  let bent: Step[] = [...steps]
  if (plan.has('reorder')) bent = reversed(bent)
  if (plan.has('duplicate')) bent = bent.flatMap((step): Step[] => (step.does === 'receipt' ? [step, step] : [step]))
  if (plan.has('withhold')) bent = bent.map((step) => (step.does === 'receipt' ? { ...step, silent: true } : step))
  const later = plan.get('delay')?.ms ?? 0
  return later > 0 ? laterBy(bent, later) : bent
}

export const laterBy = (steps: readonly Step[], ms: number): Step[] => steps.map((step) => ({ ...step, after: step.after + ms }))

const inTime = (steps: Step[]) => steps.sort((a, b) => a.after - b.after)

/** Each receipt takes the time of its mirror: the last word comes first. */
function reversed(steps: Step[]): Step[] {
  const times = steps.map(({ after }) => after)
  return [...steps].reverse().map((step, place) => ({ ...step, after: times[place] ?? step.after }))
}
