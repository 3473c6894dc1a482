import { type Fields, fields, isFields } from '#kit/lenient'
import type { OperatorClient } from '#kit/operator-client'
import { type GraphError, toGraphError } from './errors.ts'

export type Graph = { client: OperatorClient /** Path before every object: '/v23.0'. */; root: string }

export type GraphRequest = {
  method: 'GET' | 'POST'
  /** Object and query, without a slash before it. */
  path: string
  token: string
  body?: string | Buffer
  contentType?: string
  timeoutMs: number
  signal?: AbortSignal
  mayWrite?: () => boolean
}

export type GraphReply =
  | { kind: 'ok'; body: Fields }
  /** Graph itself said no. */
  | { kind: 'refused'; status: number; error: GraphError }
  /** Something answered, but not in Graph's words: nobody knows what became of the request. */
  | { kind: 'unreadable'; status: number }
  /** Nothing was written. `calledOff`: by us, not by the network. */
  | { kind: 'not_written'; calledOff: boolean; reason: string }
  | { kind: 'unknown'; reason: string }

/** Asks Graph once. Never throws. */
export async function askGraph({ client, root }: Graph, request: GraphRequest): Promise<GraphReply> {
  const { method, path, token, body, contentType = 'application/json', timeoutMs, signal, mayWrite } = request
  const authorization = `Bearer ${token}`
  const result = await client.request({
    method,
    path: `${root}/${path}`,
    headers: body === undefined ? { authorization } : { authorization, 'content-type': contentType },
    timeoutMs,
    ...(body !== undefined && { body }),
    ...(signal && { signal }),
    ...(mayWrite && { mayWrite }),
  })
  if (result.kind === 'answer') return read(result.status, result.body)
  if (result.kind === 'unknown') return { kind: 'unknown', reason: result.message }
  return { kind: 'not_written', calledOff: result.reason === 'called_off', reason: result.message }
}

function read(status: number, bytes: Buffer): GraphReply {
  const body = parseJson(bytes)
  const error = isFields(body) ? toGraphError(fields(body).error) : undefined
  if (error) return { kind: 'refused', status, error }
  return status >= 200 && status < 300 && isFields(body) ? { kind: 'ok', body } : { kind: 'unreadable', status }
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    return undefined // a proxy's page, half an answer: whatever is not JSON is not Graph's
  }
}
