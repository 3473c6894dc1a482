import { randomUUID } from 'node:crypto'
import type { Action } from './groups.ts'
import type { Field } from './operations.ts'
import type { Issue } from './problem.ts'
import { fieldsOf, isNeeded } from './tools.ts'

export type Arguments = Readonly<Record<string, unknown>>

export type ApiRequest = { method: string; path: string; body: string | undefined; idempotencyKey: string | undefined }

/** The request that an action with its arguments is, or what is wrong with them; types and ranges are judged by the API. */
export function writeRequest(action: Action, given: Arguments): ApiRequest | { issues: Issue[] } {
  const issues = findIssues(action, given)
  if (issues.length > 0) return { issues }
  const { method, path, fields, hasBody } = action.operation
  const values: Arguments = { ...given, ...action.fixed }
  const at = (place: Field['at']) => fields.filter((field) => field.at === place && values[field.name] !== undefined)
  const query = new URLSearchParams()
  for (const { name, key } of at('query')) if (values[name] !== null) query.append(key, textOf(values[name]))
  const segments = new Map(at('path').map(({ name, key }) => [key, encodeURIComponent(textOf(values[name]))]))
  const filled = path.replaceAll(/\{([^}]+)\}/g, (_, key: string) => segments.get(key) ?? '')
  const [idempotency] = at('idempotency')
  return {
    method,
    path: query.size > 0 ? `${filled}?${query}` : filled,
    body: hasBody ? JSON.stringify(Object.fromEntries(at('body').map(({ name, key }) => [key, values[name]]))) : undefined,
    idempotencyKey: method === 'GET' ? undefined : idempotency ? textOf(values[idempotency.name]) : randomUUID(),
  }
}

function findIssues(action: Action, given: Arguments): Issue[] {
  const fields = fieldsOf(action)
  const taken = fields.map(({ name }) => name)
  const strange = Object.keys(given)
    .filter((name) => !taken.includes(name))
    .map((name) => ({
      path: name,
      code: 'unrecognized_keys',
      message: `${action.name} does not take it; it takes ${taken.join(', ') || 'nothing'}`,
    }))
  const missing = fields
    .filter((field) => isNeeded(action, field) && (given[field.name] === undefined || given[field.name] === null))
    .map(({ name }) => ({ path: name, code: 'required', message: `${action.name} needs it` }))
  const unfit = fields
    .filter((field) => isUnfit(field, given[field.name]))
    .map(({ name, at }) => ({ path: name, code: 'invalid_value', message: at === 'path' ? NO_SEGMENT : NO_HEADER }))
  return [...strange, ...missing, ...unfit]
}

const NO_SEGMENT = 'must be an id or a number, and no path'
const NO_HEADER = 'must be 1 to 255 letters, digits or signs without spaces'

/** '..' in a path would lead to another route; a header takes no line ends. */
function isUnfit({ at }: Field, value: unknown): boolean {
  if (value === undefined || value === null) return false
  if (at === 'path') return !['string', 'number'].includes(typeof value) || ['', '.', '..'].includes(String(value))
  return at === 'idempotency' && !(typeof value === 'string' && /^[\x21-\x7e]{1,255}$/.test(value))
}

const textOf = (value: unknown): string => {
  if (Array.isArray(value)) return value.map(textOf).join(',')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
