import { amend, targetOf } from './amend.ts'
import { putBounded } from './bounded-map.ts'
import { type Chat, newBubble } from './chats.ts'
import type { Plan } from './faults.ts'
import { bendJourney, laterBy, type Step } from './journeys.ts'
import { type Behaviour, behaviourOf } from './magic-numbers.ts'
import type { NetworkMessage, Verdict } from './network.types.ts'
import type { NetworkState } from './network-state.ts'
import type { Phone } from './phones.ts'
import {
  NO_SUCH_MESSAGE,
  NOT_IN_GROUP,
  NOT_ON_WHATSAPP,
  OVERLOADED,
  onDemand,
  PAIR_LIMITED,
  RATE_LIMITED,
  type Refusal,
  WINDOW_CLOSED,
} from './refusals.ts'
import { isForMany, mayWriteIn, receiversOf, stepsToMany } from './to-many.ts'
import { travel } from './travel.ts'

/** One message on its way in: everything the rules look at. */
type Attempt = { business: string; phone: Phone; message: NetworkMessage; behaviour: Behaviour; messageKey: string; plan: Plan | undefined }

const TRIES_MOST = 100_000
const SEEN_MOST = 1_000_000

/** Takes a message from a business number: answers what the sender learns now and sets its receipts on their way. */
export function deliver(state: NetworkState, attempt: { business: string; to: string; message: NetworkMessage }): Verdict {
  const { business, message } = attempt
  state.counts.attempts++
  const phone = state.phones.find(attempt.to)
  if (!phone) return refused(state, NOT_ON_WHATSAPP)
  const plan = state.faults.meet(business, phone.number)
  const whole = { business, phone, message, plan, behaviour: behaviourOf(phone.number), messageKey: keyOf(state, message) }
  const early = plan && earlyFault(state, plan)
  if (early) return early
  const refusal = refusalOf(state, whole)
  if (refusal) return refused(state, refusal)
  return accept(state, whole)
}

function keyOf(state: NetworkState, { messageKey, callbackData, wireId, content }: NetworkMessage): string {
  if (messageKey !== undefined) return messageKey
  if (callbackData !== undefined) return state.messageKeyOf(callbackData)
  return wireId ?? JSON.stringify(content)
}

function refused(state: NetworkState, refusal: Refusal): Verdict {
  state.counts.refused++
  return { kind: 'refused', refusal }
}

/** Faults that end the attempt before the message leaves. */
function earlyFault(state: NetworkState, plan: Plan): Verdict | undefined {
  const error = plan.get('error')
  const code = plan.get('refuse')?.code
  if (plan.has('cut_before')) {
    state.counts.broken++
    return { kind: 'cut', sent: false }
  }
  if (error) {
    state.counts.broken++
    return { kind: 'broken', status: error.status ?? 503, code: error.code, sent: false }
  }
  return code === undefined ? undefined : refused(state, onDemand(code, plan.get('refuse')?.status))
}

function refusalOf(state: NetworkState, attempt: Attempt): Refusal | undefined {
  const { business, phone, message, behaviour } = attempt
  const template = message.content.type === 'template'
  const settings = state.businesses.get(business)
  if (behaviour === 'absent') return NOT_ON_WHATSAPP
  if (isForMany(phone) && !mayWriteIn(state.groups.find(business, phone.number), business)) return NOT_IN_GROUP
  if (behaviour === 'outside' && !template) return WINDOW_CLOSED
  if (behaviour === 'throttled' && tried(state, attempt) <= 2) return RATE_LIMITED
  if (state.wheel.size() >= state.mostOnTheWay) return OVERLOADED
  if (!settings) return undefined
  if (settings.perSecond !== undefined && !state.limits.throughput(business, settings.perSecond)) return RATE_LIMITED
  if (settings.enforceWindow && !template && !isWindowOpen(state, attempt)) return WINDOW_CLOSED
  return settings.pairLimit && !state.limits.pair(business, phone.number) ? PAIR_LIMITED : undefined
}

const isWindowOpen = (state: NetworkState, { business, phone }: Attempt) =>
  (state.chats.find(business, phone.number)?.windowUntil ?? 0) > state.time.now()

