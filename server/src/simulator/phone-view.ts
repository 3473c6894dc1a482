import { z } from 'zod'
import type { InboundContent } from '#core/content'
import { DomainError, invalidField, notFound } from '#kit/errors'
import type { Bubble, Chat } from './chats.ts'
import type { Network } from './network.types.ts'
import { normalNumber, type Phone } from './phones.ts'
import { pressed } from './press.ts'

const WireId = z.string().min(1).max(256)

/** What somebody who holds a simulated phone can do in a chat. */
export const PhoneAct = z.discriminatedUnion('act', [
  z.strictObject({ act: z.literal('write'), text: z.string().min(1).max(4096), repliesTo: WireId.optional() }),
  z.strictObject({
    act: z.literal('send_file'),
    kind: z.enum(['image', 'video', 'audio', 'voice', 'document', 'sticker']),
    base64: z.base64().max(24 * 2 ** 20),
    mimeType: z.string().min(3).max(128),
    filename: z.string().min(1).max(255).optional(),
    caption: z.string().max(1024).optional(),
    repliesTo: WireId.optional(),
  }),
  z.strictObject({
    act: z.literal('send_location'),
    latitude: z.number().min(-90).max(90),
    longitude: z.number().min(-180).max(180),
    name: z.string().max(1000).optional(),
    address: z.string().max(1000).optional(),
    repliesTo: WireId.optional(),
  }),
  z.strictObject({
    act: z.literal('press'),
    wireId: WireId,
    id: z.string().min(1).max(256).describe('Of a button or a row; of a quick reply of a template its place, from 0'),
  }),
  z.strictObject({ act: z.literal('react'), wireId: WireId, emoji: z.string().max(32).describe("'' takes the reaction back") }),
  z.strictObject({ act: z.literal('vote'), wireId: WireId, options: z.array(z.string().min(1).max(100)).max(12) }),
  z.strictObject({ act: z.literal('read') }),
  z.strictObject({ act: z.literal('block'), blocked: z.boolean() }),
])
export type PhoneAct = z.output<typeof PhoneAct>

/** A bubble for people and programs outside; times are ISO 8601. */
export type BubbleView = {
  wireId: string
  direction: Bubble['direction']
  content: InboundContent
  state: Bubble['state']
  at: string
  times: Record<string, string>
  repliesTo: string | null
  callbackData: string | null
  arrivals: number
  reactions: Bubble['reactions']
  votes: string[]
}
export type PhoneSummary = {
  phone: Phone
  bubbles: number
  unread: number
  blocked: boolean
  windowUntil: string | null
  last: BubbleView | null
}
export type ChatView = PhoneSummary & { typing: boolean; messages: BubbleView[] }

/** Simulated phones as the command line, the dashboard and the API show them. `business` is E.164. */
export interface PhoneView {
  /** The phones that a business number has a chat with, the latest chat last. */
  phones(business: string): PhoneSummary[]
  /** The last `limit` bubbles (100), the oldest first. An empty chat when nothing was said yet. */
  chat(business: string, phone: string, limit?: number): ChatView
  /** Throws DomainError when the bubble it is about does not exist or has no such button. */
  act(business: string, phone: string, act: PhoneAct): { wireId: string | null }
  /** Tells each bubble that is new or has changed, of one phone or of all; the answer ends it. */
  watch(
    which: { business: string; phone?: string | undefined },
    listener: (change: { phone: string; message: BubbleView }) => void,
  ): () => void
}

export function createPhoneView(network: Network): PhoneView {
  return {
    phones: (business) => network.chats(normalNumber(business)).map((chat) => summarize(network, chat)),
    chat(business, phone, limit = 100) {
      const chat = network.chat(normalNumber(business), phone)
      const bubbles = chat ? [...chat.bubbles.values()].slice(-limit) : []
      const summary = chat ? summarize(network, chat) : emptySummary(network, phone)
      return { ...summary, typing: (chat?.typingUntil ?? 0) > network.time.now(), messages: bubbles.map(viewOf) }
    },
    act: (business, phone, act) => perform(network, { business: normalNumber(business), phone: normalNumber(phone) }, act),
    watch({ business, phone }, listener) {
      const [number, only] = [normalNumber(business), phone === undefined ? undefined : normalNumber(phone)]
      return network.on('bubble', ({ chat, bubble }) => {
        if (chat.business === number && (only === undefined || chat.phone === only))
          listener({ phone: chat.phone, message: viewOf(bubble) })
      })
    },
  }
}

