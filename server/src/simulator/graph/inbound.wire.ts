import type { InboundContent } from '#core/content'
import type { Files } from '../files.ts'
import { fields } from '../json-fields.ts'
import type { NetworkInbound } from '../network.types.ts'
import type { Phone } from '../phones.ts'

/** A phone's message as an item of `messages`. */
export function messageOf(inbound: NetworkInbound, files: Files): string {
  const { phone, content, contextWireId } = inbound
  const context = contextWireId !== undefined && { context: { from: inbound.business.replace('+', ''), id: contextWireId } }
  return JSON.stringify({
    ...(!phone.hidesNumber && { from: phone.waId }),
    ...(phone.bsuid !== undefined && { from_user_id: phone.bsuid }),
    id: inbound.wireId,
    timestamp: String(Math.floor(inbound.at / 1000)),
    ...context,
    ...partsOf(content, files),
  })
}

/** Who wrote, as an item of `contacts`. */
export const contactOf = (phone: Phone): string =>
  JSON.stringify({
    profile: { name: phone.profileName, ...(phone.username !== undefined && { username: phone.username }) },
    ...(!phone.hidesNumber && { wa_id: phone.waId }),
    ...(phone.bsuid !== undefined && { user_id: phone.bsuid }),
  })

/** `type` and the object of that name. */
function partsOf(content: InboundContent, files: Files): Record<string, unknown> {
  switch (content.type) {
    case 'text':
      return { type: 'text', text: { body: content.text } }
    case 'image':
    case 'video':
    case 'audio':
    case 'voice':
    case 'document':
    case 'sticker':
      return mediaPart(content, files)
    case 'location': {
      const { type, ...location } = content
      return { type, location }
    }
    case 'contacts':
      return {
        type: 'contacts',
        contacts: content.contacts.map((card) => ('formatted' in fields(fields(card).name) ? toCard(fields(card)) : card)),
      }
    case 'reaction':
      return { type: 'reaction', reaction: { message_id: 'wireId' in content ? content.wireId : content.messageId, emoji: content.emoji } }
    case 'reply':
      return replyPart(content)
    case 'order':
      return orderPart(content)
    case 'system':
      return { type: 'system', system: { type: content.kind, body: content.body, ...fields(content.raw) } }
    case 'edit':
      return { type: 'edit', edit: { original_message_id: content.wireId, message: content.content } }
    case 'revoke':
      return { type: 'revoke', revoke: { original_message_id: content.wireId } }
    case 'unknown':
      return unknownPart(content)
    default:
      return unsupportedPart(content.type)
  }
}

function unknownPart({ kind, raw, code }: Extract<InboundContent, { type: 'unknown' }>): Record<string, unknown> {
  return { type: kind, ...(raw !== undefined && { [kind]: raw }), ...(code !== undefined && { errors: [{ code, title: kind }] }) }
}

/** Polls and the like do not reach the Cloud API. */
function unsupportedPart(type: string): Record<string, unknown> {
  const title = 'Message type unknown'
  const details = 'Message type is currently not supported.'
  return {
    type: 'unsupported',
    unsupported: { type: type === 'poll_vote' ? 'poll' : type },
    errors: [{ code: 131051, title, message: title, error_data: { details } }],
  }
}

type Media = Extract<InboundContent, { type: 'image' | 'video' | 'audio' | 'voice' | 'document' | 'sticker' }>

function mediaPart(content: Media, files: Files): Record<string, unknown> {
  const { type } = content
  const id = 'remoteMedia' in content ? content.remoteMedia.id : content.mediaId
  const file = id === undefined ? undefined : files.get(id)
  const name = type === 'voice' ? 'audio' : type
  const part = {
    id,
    mime_type: file?.mimeType,
    sha256: file && Buffer.from(file.sha256, 'hex').toString('base64'),
    ...('caption' in content && content.caption !== undefined && { caption: content.caption }),
    ...(type === 'document' && { filename: ('filename' in content ? content.filename : undefined) ?? file?.filename }),
    ...(name === 'audio' && { voice: type === 'voice' }),
    ...(type === 'sticker' && { animated: ('animated' in content && content.animated) ?? false }),
  }
  return { type: name, [name]: part }
}

function replyPart({ kind, id, title, description, payload }: Extract<InboundContent, { type: 'reply' }>): Record<string, unknown> {
  if (kind === 'quick_reply') return { type: 'button', button: { payload: payload ?? id ?? title, text: title } }
  if (kind === 'form')
    return {
      type: 'interactive',
      interactive: { type: 'nfm_reply', nfm_reply: { name: 'flow', body: 'Sent', response_json: JSON.stringify(payload ?? {}) } },
    }
  const name = kind === 'button' ? 'button_reply' : 'list_reply'
  return { type: 'interactive', interactive: { type: name, [name]: { id, title, ...(description !== undefined && { description }) } } }
}

const orderPart = ({ catalogId, text, items }: Extract<InboundContent, { type: 'order' }>) => ({
  type: 'order',
  order: {
    catalog_id: catalogId,
    text,
    product_items: items.map(({ retailerId, quantity, price, currency }) => ({
      product_retailer_id: retailerId,
      quantity,
      item_price: price,
      currency,
    })),
  },
})

/** A card in our words as Meta writes it. */
function toCard(card: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { formatted, first, last, middle, prefix, suffix } = fields(card.name)
  const { name: _, organization, phones, ...rest } = card
  const numbers = Array.isArray(phones)
    ? phones.map(fields).map(({ waId, ...phone }) => ({ ...phone, ...(waId !== undefined && { wa_id: waId }) }))
    : undefined
  return {
    ...rest,
    name: { formatted_name: formatted, first_name: first, last_name: last, middle_name: middle, prefix, suffix },
    ...(organization !== undefined && { org: organization }),
    ...(numbers && { phones: numbers }),
  }
}
