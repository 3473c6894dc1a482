import type { IncomingMessage, ServerResponse } from 'node:http'
import { readBody, readJson } from '../bodies.ts'
import { CONTROL_MOST, type Control } from '../control.ts'
import { splitTarget } from '../request-path.ts'
import type { Account } from './accounts.ts'
import { type Answer, noSuchObject, refuse } from './answers.ts'
import type { Emulator } from './emulator-state.ts'
import { UPLOAD_MOST } from './media.ts'
import { postMessage } from './post-message.ts'
import { answerCall, NOT_JSON } from './routes.ts'

type Exchange = { request: IncomingMessage; response: ServerResponse; control: Control | undefined }
type Taken = { request: IncomingMessage; response: ServerResponse; path: string[]; search: string; body: Buffer }

const JSON_MOST = 2 ** 20

/** One request: routes it by its path, with or without a version. */
export function handleRequest(emulator: Emulator, { request, response, control }: Exchange): void {
  const { path, search } = splitTarget(request.url)
  emulator.requests++
  if (/^v\d+\.\d+$/.test(path[0] ?? '')) path.shift()
  if (path.at(-1) === '') path.pop()
  readBody(request, mostBytes(path), (body) => {
    if (!body) {
      write(response, refuse({ code: 100, status: 413, details: 'The body is too large or broke off.' }))
      return
    }
    const taken = { request, response, path, search, body }
    if (control && path[0] === '_control') control.handle({ ...taken, path: path.slice(1) })
    else if (emulator.latencyMs > 0) emulator.wheel.at(emulator.network.time.now() + emulator.latencyMs, () => answer(emulator, taken))
    else answer(emulator, taken)
  })
}

function mostBytes([first, edge]: readonly string[]): number {
  if (first === '_control') return CONTROL_MOST
  return edge === 'media' ? UPLOAD_MOST : JSON_MOST
}

/** What the request does happens here, also when its sender has gone by now, as at Meta. */
function answer(emulator: Emulator, taken: Taken): void {
  const { response } = taken
  const failed = (error: unknown) => write(response, refuse({ code: 131000, title: 'Something went wrong', details: String(error) }))
  try {
    const answered = answerOf(emulator, taken)
    if (answered instanceof Promise) answered.then((late) => write(response, late), failed)
    else if (answered.afterWebhooks) afterWebhooks(emulator, () => write(response, answered))
    else write(response, answered)
  } catch (error) {
    failed(error)
  }
}

function answerOf(emulator: Emulator, { request, path, search, body }: Taken): Answer | Promise<Answer> {
  const query = search === '' ? undefined : new URLSearchParams(search)
  const account = accountOf(emulator, request.headers.authorization, query)
  if (!account) return refuse({ code: 190, details: 'The access token is missing or unknown.' })
  if (path[1] === 'messages' && path.length === 2 && request.method === 'POST') return send(emulator, { account, id: path[0] ?? '', body })
  return answerCall(emulator, { method: request.method ?? '', path, query: query ?? new URLSearchParams(), account, request, body })
}

function accountOf(emulator: Emulator, authorization: string | undefined, query: URLSearchParams | undefined): Account | undefined {
  if (authorization?.startsWith('Bearer ')) return emulator.byToken.get(authorization.slice(7))
  return emulator.byToken.get(query?.get('access_token') ?? '')
}

function send(emulator: Emulator, { account, id, body }: { account: Account; id: string; body: Buffer }): Answer {
  const number = emulator.numbersById.get(id)
  if (number?.account !== account) return noSuchObject(id)
  const message = readJson(body)
  return message ? postMessage(emulator, number, message) : refuse(NOT_JSON)
}

/** Once what is being told now has been told: a batch that lingers is posted first. */
const afterWebhooks = (emulator: Emulator, run: () => void) => emulator.wheel.at(0, () => emulator.sender.quiet().then(run))

function write(response: ServerResponse, { status, body, type = 'application/json; charset=UTF-8', cut }: Answer): void {
  if (cut) {
    response.socket?.destroy()
    return
  }
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) })
  response.end(body)
}
