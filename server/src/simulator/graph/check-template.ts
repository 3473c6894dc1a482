import { type Fields, fields, list, text } from '../json-fields.ts'
import { missing, type Problem } from './answers.ts'
import { upper, variablesOf } from './template-rules.ts'
import type { Template } from './templates.ts'

const BODY_MOST = 1024

/** What is wrong with a send of this template: its state, then its parameters. */
export function checkTemplateSend(template: Template | undefined, value: unknown): Problem | undefined {
  const { name, language, components } = fields(value)
  if (template?.status === 'PAUSED') return { code: 132015, details: `Template ${name} is paused due to low quality.` }
  if (template?.status === 'DISABLED') return { code: 132016, details: `Template ${name} is disabled.` }
  if (template?.status !== 'APPROVED')
    return { code: 132001, details: `template name (${name}) does not exist in ${fields(language).code}` }
  const given = list(components).map(fields)
  for (const part of template.components) {
    const problem = checkPart(template, part, given)
    if (problem) return problem
  }
  return undefined
}

function checkPart(template: Template, part: Fields, given: readonly Fields[]): Problem | undefined {
  const kind = upper(part.type)
  if (kind === 'BUTTONS') return checkButtons(list(part.buttons).map(fields), given)
  if (kind !== 'HEADER' && kind !== 'BODY') return undefined
  const parameters = list(given.find(({ type }) => upper(type) === kind)?.parameters).map(fields)
  const format = upper(part.format || 'TEXT')
  if (kind === 'HEADER' && format !== 'TEXT') return checkMediaHeader(format, parameters)
  return checkWords(template, { words: text(part.text) ?? '', place: kind.toLowerCase(), parameters })
}

function checkMediaHeader(format: string, parameters: readonly Fields[]): Problem | undefined {
  const [first] = parameters
  if (!first) return { code: 132012, details: `header: Format mismatch, expected ${format}, received UNKNOWN` }
  return upper(first.type) === format
    ? undefined
    : { code: 132012, details: `header: Format mismatch, expected ${format}, received ${upper(first.type)}` }
}

const TEXT_KINDS = ['text', 'currency', 'date_time']

function checkWords(
  template: Template,
  { words, place, parameters }: { words: string; place: string; parameters: readonly Fields[] },
): Problem | undefined {
  const variables = variablesOf(words)
  if (variables.length !== parameters.length) {
    return {
      code: 132000,
      details: `${place}: number of localizable_params (${parameters.length}) does not match the expected number of params (${variables.length})`,
    }
  }
  let filled = words
  for (const [index, parameter] of parameters.entries()) {
    if (typeof parameter.type !== 'string' || !TEXT_KINDS.includes(parameter.type))
      return { code: 132012, details: `${place}: Parameter of type ${parameter.type} is not text` }
    const name = template.parameter_format === 'NAMED' ? text(parameter.parameter_name) : String(index + 1)
    if (name === undefined || !variables.includes(name)) return { code: 100, details: `${place}: Parameter name is missing or invalid` }
    const filling = parameter.type === 'text' ? text(parameter.text) : text(fields(parameter[parameter.type]).fallback_value)
    if (!filling) return missing(`${place} parameter ${index}: text`)
    if (/[\n\t]| {5,}/.test(filling))
      return { code: 132018, details: 'Param text cannot have new-line/tab characters or more than 4 consecutive spaces' }
    filled = filled.replaceAll(`{{${name}}}`, () => filling)
  }
  return filled.length > BODY_MOST
    ? { code: 132005, details: `${place}: the filled text is longer than ${BODY_MOST} characters` }
    : undefined
}

/** Buttons that have something to fill need it; by their place in the template. */
function checkButtons(buttons: readonly Fields[], given: readonly Fields[]): Problem | undefined {
  for (const [place, button] of buttons.entries()) {
    const kind = upper(button.type)
    const needs = (kind === 'URL' && variablesOf(text(button.url) ?? '').length > 0) || kind === 'COPY_CODE' || kind === 'OTP'
    const filling = given.find(({ type, index }) => upper(type) === 'BUTTON' && String(index) === String(place))
    if (needs && list(filling?.parameters).length !== 1)
      return { code: 131008, details: `Button at index ${place} of type ${kind} requires a parameter` }
  }
  return undefined
}
