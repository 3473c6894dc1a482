import { type Fields, fields, list, text } from '../json-fields.ts'
import { missing, type Problem } from './answers.ts'

const CATEGORIES = ['MARKETING', 'UTILITY', 'AUTHENTICATION']
const HEADER_FORMATS = ['TEXT', 'IMAGE', 'VIDEO', 'DOCUMENT', 'GIF', 'LOCATION', 'PRODUCT']
const VARIABLE = /\{\{\s*([a-z0-9_]+)\s*\}\}/gi
/** Letters that a text must have for each of its variables, about as Meta asks. */
const LETTERS_EACH = 3

/** The variables of a text, each once, in order. */
export const variablesOf = (words: string): string[] => [...new Set([...words.matchAll(VARIABLE)].map(([, name]) => name ?? ''))]

const formatProblem = (subcode: number, userTitle: string, userMessage: string): Problem => ({
  code: 100,
  subcode,
  details: userMessage,
  userTitle,
  userMessage,
})

/** What is wrong with a template that is asked for, before anybody reviews it. */
export function checkTemplateForm(body: Fields): Problem | undefined {
  const { name, language, category, components } = body
  if (!text(name)) return missing('name')
  if (!/^[a-z0-9_]{1,512}$/.test(String(name)))
    return formatProblem(2388047, 'Wrong name', 'A name has lower-case letters, digits and underscores, 512 at most.')
  if (!text(language)) return missing('language')
  if (typeof category !== 'string' || !CATEGORIES.includes(category))
    return { code: 100, details: `Param category must be one of {${CATEGORIES.join(', ')}}` }
  const parts = list(components).map(fields)
  if (category !== 'AUTHENTICATION' && !parts.some(({ type }) => upper(type) === 'BODY')) return missing('components: BODY')
  for (const part of parts) {
    const problem = checkPart(part, category)
    if (problem) return problem
  }
  return undefined
}

export const upper = (value: unknown): string => String(value ?? '').toUpperCase()

function checkPart(part: Fields, category: string): Problem | undefined {
  const kind = upper(part.type)
  if (kind === 'HEADER') return checkHeader(part)
  if (kind === 'BODY') return category === 'AUTHENTICATION' ? undefined : checkBody(part)
  if (kind === 'FOOTER') return checkFooter(part)
  return kind === 'BUTTONS' ? checkButtons(list(part.buttons).map(fields)) : undefined
}

function checkHeader(part: Fields): Problem | undefined {
  const format = upper(part.format)
  if (!HEADER_FORMATS.includes(format))
    return formatProblem(2388047, 'Wrong header', `A header's format is one of ${HEADER_FORMATS.join(', ')}.`)
  if (format !== 'TEXT') return undefined
  const words = text(part.text) ?? ''
  const variables = variablesOf(words)
  const example = fields(part.example)
  if (words.length === 0 || variables.length > 1)
    return formatProblem(2388047, 'Wrong header', 'A text header has words and one variable at most.')
  if (words.length > 60) return formatProblem(2388040, 'Too long', 'A header has 60 characters at most.')
  const shown = list(example.header_text).length + list(example.header_text_named_params).length
  return variables.length > shown ? formatProblem(2388047, 'No example', 'Each variable of the header needs an example.') : undefined
}

function checkBody(part: Fields): Problem | undefined {
  const words = text(part.text) ?? ''
  const variables = variablesOf(words)
  const trimmed = words.trim()
  if (words.length === 0) return formatProblem(2388072, 'Wrong body', 'A body has words.')
  if (words.length > 1024) return formatProblem(2388040, 'Too long', 'A body has 1024 characters at most.')
  if (/^\{\{/.test(trimmed) || /\}\}$/.test(trimmed))
    return formatProblem(2388299, 'Variable at an end', 'A body neither begins nor ends with a variable.')
  if (/\}\}\s*\{\{/.test(words)) return formatProblem(2388072, 'Variables side by side', 'Between two variables there are words.')
  const numbered = variables.every((name) => /^\d+$/.test(name))
  if (numbered && variables.some((_, place) => !variables.includes(String(place + 1))))
    return formatProblem(2388072, 'Gap in the variables', 'Variables are numbered from 1 without a gap.')
  if (trimmed.replace(VARIABLE, '').length < variables.length * LETTERS_EACH)
    return formatProblem(2388293, 'Too many variables', 'There are too many variables for the length of the body.')
  const example = fields(part.example)
  const shown = list(list(example.body_text)[0] ?? example.body_text).length + list(example.body_text_named_params).length
  return variables.length > shown ? formatProblem(2388072, 'No example', 'Each variable of the body needs an example.') : undefined
}

function checkFooter(part: Fields): Problem | undefined {
  const words = text(part.text)
  if (words === undefined)
    return part.code_expiration_minutes === undefined ? formatProblem(2388073, 'Wrong footer', 'A footer has words.') : undefined
  if (words.length > 60) return formatProblem(2388040, 'Too long', 'A footer has 60 characters at most.')
  return variablesOf(words).length > 0 ? formatProblem(2388073, 'Wrong footer', 'A footer has no variables.') : undefined
}

const MOST: Readonly<Record<string, number>> = { QUICK_REPLY: 10, URL: 2, PHONE_NUMBER: 1, COPY_CODE: 1 }

function checkButtons(buttons: readonly Fields[]): Problem | undefined {
  const wrong = (why: string) => formatProblem(2388047, 'Wrong buttons', why)
  const kinds = buttons.map(({ type }) => upper(type))
  if (kinds.length < 1 || kinds.length > 10) return wrong('There are 1 to 10 buttons.')
  for (const [kind, most] of Object.entries(MOST))
    if (kinds.filter((one) => one === kind).length > most) return wrong(`At most ${most} of ${kind}.`)
  if (buttons.some(({ text: label }) => String(label ?? '').length > 25))
    return formatProblem(2388040, 'Too long', 'A label has 25 characters at most.')
  const changes = kinds.filter((kind, place) => place > 0 && (kind === 'QUICK_REPLY') !== (kinds[place - 1] === 'QUICK_REPLY')).length
  return changes > 1 ? wrong('Quick replies stand together.') : undefined
}