const iso = (at: number) => new Date(at).toISOString()

const viewOf = (bubble: Bubble): BubbleView => ({
  wireId: bubble.wireId,
  direction: bubble.direction,
  content: bubble.content,
  state: bubble.state,
  at: iso(bubble.at),
  times: Object.fromEntries(Object.entries(bubble.times).map(([state, at]) => [state, iso(at)])),
  repliesTo: bubble.contextWireId ?? null,
  callbackData: bubble.callbackData ?? null,
  arrivals: bubble.arrivals,
  reactions: { ...bubble.reactions },
  votes: [...bubble.votes],
})

function phoneOf(network: Network, number: string): Phone {
  const phone = network.phone(number)
  if (!phone) throw notFound('phone')
  return phone
}

const emptySummary = (network: Network, number: string): PhoneSummary => ({
  phone: phoneOf(network, number),
  bubbles: 0,
  unread: 0,
  blocked: false,
  windowUntil: null,
  last: null,
})

function summarize(network: Network, chat: Chat): PhoneSummary {
  const bubbles = [...chat.bubbles.values()]
  const last = bubbles.at(-1)
  return {
    phone: phoneOf(network, chat.phone),
    bubbles: bubbles.length,
    unread: bubbles.filter(({ direction, state }) => direction === 'to_phone' && state === 'delivered').length,
    blocked: chat.blocked,
    windowUntil: chat.windowUntil > network.time.now() ? iso(chat.windowUntil) : null,
    last: last ? viewOf(last) : null,
  }
}

type Who = { business: string; phone: string }

function perform(network: Network, { business, phone }: Who, act: PhoneAct): { wireId: string | null } {
  const say = (content: InboundContent, repliesTo?: string) => ({
    wireId: network.reply(phone, business, { content, contextWireId: repliesTo }),
  })
  phoneOf(network, phone)
  switch (act.act) {
    case 'write':
      return say({ type: 'text', text: act.text }, act.repliesTo)
    case 'send_location': {
      const { act: _, repliesTo, name, address, ...place } = act
      return say({ type: 'location', ...place, ...(name !== undefined && { name }), ...(address !== undefined && { address }) }, repliesTo)
    }
    case 'send_file':
      return say(fileContent(network, business, act), act.repliesTo)
    case 'press':
      return say(pressed(bubbleOf(network, { business, phone }, act.wireId), act.id), act.wireId)
    case 'react':
      bubbleOf(network, { business, phone }, act.wireId)
      return { wireId: network.react(phone, business, act) }
    case 'vote':
      return { wireId: vote(network, { business, phone }, act) }
    case 'read':
      network.read(phone, business)
      return { wireId: null }
    case 'block':
      network.block(phone, business, act.blocked)
      return { wireId: null }
  }
}

function bubbleOf(network: Network, { business, phone }: Who, wireId: string): Bubble {
  const bubble = network.chat(business, phone)?.bubbles.get(wireId)
  if (!bubble) throw notFound('message')
  return bubble
}

function fileContent(network: Network, business: string, act: Extract<PhoneAct, { act: 'send_file' }>): InboundContent {
  const { kind, base64, mimeType, filename, caption } = act
  const { id, sha256, bytes } = network.files.put({ bytes: Buffer.from(base64, 'base64'), mimeType, filename, owner: business })
  const remoteMedia = { id, mimeType, sha256, size: bytes.length }
  return { type: kind, remoteMedia, ...(filename !== undefined && { filename }), ...(caption !== undefined && { caption }) }
}

function vote(network: Network, { business, phone }: Who, { wireId, options }: Extract<PhoneAct, { act: 'vote' }>): string {
  const { content } = bubbleOf(network, { business, phone }, wireId)
  if (content.type !== 'poll') throw new DomainError('conflict', 'This message is no poll')
  const unknown = options.find((option) => !content.options.includes(option))
  if (unknown !== undefined) throw invalidField('options', `The poll has no option ${unknown}`)
  if (options.length > 1 && !content.allowMultiple) throw invalidField('options', 'The poll takes one answer')
  return network.vote(phone, business, { wireId, options })
}