/** Counts one more try of this message. */
function tried(state: NetworkState, { business, phone, messageKey }: Attempt): number {
  const key = `${business} ${phone.number} ${messageKey}`
  const times = (state.tries.get(key) ?? 0) + 1
  putBounded(state.tries, { key, value: times }, TRIES_MOST)
  return times
}

function accept(state: NetworkState, attempt: Attempt): Verdict {
  const { phone, message, plan } = attempt
  const wireId = message.wireId ?? state.newWireId()
  const accepted = (more: { repeat: boolean; statusFirst: boolean }): Verdict => ({ kind: 'accepted', wireId, phone, ...more })
  state.counts.accepted++
  if (plan?.has('drop')) {
    state.counts.dropped++
    return accepted({ repeat: false, statusFirst: false })
  }
  if (message.wireId !== undefined && isRepeat(state, attempt, message.wireId)) {
    state.counts.repeats++
    return accepted({ repeat: true, statusFirst: false })
  }
  const chat = state.keepsBubbles ? state.chats.open(attempt.business, phone.number) : state.chats.find(attempt.business, phone.number)
  for (const receiver of receiversOf(state, attempt)) state.ledger.add(receiver, attempt.messageKey)
  const { steps, lost } = outwardOf(state, attempt, chat)
  if (chat && state.keepsBubbles) show(state, { chat, attempt, wireId })
  travel(state, {
    business: attempt.business,
    phone,
    wireId,
    callbackData: message.callbackData,
    category: message.category,
    steps,
    startsNow: plan?.has('status_first') ?? false,
  })
  return lost ?? accepted({ repeat: false, statusFirst: plan?.has('status_first') ?? false })
}

function isRepeat(state: NetworkState, { business, phone }: Attempt, wireId: string): boolean {
  const key = `${business} ${phone.number} ${wireId}`
  const bubble = state.chats.find(business, phone.number)?.bubbles.get(wireId)
  if (bubble) bubble.arrivals++
  const known = bubble !== undefined || state.seen.has(key)
  if (!state.keepsBubbles) putBounded(state.seen, { key, value: true }, SEEN_MOST)
  return known
}

/** Its journey, and the answer that is lost when it leaves but the sender must not learn it. */
function outwardOf(state: NetworkState, attempt: Attempt, chat: Chat | undefined): { steps: readonly Step[]; lost?: Verdict } {
  const { plan, behaviour } = attempt
  const usual = usualSteps(state, attempt, chat)
  const steps = plan ? bendJourney(usual, plan) : usual
  if (behaviour === 'cut' && tried(state, attempt) === 1)
    return { steps: laterBy(steps, state.delays.lateMs * state.scale), lost: { kind: 'cut', sent: true } }
  if (plan?.has('cut_after')) return { steps, lost: { kind: 'cut', sent: true } }
  const error = plan?.get('error_after')
  return error ? { steps, lost: { kind: 'broken', status: error.status ?? 503, code: error.code, sent: true } } : { steps }
}

function usualSteps(state: NetworkState, attempt: Attempt, chat: Chat | undefined): readonly Step[] {
  const { message, behaviour } = attempt
  if (chat?.blocked) return state.journeys.sentOnly
  if (message.content.type !== 'reaction') return isForMany(attempt.phone) ? stepsToMany(state, attempt) : state.journeys.usual[behaviour]
  const known =
    !chat || !state.keepsBubbles || chat.forgotten > 0 || chat.bubbles.has(targetOf(message.content, message.contextWireId) ?? '')
  return known ? state.journeys.sentOnly : state.journeys.failing(NO_SUCH_MESSAGE)
}

/** Puts the bubble on the phone's screen; what it says about another shows on that one. */
function show(state: NetworkState, { chat, attempt, wireId }: { chat: Chat; attempt: Attempt; wireId: string }): void {
  const { message } = attempt
  const bubble = newBubble({
    wireId,
    direction: 'to_phone',
    content: message.content,
    at: state.time.now(),
    state: 'accepted',
    times: {},
    contextWireId: message.contextWireId,
    callbackData: message.callbackData,
    category: message.category,
    receivers: isForMany(attempt.phone) ? receiversOf(state, attempt) : undefined,
  })
  chat.typingUntil = 0
  state.chats.add(chat, bubble)
  for (const listener of state.listeners.bubble) listener({ chat, bubble })
  amend(state, chat, { content: message.content, target: targetOf(message.content, message.contextWireId) })
}
