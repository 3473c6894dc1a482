import type { InboundContent } from '#core/content'
import { type Fields, fields, list, text } from '../json-fields.ts'

/** What a send says, in our words; what we have no word for stays as it came. */
export function toContent(body: Fields): InboundContent {
  const type = text(body.type) ?? 'text'
  const value = fields(body[type])
  switch (type) {
    case 'text':
      return { type, text: text(value.body) ?? '', ...(value.preview_url === true && { previewUrl: true }) }
    case 'image':
    case 'video':
    case 'document':
    case 'sticker':
      return toMedia(type, value)
    case 'audio':
      return toMedia(value.voice === true ? 'voice' : 'audio', value)
    case 'location':
      return { type, latitude: Number(value.latitude), longitude: Number(value.longitude), ...words(value, ['name', 'address']) }
    case 'contacts':
      return { type, contacts: [...list(body.contacts)] }
    case 'reaction':
      return { type, wireId: text(value.message_id) ?? '', emoji: text(value.emoji) ?? '' }
    case 'template':
      return {
        type,
        name: text(value.name) ?? '',
        language: text(fields(value.language).code) ?? '',
        components: list(value.components).map((part) => ({ ...fields(part) })),
      }
    case 'interactive':
      return toInteractive(value) ?? { type: 'unknown', kind: `interactive.${value.type}`, raw: value }
    default:
      return { type: 'unknown', kind: type, raw: value }
  }
}

const words = (value: Fields, names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.flatMap((name) => (typeof value[name] === 'string' ? [[name, value[name]]] : [])))

const toMedia = (type: 'image' | 'video' | 'document' | 'sticker' | 'audio' | 'voice', value: Fields): InboundContent => ({
  type,
  remoteMedia: { ...(value.id !== undefined && { id: String(value.id) }), ...(typeof value.link === 'string' && { url: value.link }) },
  ...words(value, ['caption', 'filename']),
})

type Interactive = Extract<InboundContent, { type: 'interactive' }>['interactive']

function toInteractive(value: Fields): InboundContent | undefined {
  const action = fields(value.action)
  const around = {
    body: text(fields(value.body).text) ?? '',
    ...(text(fields(value.footer).text) && { footer: String(fields(value.footer).text) }),
  }
  const header = toHeader(fields(value.header))
  const wrap = (interactive: Interactive): InboundContent => ({ type: 'interactive', interactive })
  if (value.type === 'button') {
    const buttons = list(action.buttons).map((button) => fields(fields(button).reply))
    return wrap({
      kind: 'buttons',
      ...around,
      ...(header && { header }),
      buttons: buttons.map(({ id, title }) => ({ id: String(id), title: String(title) })),
    })
  }
  if (value.type === 'list') {
    return wrap({
      kind: 'list',
      ...around,
      ...(header?.type === 'text' && { header }),
      button: String(action.button),
      sections: list(action.sections).map(toSection),
    })
  }
  if (value.type !== 'cta_url') return undefined
  const { display_text: label, url } = fields(action.parameters)
  return wrap({ kind: 'cta', ...around, ...(header && { header }), label: String(label), url: String(url) })
}

function toHeader(header: Fields): Extract<Interactive, { kind: 'buttons' }>['header'] {
  const { type } = header
  if (type === 'text') return { type, text: String(header.text) }
  if (type !== 'image' && type !== 'video' && type !== 'document') return undefined
  const { id, link } = fields(header[type])
  return { type, mediaId: String(id ?? link) }
}

const toSection = (section: unknown) => ({
  ...words(fields(section), ['title']),
  rows: list(fields(section).rows).map((row) => ({
    id: String(fields(row).id),
    title: String(fields(row).title),
    ...words(fields(row), ['description']),
  })),
})
