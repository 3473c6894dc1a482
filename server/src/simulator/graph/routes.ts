import type { IncomingMessage } from 'node:http'
import { readJson } from '../bodies.ts'
import { fields } from '../json-fields.ts'
import type { Account, BusinessNumber } from './accounts.ts'
import { type Answer, noSuchObject, refuse } from './answers.ts'
import type { Emulator } from './emulator-state.ts'
import { listNumbers, showAccount, showNumber } from './phone-numbers.ts'
import { overrideNumber, showSubscriptions, subscribe, unsubscribe } from './subscriptions.ts'

/** A request whose body has arrived and whose token is known. */
export type Call = {
  method: string
  /** Without the version. */
  path: readonly string[]
  query: URLSearchParams
  account: Account
  request: IncomingMessage
  body: Buffer
}

/** Every endpoint but sends, which have a way of their own. */
export async function answerCall(emulator: Emulator, call: Call): Promise<Answer> {
  const { path, account } = call
  const [id = '', edge] = path
  if (path.length > 2) return unknownPath(call)
  if (id === 'whatsapp_business' && edge === 'attachments') return emulator.media.download(account, call.query)
  const number = emulator.numbersById.get(id)
  if (number && number.account === account) return answerNumber(emulator, call, number)
  if (id === account.wabaId) return answerAccount(emulator, call)
  return edge === undefined && emulator.media.knows(account, id) ? answerMedia(emulator, call, id) : noSuchObject(id)
}

function answerNumber(emulator: Emulator, call: Call, number: BusinessNumber): Answer | Promise<Answer> {
  const { method, path, account, query, body, request } = call
  const edge = path[1]
  if (edge === undefined && method === 'GET') return showNumber(number, query)
  if (edge === 'media' && method === 'POST')
    return emulator.media.upload(account, { body, contentType: request.headers['content-type'], query })
  if (edge !== undefined || method !== 'POST') return unknownPath(call)
  const sent = readJson(body)
  return sent?.webhook_configuration === undefined ? unknownPath(call) : overrideNumber(number, fields(sent.webhook_configuration))
}

function answerAccount(emulator: Emulator, call: Call): Answer | Promise<Answer> {
  const { method, path, account, query } = call
  const route = `${method} ${path[1] ?? ''}`
  if (route === 'GET ') return showAccount(account, query)
  if (route === 'GET phone_numbers') return listNumbers(account, query)
  if (route === 'GET subscribed_apps') return showSubscriptions(account)
  if (route === 'DELETE subscribed_apps') return unsubscribe(account)
  if (route === 'GET message_templates') return emulator.templates.list(account, query)
  if (route === 'DELETE message_templates') return emulator.templates.remove(account, query)
  const body = readJson(call.body)
  if (!body) return refuse(NOT_JSON)
  if (route === 'POST subscribed_apps') return subscribe(account, body)
  return route === 'POST message_templates' ? emulator.templates.create(account, body) : unknownPath(call)
}

function answerMedia(emulator: Emulator, call: Call, id: string): Answer {
  if (call.method === 'GET') return emulator.media.look(call.account, id, emulator.base)
  return call.method === 'DELETE' ? emulator.media.remove(call.account, id) : unknownPath(call)
}

export const NOT_JSON = { code: 100, details: 'The body is not a JSON object.' }

const unknownPath = ({ method, path }: Call): Answer =>
  refuse({ code: 2500, title: `Unknown path components: /${path.slice(1).join('/')}`, details: `${method} is not emulated here.` })
