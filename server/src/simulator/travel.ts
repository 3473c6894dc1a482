import type { BubbleState, Chat } from './chats.ts'
import type { Step } from './journeys.ts'
import { type NetworkState, tell } from './network-state.ts'
import type { Phone } from './phones.ts'
import { write } from './write.ts'

export type Travel = {
  business: string
  phone: Phone
  wireId: string
  callbackData: string | undefined
  category: string | undefined
  steps: readonly Step[]
  /** The first step is taken before this call returns. */
  startsNow: boolean
}

const RANK: Readonly<Record<BubbleState, number>> = { accepted: 0, sent: 1, delivered: 2, read: 3, failed: 4 }

/** An automatic answer may meet an automatic answer: a phone writes by itself this often in a minute at most. */
const AUTOMATIC_MOST = 20

/** Sends a message through its steps, each at its time. */
export function travel(state: NetworkState, journey: Travel): void {
  const { steps } = journey
  const begun = state.time.now()
  let place = 0
  const next = () => {
    const step = steps[place++]
    if (step === undefined) return
    if (step.does === 'write') writeByItself(state, journey, step)
    else arrive(state, journey, step)
    wait()
  }
  const wait = () => {
    const step = steps[place]
    if (step) state.wheel.at(begun + step.after, next)
  }
  if (journey.startsNow) next()
  else wait()
}

function arrive(state: NetworkState, journey: Travel, step: Extract<Step, { does: 'receipt' }>): void {
  const { business, phone, wireId } = journey
  const at = state.time.now()
  if (state.keepsBubbles) {
    const chat = state.chats.find(business, phone.number)
    if (chat && advance(state, { chat, wireId, to: step.state, at }) === 'read before') return
  }
  if (step.silent) return
  state.counts.receipts++
  tell(state, 'receipt', {
    business,
    phone,
    wireId,
    state: step.state,
    at,
    callbackData: journey.callbackData,
    category: journey.category,
    failure: step.failure,
  })
}

/** Moves a bubble up, never down. A phone that was opened by hand has told its read receipt already. */
export function advance(
  state: NetworkState,
  move: { chat: Chat; wireId: string; to: Exclude<BubbleState, 'accepted'>; at: number },
): 'moved' | 'kept' | 'read before' {
  const bubble = move.chat.bubbles.get(move.wireId)
  if (!bubble) return 'kept'
  if (RANK[move.to] <= RANK[bubble.state]) return bubble.readByHand && move.to === 'read' ? 'read before' : 'kept'
  bubble.state = move.to
  bubble.times[move.to] = move.at
  for (const listener of state.listeners.bubble) listener({ chat: move.chat, bubble })
  return 'moved'
}

function writeByItself(state: NetworkState, { business, phone }: Travel, { text, from }: Extract<Step, { does: 'write' }>): void {
  const chat = state.chats.open(business, phone.number)
  const now = state.time.now()
  if (now - chat.automatic.since >= 60_000) chat.automatic = { since: now, count: 0 }
  if (++chat.automatic.count > AUTOMATIC_MOST) return
  const content = { type: 'text' as const, text }
  write(state, from === undefined ? { phone: phone.number, business, content } : { phone: from, business, content, group: phone.number })
}
