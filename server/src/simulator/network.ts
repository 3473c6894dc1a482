import type { InboundContent } from '#core/content'
import type { GroupAct, GroupVerdict, SimulatedGroup } from '#core/transport'
import { amend, PIN_SECONDS, putUp, targetOf } from './amend.ts'
import type { Chat } from './chats.ts'
import { deliver } from './deliver.ts'
import { planJourneys } from './journeys.ts'
import { behaviourOf } from './magic-numbers.ts'
import type { Network, NetworkEvents, NetworkOptions } from './network.types.ts'
import { type NetworkState, openState, scaled, tell } from './network-state.ts'
import { normalNumber } from './phones.ts'
import { advance } from './travel.ts'
import { write } from './write.ts'

/** Opens a simulated WhatsApp network. It lives in memory; every list in it has a bound. */
export function createNetwork(options: NetworkOptions = {}): Network {
  const state = openState(options)
  const { time, faults, files, ledger } = state
  return {
    time,
    faults,
    files,
    ledger,
    groups: state.groups,
    keepsContent: state.keepsBubbles,
    ...actsOf(state),
    ...viewsOf(state),
    business: (number, settings) => void state.businesses.set(number, { ...state.businesses.get(number), ...settings }),
    deliver: (business, to, message) => deliver(state, { business, to, message }),
    on: (name, listener) => listen(state, name, listener),
    pace({ delays, scale }) {
      state.delays = { ...state.delays, ...delays }
      state.scale = scale ?? state.scale
      state.journeys = planJourneys(scaled(state.delays, state.scale))
    },
    stats: () => ({ ...state.counts, onTheWay: state.wheel.size(), sends: state.ledger.facts() }),
    close: () => state.wheel.close(),
  }
}

function listen<Name extends keyof NetworkEvents>(
  state: NetworkState,
  name: Name,
  listener: (event: NetworkEvents[Name]) => void,
): () => void {
  state.listeners[name].push(listener)
  return () => {
    const place = state.listeners[name].indexOf(listener)
    if (place >= 0) state.listeners[name].splice(place, 1)
  }
}

/** What a person does with their phone. */
function actsOf(
  state: NetworkState,
): Pick<Network, 'reply' | 'react' | 'vote' | 'edit' | 'revoke' | 'pin' | 'read' | 'block' | 'actInGroup'> {
  const bubbleOf = (business: string, phone: string, wireId: string) => state.chats.find(business, normalNumber(phone))?.bubbles.get(wireId)
  return {
    actInGroup: (phone, group, act) => actInGroup(state, normalNumber(phone), { group, act }),
    reply: (phone, business, message) => write(state, { phone, business, ...message }),
    react(phone, business, { wireId, emoji }) {
      const bubble = bubbleOf(business, phone, wireId)
      if (bubble) bubble.reactions.phone = emoji
      return write(state, { phone, business, content: { type: 'reaction', wireId, emoji } })
    },
    vote(phone, business, { wireId, options }) {
      const bubble = bubbleOf(business, phone, wireId)
      if (bubble) bubble.votes = options
      return write(state, { phone, business, content: { type: 'poll_vote', wireId, options } })
    },
    edit(phone, business, { wireId, text }) {
      const bubble = bubbleOf(business, phone, wireId)
      const content: InboundContent = { type: 'text', text }
      if (bubble) bubble.content = content
      return write(state, { phone, business, content: { type: 'edit', wireId, content } })
    },
    revoke(phone, business, { wireId }) {
      const bubble = bubbleOf(business, phone, wireId)
      if (bubble) bubble.content = { type: 'revoke', wireId }
      return write(state, { phone, business, content: { type: 'revoke', wireId } })
    },
    pin(phone, business, { wireId, pinned, seconds }) {
      putUp(state, bubbleOf(business, phone, wireId), pinned ? (seconds ?? PIN_SECONDS) : undefined)
      return write(state, { phone, business, content: { type: 'pin', wireId, pinned, ...(seconds !== undefined && { seconds }) } })
    },
    read(phone, business) {
      const chat = state.chats.find(business, normalNumber(phone))
      if (chat) readChat(state, chat)
    },
    block(phone, business, blocked) {
      state.chats.open(business, normalNumber(phone)).blocked = blocked
    },
  }
}

function actInGroup(state: NetworkState, who: string, { group, act }: { group: SimulatedGroup; act: GroupAct }): GroupVerdict {
  const members = new Map(group.members)
  const verdict = state.groups.act(group, who, act)
  const moved = 'people' in act ? act.people.filter((one) => members.get(one) !== group.members.get(one)) : []
  const isNews = 'people' in act ? moved.length > 0 : act.act === 'change' || members.size !== group.members.size
  if (verdict.kind === 'refused' || !isNews) return verdict
  group.untold++
  const told = 'people' in act ? { ...act, people: moved } : act
  tell(state, 'group', { business: group.business, group, id: state.newWireId(), at: state.time.now(), who, act: told })
  return verdict
}

function readChat(state: NetworkState, chat: Chat): void {
  const at = state.time.now()
  const phone = state.phones.find(chat.phone)
  for (const bubble of chat.bubbles.values()) {
    if (!phone || bubble.direction !== 'to_phone' || bubble.state !== 'delivered') continue
    advance(state, { chat, wireId: bubble.wireId, to: 'read', at })
    bubble.readByHand = true
    state.counts.receipts++
    const { wireId, callbackData, category } = bubble
    for (const listener of state.listeners.receipt) {
      listener({ business: chat.business, phone, wireId, state: 'read', at, callbackData, category, failure: undefined })
    }
  }
}

/** What the business's side may look at and mark. */
function viewsOf(
  state: NetworkState,
): Pick<Network, 'phone' | 'isOnWhatsApp' | 'changePhone' | 'chat' | 'chats' | 'markRead' | 'showPin' | 'amend' | 'showTyping'> {
  return {
    phone: (to) => state.phones.find(to),
    isOnWhatsApp: (number) => behaviourOf(normalNumber(number)) !== 'absent',
    changePhone: (number, changes) => state.phones.change(number, changes),
    chat: (business, phone) => state.chats.find(business, normalNumber(phone)),
    chats: (business) => state.chats.of(business),
    showPin: (business, to, { wireId, seconds }) =>
      putUp(state, state.chats.find(business, normalNumber(to))?.bubbles.get(wireId), seconds),
    amend(business, to, content) {
      const chat = state.chats.find(business, normalNumber(to))
      if (chat) amend(state, chat, { content, target: targetOf(content, undefined) })
    },
    showTyping(business, to, forMs) {
      state.chats.open(business, normalNumber(to)).typingUntil = state.time.now() + forMs
    },
    markRead(business, wireId, { typing = false } = {}) {
      const chat = state.chats.ofInbound(wireId)
      if (chat?.business !== business) return false
      if (typing) chat.typingUntil = state.time.now() + 25_000
      for (const bubble of chat.bubbles.values()) {
        if (bubble.direction === 'from_phone' && bubble.state === 'sent') {
          advance(state, { chat, wireId: bubble.wireId, to: 'read', at: state.time.now() })
        }
        if (bubble.wireId === wireId) break
      }
      return true
    },
  }
}
