import {
  type Field,
  type Fields,
  flag,
  listOf,
  maybe,
  moment,
  object,
  oneOf,
  pageOf,
  text,
  time,
  unless,
  whole,
  wordMap,
  yes,
} from './fields.ts'

/** The clients of the first /v1 read one set of models, the camelCase one another. */
export type Family = 'first' | 'camel'
type Model = Readonly<Record<Family, Field>>

const both = (fields: Fields): Model => ({ first: object(fields), camel: object(fields) })
const each = (shared: Fields, first: Fields, camel: Fields): Model => ({
  first: object({ ...shared, ...first }),
  camel: object({ ...shared, ...camel }),
})

const FIRST_STATUS = oneOf('scheduled', 'queued', 'sending', 'delivered', 'read', 'failed')
const CAMPAIGN_STATUS = oneOf('pending', 'running', 'paused', 'complete_sent', 'complete_delivered', 'aborted')
const KIND = oneOf('image', 'video', 'audio', 'document', 'sticker', 'voice', 'gif')

const CAMEL_MESSAGE: Fields = {
  ...{ id: text, key: maybe(text), to: text, from: maybe(text), type: oneOf('text', 'media', 'poll'), text: maybe(text) },
  ...{ mediaUrl: maybe(text), mediaKind: maybe(KIND), pollQuestion: maybe(text), status: text, sendAt: maybe(time), createdAt: time },
  ...{ confirmedAt: maybe(time), receivedAt: maybe(time), readAt: maybe(time), playedAt: maybe(time), failedAt: maybe(time) },
  failureReason: maybe(text),
}
const MESSAGE: Fields = {
  ...{ id: text, to: text, from: maybe(text), text: maybe(text), mediaUrl: maybe(text), status: FIRST_STATUS },
  ...{ sendAt: maybe(time), createdAt: time, sentAt: maybe(time), deliveredAt: maybe(time), readAt: maybe(time) },
  ...{ failedAt: maybe(time), failureReason: maybe(text) },
}
const SCHEDULED: Fields = {
  ...{ id: text, to: text, text: maybe(text), mediaUrl: maybe(text), mediaCaption: maybe(text), mediaFilename: maybe(text) },
  ...{ mediaMimeType: maybe(text), sendAt: maybe(time), status: text, isRecurring: flag, recurrenceRule: maybe(text) },
  ...{ createdAt: time, updatedAt: maybe(time) },
}

const WEBHOOK: Fields = {
  ...{ id: text, url: text, events: listOf(text), description: maybe(text) },
  ...{ status: oneOf('enabled', 'disabled'), createdAt: time },
}
const CONTACT_OF_AUDIENCE: Fields = { id: text, to: text, variables: wordMap, addedAt: time }
const AUDIENCE: Fields = {
  ...{ id: text, name: text, contactCount: whole, createdAt: time },
  ...{ contacts: unless(listOf(object(CONTACT_OF_AUDIENCE))), page: unless(whole), hasMore: unless(flag) },
}
const PARTICIPANT: Fields = { chatId: text, isAdmin: flag, isSuperAdmin: flag, name: maybe(text) }
const GROUP: Fields = {
  ...{ id: text, name: maybe(text), description: maybe(text), owner: maybe(text), createdAt: maybe(time), lastMessageAt: maybe(time) },
  ...{ participantCount: maybe(whole), announce: maybe(flag), restrict: maybe(flag), participants: maybe(listOf(object(PARTICIPANT))) },
}
const NEWSLETTER: Fields = {
  ...{ name: text, description: maybe(text), createdAt: maybe(time), subscribers: maybe(whole) },
  ...{ invite: maybe(text), verification: maybe(oneOf('VERIFIED', 'UNVERIFIED')) },
}

/** The objects of the API, field by field, as each family's models want them. */
export const MODELS = {
  Ping: both({ accountId: text, keyPrefix: text, scopes: listOf(text) }),
  Account: both({ id: text, name: text, timezone: maybe(text), createdAt: moment }),
  Message: { first: object(MESSAGE), camel: object(CAMEL_MESSAGE) },
  ScheduledMessage: { first: object(SCHEDULED), camel: object(CAMEL_MESSAGE) },
  ChatMessage: both({
    ...{ key: text, chatId: text, from: text, timestamp: maybe(time), text: maybe(text), type: text, fromMe: flag },
    ...{ ack: maybe(whole), mediaUrl: maybe(text), caption: maybe(text), filename: maybe(text) },
  }),
  Chat: each(
    { id: text, name: maybe(text), isGroup: flag, lastMessageAt: maybe(time), unreadCount: maybe(whole) },
    {},
    { isNewsletter: flag, markedUnread: flag },
  ),
  ChatRef: both({ chatId: text }),
  Participant: each({ chatId: text, isAdmin: flag }, { isSuperAdmin: unless(flag) }, { isSuperAdmin: maybe(flag) }),
  Contact: both({ chatId: text, name: maybe(text), isBusiness: flag }),
  Group: both(GROUP),
  Newsletter: both({ id: text, owner: maybe(text), ...NEWSLETTER }),
  NewsletterRow: both({ id: text, chatId: text, owner: maybe(text), ...NEWSLETTER }),
  Audience: both(AUDIENCE),
  AudienceContact: both(CONTACT_OF_AUDIENCE),
  Added: both({ added: whole, contactCount: whole }),
  Campaign: both({
    ...{ id: text, name: text, audienceId: text, status: CAMPAIGN_STATUS, totalCount: whole, sentCount: whole, deliveredCount: whole },
    ...{ readCount: whole, failedCount: whole, from: maybe(text), createdAt: time, startedAt: maybe(time) },
    ...{ completedAt: maybe(time), abortedAt: maybe(time) },
  }),
  Webhook: both(WEBHOOK),
  WebhookWithSecret: both({ ...WEBHOOK, secret: text }),
  EngineStatus: both({ connected: flag, state: maybe(text), stream: maybe(text), hasSynced: maybe(flag) }),
  EngineMe: both({ phone: maybe(text), name: maybe(text), platform: maybe(text) }),
  PhoneValidation: both({ valid: flag, formattedChatId: maybe(text) }),
  LinkPreview: both({ title: maybe(text), description: maybe(text), thumbnail: maybe(text), canonicalUrl: maybe(text) }),
  Media: both({
    ...{ url: maybe(text), mimetype: maybe(text), filename: maybe(text), dataBase64: maybe(text), originalQuality: maybe(flag) },
    mediaUnavailable: maybe(oneOf('expired', 'fetching', 'awaiting_sender', 'error', 'no_media')),
  }),
  Address: both({ url: maybe(text) }),
  Ack: both({ ack: maybe(whole) }),
  Acks: both({ data: listOf(object({ key: text, ack: maybe(whole) })) }),
  History: both({ totalMessages: maybe(whole), added: maybe(whole), canLoadMore: flag }),
  Deleted: both({ id: text, deleted: yes }),
  Ok: both({ ok: yes }),
} as const satisfies Record<string, Model>

export type ModelName = keyof typeof MODELS
/** What a call is answered with: an object, a page of them, anything, or a 204 without a body. */
export type Wanted = ModelName | { page: ModelName } | 'anything' | 'nothing'

/** undefined: nothing is read of it. */
export function fieldFor(wanted: Wanted, family: Family): Field | undefined {
  if (wanted === 'anything' || wanted === 'nothing') return undefined
  return typeof wanted === 'string' ? MODELS[wanted][family] : pageOf(MODELS[wanted.page][family])
}
