import { type Fields, fields, isFields, list, text } from '../json-fields.ts'
import { invalid, missing, type Problem, tooLong } from './answers.ts'
import { checkInteractive } from './check-interactive.ts'

/** Whether that media id is one of this account's. */
export type KnowsMedia = (id: string) => boolean
type Check = (value: unknown, knowsMedia: KnowsMedia) => Problem | undefined

const TO = /^\+?[\d\s()-]{5,30}$/
const BSUID = /^[A-Z]{2}\.[A-Za-z0-9.]{1,140}$/

/** What is wrong with the body of a send, template contents apart: as Meta says it before anything leaves. */
export function checkMessage(body: Fields, knowsMedia: KnowsMedia): Problem | undefined {
  if (body.messaging_product !== 'whatsapp')
    return body.messaging_product === undefined ? missing('messaging_product') : invalid('messaging_product must be "whatsapp".')
  const type = body.type ?? 'text'
  const check = typeof type === 'string' ? CHECKS.get(type) : undefined
  if (!check || typeof type !== 'string') return { code: 131051, details: `Type ${JSON.stringify(type)} is not supported.` }
  return checkEnvelope(body) ?? (body[type] === undefined ? missing(type) : check(body[type], knowsMedia))
}

function checkEnvelope({ to, recipient, recipient_type: kind, biz_opaque_callback_data: data, context }: Fields): Problem | undefined {
  if (to === undefined && recipient === undefined) return missing('to')
  if (to !== undefined && (typeof to !== 'string' || !(TO.test(to) || kind === 'group'))) return invalid('to is not a phone number.')
  if (recipient !== undefined && (typeof recipient !== 'string' || !BSUID.test(recipient)))
    return invalid('recipient is not a business-scoped user id.')
  if (kind !== undefined && kind !== 'individual' && kind !== 'group') return invalid('recipient_type must be individual or group.')
  if (data !== undefined && (typeof data !== 'string' || data.length > 512)) return tooLong('biz_opaque_callback_data', 512)
  return context !== undefined && !text(fields(context).message_id) ? missing('context.message_id') : undefined
}

function checkText(value: unknown): Problem | undefined {
  const { body } = fields(value)
  if (body === undefined || body === '') return missing("text['body']")
  if (typeof body !== 'string') return invalid("text['body'] must be a string.")
  return body.length > 4096 ? tooLong("text['body']", 4096) : undefined
}

const checkMedia =
  (type: string, captionMost = 0): Check =>
  (value, knowsMedia) => {
    const { id, link, caption } = fields(value)
    if ((id === undefined) === (link === undefined)) return { code: 100, details: `${type} needs either id or link.` }
    if (link !== undefined && !/^https?:\/\//.test(String(link))) return invalid(`${type}['link'] is not a web address.`)
    if (id !== undefined && !knowsMedia(String(id)))
      return { code: 100, details: `Param ${type}['id'] is not a valid whatsapp business account media attachment ID` }
    if (caption === undefined) return undefined
    if (captionMost === 0) return { code: 100, details: `Unexpected key "caption" on param "${type}".` }
    return String(caption).length > captionMost ? tooLong(`${type}['caption']`, captionMost) : undefined
  }

function checkLocation(value: unknown): Problem | undefined {
  const { latitude, longitude } = fields(value)
  if (latitude === undefined || longitude === undefined) return missing("location['latitude'] and location['longitude']")
  const inside = Math.abs(Number(latitude)) <= 90 && Math.abs(Number(longitude)) <= 180
  return inside ? undefined : invalid('The coordinates are not on Earth.')
}

const NAME_PARTS = ['first_name', 'last_name', 'middle_name', 'suffix', 'prefix']

function checkContacts(value: unknown): Problem | undefined {
  const cards = list(value)
  if (cards.length === 0 || cards.length > 257) return invalid('contacts must hold 1 to 257 contacts.')
  for (const card of cards) {
    const name = fields(fields(card).name)
    if (!text(name.formatted_name)) return missing("contacts['name']['formatted_name']")
    if (!NAME_PARTS.some((part) => text(name[part]))) return invalid('A contact name needs formatted_name and one part more.')
  }
  return undefined
}

function checkReaction(value: unknown): Problem | undefined {
  const { message_id: id, emoji } = fields(value)
  if (!text(id)) return missing("reaction['message_id']")
  if (typeof emoji !== 'string') return missing("reaction['emoji']")
  return emoji.length > 32 ? invalid("reaction['emoji'] must be one emoji.") : undefined
}

function checkTemplate(value: unknown): Problem | undefined {
  const { name, language, components } = fields(value)
  if (!text(name)) return missing("template['name']")
  if (!text(fields(language).code)) return missing("template['language']['code']")
  return components === undefined || (Array.isArray(components) && components.every(isFields))
    ? undefined
    : invalid("template['components'] must be a list of objects.")
}

const CHECKS = new Map<string, Check>([
  ['text', checkText],
  ['image', checkMedia('image', 1024)],
  ['video', checkMedia('video', 1024)],
  ['audio', checkMedia('audio')],
  ['document', checkMedia('document', 1024)],
  ['sticker', checkMedia('sticker')],
  ['location', checkLocation],
  ['contacts', checkContacts],
  ['reaction', checkReaction],
  ['template', checkTemplate],
  ['interactive', checkInteractive],
])
