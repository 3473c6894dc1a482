import { type Fields, fields, list, text } from '../json-fields.ts'
import type { Network } from '../network.types.ts'
import type { Account } from './accounts.ts'
import { type Answer, json, noSuchObject, refuse, success } from './answers.ts'
import { checkTemplateForm, upper } from './template-rules.ts'

export type TemplateStatus = 'PENDING' | 'APPROVED' | 'REJECTED' | 'PAUSED' | 'DISABLED' | 'PENDING_DELETION'
export type Template = {
  id: string
  name: string
  language: string
  category: string
  status: TemplateStatus
  parameter_format: string
  components: readonly Fields[]
  rejected_reason: string
  quality_score: { score: string; date: number }
}

export interface Templates {
  create(account: Account, body: Fields): Answer
  list(account: Account, query: URLSearchParams): Answer
  remove(account: Account, query: URLSearchParams): Answer
  find(account: Account, name: string, language: string): Template | undefined
  /** Moves a template to a status and tells it by webhook; false when there is none. */
  move(account: Account, which: { name: string; language: string }, status: TemplateStatus): boolean
}

const TEMPLATES_MOST = 6000
const LOCK_MS = 30 * 86_400_000
type Teller = (account: Account, field: string, value: Fields) => void

/** The templates of all accounts. A new one is PENDING and decided after `reviewMs`: rejected when its name begins with `reject_`. */
export function createTemplates(network: Network, { reviewMs, tell }: { reviewMs: number; tell: Teller }): Templates {
  const books = new Map<string, Map<string, Template>>()
  const locked = new Map<string, number>()
  let made = 0
  const keyOf = (name: string, language: string) => `${name} ${language}`
  const bookOf = (account: Account) => {
    const book = books.get(account.wabaId) ?? new Map([[keyOf('hello_world', 'en_US'), helloWorld(account)]])
    books.set(account.wabaId, book)
    return book
  }
  const nextId = (account: Account) => `${account.wabaId.slice(0, 6)}7${String(++made).padStart(8, '0')}`
  function decide(account: Account, template: Template, status: TemplateStatus) {
    template.status = status
    if (status === 'REJECTED') template.rejected_reason = 'INVALID_FORMAT'
    tell(account, 'message_template_status_update', statusUpdate(template))
  }
  return {
    create(account, body) {
      const book = bookOf(account)
      const problem = checkTemplateForm(body) ?? roomProblem(book, keyOf(String(body.name), String(body.language)))
      if (problem) return refuse(problem)
      const lock = locked.get(`${account.wabaId} ${body.name}`) ?? 0
      if (lock > network.time.now()) return refuse(taken('The name is free again in 30 days at most.'))
      const template = newTemplate(nextId(account), body)
      book.set(keyOf(template.name, template.language), template)
      network.time.after(
        reviewMs,
        () => template.status === 'PENDING' && decide(account, template, template.name.startsWith('reject_') ? 'REJECTED' : 'APPROVED'),
      )
      return json({ id: template.id, status: template.status, category: template.category })
    },
    list: (account, query) =>
      page(
        [...bookOf(account).values()].filter((template) => matches(template, query)),
        query,
      ),
    remove(account, query) {
      const gone = removeFrom(bookOf(account), query)
      for (const { name, status } of gone) if (status === 'APPROVED') locked.set(`${account.wabaId} ${name}`, network.time.now() + LOCK_MS)
      return gone.length > 0 ? success() : noSuchObject(query.get('hsm_id') ?? query.get('name') ?? '')
    },
    find: (account, name, language) => bookOf(account).get(keyOf(name, language)),
    move(account, { name, language }, status) {
      const template = bookOf(account).get(keyOf(name, language))
      if (template) decide(account, template, status)
      return template !== undefined
    },
  }
}

/** One by `hsm_id`, or all languages of a `name`. */
function removeFrom(book: Map<string, Template>, query: URLSearchParams): Template[] {
  const id = query.get('hsm_id')
  const found = [...book].filter(([, template]) => (id === null ? template.name === query.get('name') : template.id === id))
  for (const [key] of found) book.delete(key)
  return found.map(([, template]) => template)
}

const taken = (userMessage: string) => ({
  code: 100,
  subcode: 2388024,
  details: userMessage,
  userTitle: 'This name and language exist',
  userMessage,
})

function roomProblem(book: Map<string, Template>, key: string) {
  if (book.has(key)) return taken('There is a template of this name in this language.')
  if (book.size < TEMPLATES_MOST) return undefined
  return {
    code: 100,
    subcode: 2388019,
    details: 'Too many templates.',
    userTitle: 'Too many templates',
    userMessage: `An account has ${TEMPLATES_MOST} templates at most.`,
  }
}

const newTemplate = (id: string, body: Fields): Template => ({
  id,
  name: String(body.name),
  language: String(body.language),
  category: String(body.category),
  status: 'PENDING',
  parameter_format: text(body.parameter_format) ?? 'POSITIONAL',
  components: list(body.components)
    .map(fields)
    .map((part) => ({ ...part, type: upper(part.type) })),
  rejected_reason: 'NONE',
  quality_score: { score: 'UNKNOWN', date: 0 },
})

const helloWorld = (account: Account): Template => ({
  ...newTemplate(`${account.wabaId.slice(0, 6)}700000000`, { name: 'hello_world', language: 'en_US', category: 'UTILITY' }),
  status: 'APPROVED',
  components: [{ type: 'BODY', text: 'Hello from a simulated network.' }],
})

const statusUpdate = ({ id, name, language, status, category, rejected_reason: reason }: Template): Fields => ({
  event: status,
  message_template_id: Number(id),
  message_template_name: name,
  message_template_language: language,
  message_template_category: category,
  reason,
  ...(status === 'PAUSED' && { other_info: { title: 'FIRST_PAUSE', description: 'Paused for 3 hours.' } }),
})

const FILTERS = ['name', 'language', 'status', 'category'] as const
const matches = (template: Template, query: URLSearchParams) =>
  FILTERS.every(
    (field) =>
      !query.has(field) || (field === 'name' ? template.name.includes(query.get(field) ?? '') : template[field] === query.get(field)),
  )

/** One page; the cursor is the id of its last item. */
function page(all: readonly Template[], query: URLSearchParams): Answer {
  const limit = Math.min(Math.max(Number(query.get('limit') ?? 25) || 25, 1), 1000)
  const after = query.get('after')
  const start = after === null ? 0 : all.findIndex(({ id }) => Buffer.from(id).toString('base64url') === after) + 1
  if (after !== null && start === 0) return refuse({ code: 131059, title: 'Invalid cursor', details: 'Begin again without a cursor.' })
  const items = all.slice(start, start + limit)
  const cursor = (template: Template | undefined) => (template ? Buffer.from(template.id).toString('base64url') : undefined)
  const last = cursor(items.at(-1))
  const next = start + limit < all.length && { next: `?limit=${limit}&after=${last}` }
  return json({
    data: items.map((template) => chosen(template, query)),
    ...(items.length > 0 && { paging: { cursors: { before: cursor(items[0]), after: last }, ...next } }),
  })
}

function chosen(template: Template, query: URLSearchParams): Fields {
  const names = query.get('fields')?.split(',')
  return names ? Object.fromEntries(Object.entries(template).filter(([name]) => name === 'id' || names.includes(name))) : template
}
