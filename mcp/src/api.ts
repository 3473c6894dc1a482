import type { CallToolResult } from '@modelcontextprotocol/server'
import { ApiDocument } from './document.ts'
import { refuse } from './problem.ts'
import type { ApiRequest } from './write-request.ts'

/** The HTTP API of one Chasqui server. */
export type Api = {
  document(): Promise<ApiDocument>
  ask(request: ApiRequest, caller: { key: string; signal: AbortSignal }): Promise<CallToolResult>
}

/** The server waits 20 seconds at most for the outcome of a message. */
const ANSWER_MS = 30_000
const DOCUMENT_MS = 10_000
const ANSWER_MOST = 8 * 1024 * 1024
const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\b/

export const openApi = (url: string): Api => ({
  async document() {
    const answer = await fetch(`${url}/docs/canonical/openapi.json`, { redirect: 'error', signal: AbortSignal.timeout(DOCUMENT_MS) })
    const parsed = ApiDocument.safeParse(answer.ok && JSON.parse(await readText(answer)))
    if (!parsed.success) throw new Error(`it has no API document to read (${answer.status})`)
    return parsed.data
  },
  async ask(request, { key, signal }) {
    try {
      return await send(url, request, { key, signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]) })
    } catch (error) {
      const { method, idempotencyKey } = request
      return refuse({ ...whyNoAnswer(url, error), ...(method === 'POST' && { idempotencyKey, advice: AGAIN }) })
    }
  },
})

const AGAIN = 'It may have been done all the same. To try again without doing it twice, repeat the call with this idempotencyKey.'

async function send(url: string, request: ApiRequest, { key, signal }: { key: string; signal: AbortSignal }): Promise<CallToolResult> {
  const { method, path, body, idempotencyKey } = request
  const answer = await fetch(`${url}${path}`, {
    method,
    redirect: 'error', // the key goes to this server and to no other
    signal,
    headers: {
      authorization: `Bearer ${key}`,
      accept: 'application/json',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
    },
    ...(body !== undefined && { body }),
  })
  if (answer.status === 204) return done({})
  if (!JSON_TYPE.test(answer.headers.get('content-type') ?? '')) {
    await answer.body?.cancel()
    return refuse({
      code: 'not_json',
      status: answer.status,
      detail: `The server answered ${answer.status} with something that is not JSON`,
    })
  }
  const told: unknown = JSON.parse(await readText(answer))
  if (answer.ok) return done(told)
  return refuse({ code: 'refused', detail: `The server answered ${answer.status}`, ...(isRecord(told) && told), status: answer.status })
}

function done(told: unknown): CallToolResult {
  const structuredContent = isRecord(told) ? told : { value: told }
  return { content: [{ type: 'text', text: JSON.stringify(structuredContent) }], structuredContent }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

async function readText(answer: Response): Promise<string> {
  const pieces: Uint8Array[] = []
  let size = 0
  for await (const piece of answer.body ?? []) {
    size += piece.length
    if (size > ANSWER_MOST) throw new Error('its answer is larger than 8 MiB')
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}

/** Words for a person: what the network said, without what only a programmer reads. */
export function whyNoAnswer(url: string, error: unknown): { code: string; detail: string } {
  if (!(error instanceof Error)) return { code: 'unreachable', detail: String(error) }
  const { name, message, cause } = error
  if (name === 'TimeoutError') return { code: 'timeout', detail: `The Chasqui server at ${url} did not answer in time` }
  if (cause === undefined) return { code: 'bad_answer', detail: `The server at ${url} did not answer as Chasqui does: ${message}` }
  const why = isRecord(cause) && typeof cause.code === 'string' ? cause.code : cause instanceof Error ? cause.message : message
  return { code: 'unreachable', detail: `The Chasqui server at ${url} cannot be reached: ${why}` }
}
