import { type Fields, fields, list, text } from '../json-fields.ts'
import { invalid, missing, type Problem, tooLong } from './answers.ts'

type Check = (message: Fields) => Problem | undefined

/** What is wrong with an interactive message. */
export function checkInteractive(value: unknown): Problem | undefined {
  const message = fields(value)
  const kind = text(message.type)
  const check = kind === undefined ? undefined : CHECKS.get(kind)
  if (!check) return kind === undefined ? missing("interactive['type']") : invalid(`interactive['type'] ${kind} is not supported.`)
  if (message.action === undefined) return missing("interactive['action']")
  const footer = text(fields(message.footer).text)
  return footer !== undefined && footer.length > 60 ? tooLong("footer['text']", 60) : check(message)
}

function body(message: Fields, most: number): Problem | undefined {
  const words = text(fields(message.body).text)
  if (!words) return missing("interactive['body']['text']")
  return words.length > most ? tooLong("interactive['body']['text']", most) : undefined
}

function header(message: Fields, kinds: readonly string[]): Problem | undefined {
  if (message.header === undefined) return undefined
  const { type, text: words, ...rest } = fields(message.header)
  if (typeof type !== 'string' || !kinds.includes(type)) return invalid(`interactive['header']['type'] must be one of ${kinds.join(', ')}.`)
  if (type !== 'text')
    return fields(rest[type]).id === undefined && fields(rest[type]).link === undefined ? missing(`header['${type}']`) : undefined
  if (!text(words)) return missing("header['text']")
  return String(words).length > 60 ? tooLong("header['text']", 60) : undefined
}

const ANY_HEADER = ['text', 'image', 'video', 'document']
const areUnique = (values: readonly unknown[]) => new Set(values).size === values.length
const fits = (value: unknown, most: number) => typeof value === 'string' && value.length > 0 && value.length <= most

function buttons(message: Fields): Problem | undefined {
  const replies = list(fields(message.action).buttons).map((button) => fields(fields(button).reply))
  if (replies.length < 1 || replies.length > 3) return invalid('There must be 1 to 3 buttons.')
  for (const { id, title } of replies) {
    if (!fits(id, 256)) return invalid('A button id has 1 to 256 characters.')
    if (!fits(title, 20)) return invalid('A button title has 1 to 20 characters.')
  }
  const unique = areUnique(replies.map(({ id }) => id)) && areUnique(replies.map(({ title }) => title))
  return (unique ? undefined : invalid('Button ids and titles must differ.')) ?? header(message, ANY_HEADER) ?? body(message, 1024)
}

function menu(message: Fields): Problem | undefined {
  const { button, sections } = fields(message.action)
  const parts = list(sections).map(fields)
  const rows = parts.flatMap((section) => list(section.rows)).map(fields)
  if (!fits(button, 20)) return invalid("action['button'] has 1 to 20 characters.")
  if (parts.length < 1 || parts.length > 10) return invalid('There must be 1 to 10 sections.')
  if (parts.length > 1 && !parts.every(({ title }) => fits(title, 24)))
    return invalid('Every section needs a title of at most 24 characters.')
  if (rows.length < 1 || rows.length > 10) return invalid('There must be 1 to 10 rows over all sections.')
  if (!rows.every(({ id, title }) => fits(id, 200) && fits(title, 24)))
    return invalid('A row has an id of at most 200 and a title of at most 24 characters.')
  if (rows.some(({ description }) => description !== undefined && String(description).length > 72)) return tooLong("row['description']", 72)
  return (
    (areUnique(rows.map(({ id }) => id)) ? undefined : invalid('Row ids must differ.')) ?? header(message, ['text']) ?? body(message, 4096)
  )
}

function callToAction(message: Fields): Problem | undefined {
  const { display_text: label, url } = fields(fields(message.action).parameters)
  if (!fits(label, 20)) return invalid("parameters['display_text'] has 1 to 20 characters.")
  if (typeof url !== 'string' || !/^https?:\/\//.test(url)) return invalid("parameters['url'] is not a web address.")
  return header(message, ANY_HEADER) ?? body(message, 1024)
}

function productList(message: Fields): Problem | undefined {
  const { catalog_id: catalog, sections } = fields(message.action)
  const parts = list(sections).map(fields)
  const products = parts.flatMap(({ product_items: items }) => list(items))
  if (!catalog) return missing("action['catalog_id']")
  if (parts.length < 1 || parts.length > 10 || products.length < 1 || products.length > 30)
    return invalid('There must be 1 to 10 sections with 1 to 30 products.')
  return (message.header === undefined ? missing("interactive['header']") : header(message, ['text'])) ?? body(message, 1024)
}

function product(message: Fields): Problem | undefined {
  const { catalog_id: catalog, product_retailer_id: item } = fields(message.action)
  if (!catalog || !item) return missing("action['catalog_id'] and action['product_retailer_id']")
  return message.header === undefined ? undefined : invalid('A product message has no header.')
}

function carousel(message: Fields): Problem | undefined {
  const cards = list(fields(message.action).cards)
  if (cards.length < 2 || cards.length > 10) return invalid('There must be 2 to 10 cards.')
  return message.header === undefined && message.footer === undefined
    ? body(message, 1024)
    : invalid('A carousel has no header and no footer.')
}

function flow(message: Fields): Problem | undefined {
  const { flow_id: id, flow_name: name, flow_cta: label } = fields(fields(message.action).parameters)
  if (!id && !name) return missing("parameters['flow_id']")
  return (
    (fits(label, 20) ? undefined : invalid("parameters['flow_cta'] has 1 to 20 characters.")) ??
    header(message, ANY_HEADER) ??
    body(message, 1024)
  )
}

const passes: Check = () => undefined

const CHECKS = new Map<string, Check>([
  ['button', buttons],
  ['list', menu],
  ['cta_url', callToAction],
  ['location_request_message', (message) => body(message, 1024)],
  ['product', product],
  ['product_list', productList],
  ['catalog_message', (message) => body(message, 1024)],
  ['carousel', carousel],
  ['flow', flow],
  ['address_message', passes],
  ['call_permission_request', passes],
  ['voice_call', passes],
  ['order_details', passes],
  ['order_status', passes],
])
