import type { Tool } from '@modelcontextprotocol/server'
import type { ApiDocument, Schema } from './document.ts'
import { EXCLUDED } from './exclusions.ts'
import { type Action, type Group, groupOperations } from './groups.ts'
import { either, type Field, listOperations } from './operations.ts'

/** A tool as it is listed, and what its actions do. */
export type ListedTool = { tool: Tool; actions: ReadonlyMap<string, Action> }

/** The tools of an API by name: all of them, or those that were chosen. */
export function buildTools(document: ApiDocument, chosen?: readonly string[]): Map<string, ListedTool> {
  const operations = listOperations(document).filter(({ id }) => EXCLUDED[id] === undefined)
  const sections = new Map(document.tags.map(({ name, description }) => [name, description]))
  const groups = groupOperations(operations, sections)
  const names = groups.map(({ name }) => name)
  const unknown = chosen?.filter((name) => !names.includes(name)) ?? []
  if (unknown.length > 0) throw new Error(`--tools: this server has no ${unknown.join(', ')}; it has ${names.join(', ')}.`)
  const wanted = groups.filter(({ name }) => chosen === undefined || chosen.includes(name))
  return new Map(wanted.map((group) => [group.name, listTool(group)]))
}

function listTool(group: Group): ListedTool {
  const { name, actions } = group
  const methods = actions.map(({ operation }) => operation.method)
  const readOnly = methods.every((method) => method === 'GET')
  const tool: Tool = {
    name,
    description: describe(group),
    inputSchema: inputOf(actions),
    annotations: {
      readOnlyHint: readOnly,
      destructiveHint: methods.some((method) => ['DELETE', 'PUT', 'PATCH'].includes(method)),
      idempotentHint: methods.every((method) => method !== 'POST'),
      openWorldHint: !readOnly,
    },
  }
  return { tool, actions: new Map(actions.map((action) => [action.name, action])) }
}

function describe({ about, actions }: Group): string {
  const lines = actions.map((action) => {
    const { method, title, does } = action.operation
    const effect = { GET: ' (reads)', DELETE: ' (deletes)', PUT: ' (changes)', PATCH: ' (changes)', POST: '' }[method]
    const words = does.replaceAll(/\s*\n+\s*/g, ' ').replace(/(?<![.!?])$/, '.')
    const taken = fieldsOf(action).map((field) => (isNeeded(action, field) ? `${field.name}*` : field.name))
    return `- ${action.name}${effect}: ${title}. ${words}${taken.length > 0 ? ` Takes ${taken.join(', ')}.` : ''}`
  })
  return [about, 'Actions, with a * after what must be given:', ...lines].filter((line) => line !== '').join('\n')
}

/** What an action takes from its caller. */
export const fieldsOf = ({ operation, fixed }: Action): Field[] => operation.fields.filter(({ name }) => !Object.hasOwn(fixed, name))

export const isNeeded = ({ needs }: Action, { name, required }: Field): boolean => required || needs.includes(name)

/** One flat object, since many clients take no alternatives at the top: the arguments of all actions, each once. */
function inputOf(actions: readonly Action[]): Tool['inputSchema'] {
  const action: Schema = { type: 'string', enum: actions.map(({ name }) => name), description: 'What to do' }
  const properties: Record<string, Schema> = { action }
  const words = new Map<string, Map<string, string[]>>()
  for (const one of actions) {
    for (const { name, schema } of fieldsOf(one)) {
      const known = properties[name]
      properties[name] = known ? either(known, schema) : schema
      noteWords(words, name, schema.description, one.name)
    }
  }
  for (const [name, told] of words) properties[name] = { ...properties[name], description: joinWords(told) }
  const always = Object.keys(properties).filter((name) => name === 'action' || actions.every((one) => needsField(one, name)))
  return { type: 'object', properties, required: always, additionalProperties: false }
}

const needsField = (action: Action, name: string): boolean => {
  const field = fieldsOf(action).find((one) => one.name === name)
  return field !== undefined && isNeeded(action, field)
}

function noteWords(words: Map<string, Map<string, string[]>>, name: string, description: unknown, action: string): void {
  if (typeof description !== 'string') return
  const told = words.get(name) ?? new Map<string, string[]>()
  told.set(description, [...(told.get(description) ?? []), action])
  words.set(name, told)
}

/** Where actions mean different things by one word, each is told with their names. */
function joinWords(told: ReadonlyMap<string, readonly string[]>): string {
  const [only, ...more] = told.keys()
  if (only !== undefined && more.length === 0) return only
  return [...told].map(([description, actions]) => `${description} (${actions.join(', ')})`).join('; ')
}
