import type { InboundContent } from '#core/content'
import type { GroupAct, GroupVerdict, SimulatedGroup } from '#core/transport'
import type { Bubble, Chat } from './chats.ts'
import type { Faults } from './faults.ts'
import type { Files } from './files.ts'
import type { GroupBook } from './groups.ts'
import type { Delays, ReceiptState } from './journeys.ts'
import type { Ledger } from './ledger.ts'
import type { Phone, PhoneChanges } from './phones.ts'
import type { Refusal } from './refusals.ts'
import type { SimulatedTime } from './time.ts'

export type NetworkOptions = {
  time?: SimulatedTime
  delays?: Partial<Delays>
  /** Multiplies every delay; 0: everything at once. */
  scale?: number
  /** 'counts' keeps no bubbles, only how often each message came to each phone: for hundreds of thousands of messages. */
  keepChats?: 'all' | 'counts'
  mostChats?: number
  mostBubbles?: number
  /** Messages on their way at one time; more are refused. */
  mostOnTheWay?: number
  mostFileBytes?: number
  /** How many messages the count of "sent once" remembers. */
  mostCounted?: number
  /** Chance for faults with a probability; a test seeds it. */
  random?: () => number
  /** What two attempts of one message have in common, from their callback data. */
  messageKeyOf?: (callbackData: string) => string
}

/** How one business number is treated. */
export type BusinessSettings = {
  /** Free-form messages only within 24 hours of the phone's last word. */
  enforceWindow?: boolean | undefined
  /** 45 messages at once to one phone, then one every 6 s. */
  pairLimit?: boolean | undefined
  /** Messages per second; more are refused with 130429. */
  perSecond?: number | undefined
}

export type NetworkMessage = {
  content: InboundContent
  /** The sender's choice of id: the same one twice is one bubble. Without it the network makes one. */
  wireId?: string | undefined
  contextWireId?: string | undefined
  /** Comes back in every receipt. */
  callbackData?: string | undefined
  /** The same for every attempt of one message; from the callback data when absent. */
  messageKey?: string | undefined
  /** Price category, told back in receipts. */
  category?: string | undefined
}

/** What the network says to a send. */
export type Verdict =
  | { kind: 'accepted'; wireId: string; phone: Phone; repeat: boolean; statusFirst: boolean }
  | { kind: 'refused'; refusal: Refusal }
  /** An HTTP 5xx; with Meta's own body when there is a code. */
  | { kind: 'broken'; status: number; code: number | undefined; sent: boolean }
  /** The connection ends without an answer. */
  | { kind: 'cut'; sent: boolean }

export type NetworkReceipt = {
  business: string
  phone: Phone
  wireId: string
  state: ReceiptState
  /** Milliseconds since 1970. */
  at: number
  callbackData: string | undefined
  category: string | undefined
  failure: Refusal | undefined
}
export type NetworkInbound = {
  business: string
  phone: Phone
  wireId: string
  at: number
  content: InboundContent
  contextWireId: string | undefined
  /** The JID of the group it was written into. */
  group: string | undefined
}
/** To the business: a phone did something to a group. */
export type NetworkGroupAct = { business: string; group: SimulatedGroup; id: string; at: number; who: string; act: GroupAct }

export type NetworkEvents = {
  /** To the business: a message got further. */
  receipt: NetworkReceipt
  /** To the business: a phone wrote. */
  message: NetworkInbound
  group: NetworkGroupAct
  /** To whoever looks at a phone: a bubble is new or has changed. */
  bubble: { chat: Chat; bubble: Bubble }
}

export type NetworkStats = {
  attempts: number
  accepted: number
  refused: number
  broken: number
  dropped: number
  /** Sends under a wire id that was already there. */
  repeats: number
  receipts: number
  inbound: number
  onTheWay: number
  sends: { total: number; distinct: number; twice: number; forgotten: number }
}

/** The simulated WhatsApp: phones, chats, receipts and faults. Numbers are E.164. */
export interface Network {
  readonly time: SimulatedTime
  readonly faults: Faults
  readonly files: Files
  readonly ledger: Ledger
  /** False when nothing but counts is kept: content need not be put into our words then. */
  readonly keepsContent: boolean
  /** Sets how a business number is treated; what is not named keeps its value. */
  business(number: string, settings: BusinessSettings): void
  /** The phone of a number, or who has that BSUID. */
  phone(to: string): Phone | undefined
  /** Whether that number has WhatsApp at all. */
  isOnWhatsApp(number: string): boolean
  changePhone(number: string, changes: PhoneChanges): Phone
  /** Takes a message from a business number. Answers at once; receipts follow by `on('receipt')`, never inside this call unless a fault asks for it. */
  deliver(business: string, to: string, message: NetworkMessage): Verdict
  on<Name extends keyof NetworkEvents>(name: Name, listener: (event: NetworkEvents[Name]) => void): () => void

  readonly groups: GroupBook
  /** A phone does something to a group that the business is in; the business is told. */
  actInGroup(phone: string, group: SimulatedGroup, act: GroupAct): GroupVerdict
  /** The business is seen typing; 0 ends it. */
  showTyping(business: string, to: string, forMs: number): void

  /** A phone writes, to the business or into a group; answers the wire id. */
  reply(
    phone: string,
    business: string,
    message: { content: InboundContent; contextWireId?: string | undefined; group?: string | undefined },
  ): string
  /** A phone reacts to a bubble; '' takes it back. */
  react(phone: string, business: string, reaction: { wireId: string; emoji: string }): string
  vote(phone: string, business: string, vote: { wireId: string; options: string[] }): string
  /** A phone changes the words of what it wrote. */
  edit(phone: string, business: string, edit: { wireId: string; text: string }): string
  /** A phone takes back what it wrote, for everybody. */
  revoke(phone: string, business: string, revoke: { wireId: string }): string
  /** A phone puts a bubble at the top of the chat, or takes it down. */
  pin(phone: string, business: string, pin: { wireId: string; pinned: boolean; seconds?: number | undefined }): string
  /** A phone opens the chat: everything delivered is read. */
  read(phone: string, business: string): void
  block(phone: string, business: string, blocked: boolean): void

  /** The business has read up to this message of a phone; false when there is none. */
  markRead(business: string, wireId: string, options?: { typing?: boolean }): boolean
  /** The business puts a bubble at the top of a phone's chat; without seconds it takes it down. */
  showPin(business: string, to: string, pin: { wireId: string; seconds: number | undefined }): void
  /** The business changes the words of a bubble of a phone's chat, or takes it back. */
  amend(business: string, to: string, content: InboundContent): void
  chat(business: string, phone: string): Chat | undefined
  chats(business: string): Chat[]
  pace(changes: { delays?: Partial<Delays>; scale?: number }): void
  stats(): NetworkStats
  close(): void
}
