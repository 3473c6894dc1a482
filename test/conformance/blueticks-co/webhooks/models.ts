import { expect } from 'vitest'
import { snake } from '../shapes.ts'

/** What the payloads of events hold, field by field: values, nulls, and matchers for what the house makes up. */
export const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
export const A_MESSAGE_ID = expect.stringMatching(/^msg_[0-9a-z]{26}$/)
export const A_FILE = expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/v2\/media\/med_[0-9a-z]{26}\/content$/)

type Fields = Record<string, unknown>
const isPlain = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype

/** Every key in both spellings; WhatsApp's own key object as WhatsApp spells it. */
export function both(fields: Fields): Fields {
  const told: Fields = {}
  for (const [name, value] of Object.entries(fields)) {
    told[name] = isPlain(value) && name !== 'waMessageKey' ? both(value) : value
    told[snake(name)] = told[name]
  }
  return told
}

/** WhatsApp's name of a message; without `id` while the network does not know it. */
export function keyOf(fromMe: boolean, remote: string, id: string, participant?: string) {
  const serialized = [fromMe, remote, id, ...(participant ? [participant] : [])].join('_')
  return { fromMe, remote, id, participant: participant ?? null, _serialized: serialized }
}

/** The network's own id of a message; an underscore may stand in it. */
export const wireIdOf = (key: string): string => key.replace(/^true_[^_]+_/, '')

/** `key`: its serialised key, once the network has it. */
type Sent = { to: string; from: string; text: string | null; key?: string | undefined } & Fields

/** A message of ours at one of its moments. */
export function stored({ to, from, text, key, ...more }: Sent): Fields {
  return {
    id: expect.stringMatching(/^(msg_|true_)/),
    messageId: A_MESSAGE_ID,
    waMessageKey: key === undefined ? null : keyOf(true, to, wireIdOf(key)),
    key: key ?? null,
    to,
    from,
    type: 'text',
    text,
    mediaUrl: null,
    mediaKind: null,
    mediaCaption: null,
    mediaFilename: null,
    mediaMimeType: null,
    pollQuestion: null,
    pollOptions: null,
    pollAllowMultiple: null,
    sendAt: null,
    createdAt: TIME,
    updatedAt: TIME,
    confirmedAt: null,
    sentAt: null,
    receivedAt: null,
    deliveredAt: null,
    readAt: null,
    playedAt: null,
    failedAt: null,
    failureReason: null,
    secret: null,
    linkPreview: null,
    isRecurring: false,
    recurrenceRule: null,
    ...more,
  }
}

export const SENT = { confirmedAt: TIME, sentAt: TIME }
export const DELIVERED = { ...SENT, receivedAt: TIME, deliveredAt: TIME, status: 'delivered' }
export const READ = { ...DELIVERED, readAt: TIME, status: 'read' }
export const FAILED = { status: 'failed', failedAt: TIME, failureReason: expect.stringMatching(/\w/) }

/** `chatId`: where it was said; `participant`: by whom, in a group. */
type Received = { chatId: string; participant?: string; to: string; wireId: string; text: string | null } & Fields

/** What a person wrote. */
export function received({ chatId, participant, to, wireId, text, ...more }: Received): Fields {
  const key = keyOf(false, chatId, wireId, participant)
  return {
    id: A_MESSAGE_ID,
    waMessageKey: key,
    key: key._serialized,
    chatId,
    to,
    from: participant ?? chatId,
    author: participant ?? null,
    senderName: `Phone ${(participant ?? chatId).replace(/@.*/, '').slice(-4)}`, // as simulated phones call themselves
    timestamp: TIME,
    text,
    type: 'chat',
    fromMe: false,
    ack: null,
    mediaUrl: null,
    caption: null,
    filename: null,
    linkPreview: null,
    quotedMessage: null,
    status: 'delivered',
    sendAt: null,
    createdAt: TIME,
    sentAt: TIME,
    deliveredAt: TIME,
    readAt: null,
    failedAt: null,
    failureReason: null,
    ...more,
  }
}

const COUNT = expect.any(Number)

/** A campaign as it stood when something happened to it; its figures go on. */
export const campaign = ({
  id,
  ...more
}: { id: string; audienceId: string; name: string; from: string; status: string } & Fields): Fields => ({
  id,
  cmpId: id,
  campaignId: id,
  totalCount: COUNT,
  sentCount: COUNT,
  deliveredCount: COUNT,
  readCount: COUNT,
  failedCount: COUNT,
  createdAt: TIME,
  startedAt: TIME,
  completedAt: null,
  abortedAt: null,
  ...more,
})

export const session = (phone: string, isConnected: boolean, reason: string | null): Fields => ({
  id: expect.stringMatching(/^eng_/),
  engineId: expect.stringMatching(/^eng_/),
  type: 'gateway',
  connected: isConnected,
  state: isConnected ? 'OPEN' : 'CLOSED',
  stream: isConnected ? 'CONNECTED' : 'DISCONNECTED',
  hasSynced: isConnected,
  phone,
  reason,
})
