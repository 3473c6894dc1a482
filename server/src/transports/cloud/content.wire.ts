import type { InboundContent, RemoteMedia } from '#core/content'
import { type Fields, fields, id, isFields, known, list, number, text, texts } from '#kit/lenient'
import { tidy } from '#kit/tidy'

/** What a message of a webhook says, in our words. Everything has an answer: what we have no word for is `unknown` with its raw form. */
export function toContent(message: Fields): InboundContent {
  const type = text(message.type) ?? 'untyped'
  const read = Object.hasOwn(READERS, type) ? READERS[type] : undefined
  return read?.(fields(message[type]), message) ?? unknown(type, message)
}

type Reader = (value: Fields, message: Fields) => InboundContent | undefined

const unknown = (kind: string, message: Fields): InboundContent => {
  const code = number(fields(list(message.errors)[0]).code)
  return { type: 'unknown', kind, raw: message, ...(code !== undefined && { code }) }
}

const readMedia =
  (type: 'image' | 'video' | 'document' | 'sticker'): Reader =>
  (value) => {
    const remoteMedia = toRemoteMedia(value)
    if (!remoteMedia) return undefined
    const animated = type === 'sticker' && value.animated === true
    return { type, remoteMedia, ...texts(value, { caption: 'caption', filename: 'filename' }), ...(animated && { animated }) }
  }

function toRemoteMedia(value: Fields): RemoteMedia | undefined {
  const remoteId = id(value.id)
  const url = text(value.url)
  if (remoteId === undefined && url === undefined) return undefined
  return known({ id: remoteId, url, mimeType: text(value.mime_type), sha256: text(value.sha256), size: number(value.file_size) })
}

const readAudio: Reader = (value) => {
  const remoteMedia = toRemoteMedia(value)
  return remoteMedia && { type: value.voice === true ? 'voice' : 'audio', remoteMedia }
}

const readLocation: Reader = (value) => {
  const latitude = number(value.latitude)
  const longitude = number(value.longitude)
  if (latitude === undefined || longitude === undefined) return undefined
  return { type: 'location', latitude, longitude, ...texts(value, { name: 'name', address: 'address' }) }
}

/** The card in the form we send it; what we have no word for stays as it came. */
function toCard(card: unknown): unknown {
  if (!isFields(card)) return card
  const { name, phones, org, ...rest } = card
  return known({
    ...rest,
    name: isFields(name)
      ? texts(name, {
          formatted: 'formatted_name',
          first: 'first_name',
          last: 'last_name',
          middle: 'middle_name',
          prefix: 'prefix',
          suffix: 'suffix',
        })
      : undefined,
    phones: Array.isArray(phones) ? phones.filter(isFields).map(({ wa_id: waId, ...phone }) => known({ ...phone, waId })) : undefined,
    organization: org,
  })
}

const readInteractive: Reader = (value) => {
  const kind = text(value.type)
  const reply = fields(value[kind ?? ''])
  if (kind === 'button_reply' || kind === 'list_reply') {
    const words = texts(reply, { title: 'title', description: 'description' })
    return { type: 'reply', kind: kind === 'button_reply' ? 'button' : 'list', ...known({ id: id(reply.id) }), ...words }
  }
  if (kind === 'nfm_reply')
    return { type: 'reply', kind: 'form', ...texts(reply, { title: 'name' }), payload: formPayload(reply.response_json) }
  return undefined
}

/** A form's answer is JSON in a text, made on the person's phone: it may be anything. */
function formPayload(json: unknown): unknown {
  if (typeof json !== 'string') return json
  try {
    return tidy(JSON.parse(json))
  } catch {
    return json
  }
}

const readOrder: Reader = (value) => ({
  type: 'order',
  ...known({ catalogId: id(value.catalog_id), text: text(value.text) }),
  items: list(value.product_items)
    .filter(isFields)
    .map((item) => ({
      retailerId: id(item.product_retailer_id) ?? '',
      quantity: number(item.quantity) ?? 0,
      price: number(item.item_price) ?? 0,
      currency: text(item.currency) ?? '',
    })),
})

const readEdit: Reader = (value) => {
  const wireId = id(value.original_message_id)
  const inner = fields(value.message)
  return wireId === undefined ? undefined : { type: 'edit', wireId, content: 'edit' in inner ? inner : toContent(inner) }
}

const readUnsupported: Reader = (value, message) => unknown(text(value.type) ?? 'unsupported', message)

const READERS: Readonly<Record<string, Reader>> = {
  text: ({ body }) => (typeof body === 'string' ? { type: 'text', text: body } : undefined),
  image: readMedia('image'),
  video: readMedia('video'),
  document: readMedia('document'),
  sticker: readMedia('sticker'),
  audio: readAudio,
  location: readLocation,
  contacts: (_, { contacts }) => (Array.isArray(contacts) ? { type: 'contacts', contacts: contacts.map(toCard) } : undefined),
  reaction(value) {
    const wireId = id(value.message_id)
    return wireId === undefined ? undefined : { type: 'reaction', wireId, emoji: text(value.emoji) ?? '' }
  },
  interactive: readInteractive,
  button(value) {
    const title = text(value.text)
    const payload = value.payload
    return title === undefined && payload === undefined ? undefined : { type: 'reply', kind: 'quick_reply', ...known({ title, payload }) }
  },
  order: (value) => (Array.isArray(value.product_items) ? readOrder(value, value) : undefined),
  system: (value) => ({ type: 'system', kind: text(value.type) ?? 'system', ...texts(value, { body: 'body' }), raw: value }),
  edit: readEdit,
  revoke(value) {
    const wireId = id(value.original_message_id)
    return wireId === undefined ? undefined : { type: 'revoke', wireId }
  },
  unsupported: readUnsupported,
}
