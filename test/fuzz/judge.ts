import { type Asked, Raw } from './asked.ts'
import type { Answer } from './exchange.ts'
import type { Filled } from './fill.ts'
import { findMismatch } from './find-mismatch.ts'
import { idsIn, type Things } from './things.ts'

/** What is wrong with an answer, in words; undefined: nothing. */
export function findFault(asked: Asked, filled: Filled, answer: Answer, things: Things): string | undefined {
  const { status, headers } = answer
  if (status >= 500) return `answered ${status}: ${answer.text.slice(0, 200)}`
  if (!/^req_\w+$/.test(String(headers['x-request-id']))) return `${status} without an X-Request-Id`
  if (status === 431 || status < 200) return `answered ${status}`
  return status >= 400 ? faultOfRefusal(filled.url, answer) : (faultOfAnswer(asked, answer) ?? faultOfTenant(asked, filled, answer, things))
}

function faultOfRefusal(url: string, { status, headers, text }: Answer): string | undefined {
  const body = parsed(text)
  const blueticks = /^\/(v1|messages)(?![^/?#;])/.test(url)
  const type = String(headers['content-type'])
  if (blueticks) {
    const { success, error } = record(body)
    const { code, message, request_id, requestId } = record(error)
    const whole = success === false && isWord(code) && isWord(message) && request_id === requestId && requestId === headers['x-request-id']
    return whole && type.startsWith('application/json') ? undefined : `${status} in another voice (${type}): ${text.slice(0, 300)}`
  }
  const { title, detail, code, requestId, status: told } = record(body)
  const whole = [title, detail, code].every(isWord) && told === status && requestId === headers['x-request-id']
  return whole && type.startsWith('application/problem+json') ? undefined : `${status} in another voice (${type}): ${text.slice(0, 300)}`
}

/** Odd paths may be other operations' paths. */
function faultOfAnswer({ operation, path }: Asked, { status, headers, text }: Answer): string | undefined {
  if (status >= 300 || path.some(([, value]) => value instanceof Raw || value === '')) return undefined
  if (!operation.answers.has(String(status))) return `answered ${status}, which is not documented`
  const schema = operation.answers.get(String(status))
  if (!schema || status === 204) return undefined
  if (!String(headers['content-type']).startsWith('application/json')) return `${status} is ${headers['content-type']}`
  return findMismatch(schema, parsed(text))
}

/** An id belongs to the workspace in whose answers it came first; what a caller named himself proves nothing, nor does the ack of nobody's message. */
function faultOfTenant({ workspace }: Asked, filled: Filled, { text }: Answer, things: Things): string | undefined {
  const path = decoded(filled.url.split('?')[0] ?? '')
  const taken = idsIn(path).find((id) => things.isForeign(workspace, id))
  if (taken && !/\{"ack":null\}/.test(text)) return `took ${taken} of another workspace`
  const named = `${path} ${decoded(filled.url)} ${filled.body?.toString('utf8') ?? ''}`
  const seen = idsIn(text).find((id) => !named.includes(id) && things.claim(workspace, id) !== workspace)
  return seen && `shows ${seen} of another workspace`
}

const record = (value: unknown): Record<string, unknown> => (typeof value === 'object' && value !== null ? { ...value } : {})
const isWord = (value: unknown): boolean => typeof value === 'string' && value.length > 0

export function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
