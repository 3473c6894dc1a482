import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { z } from 'zod'
import { DomainError, reasonIn } from '#kit/errors'
import { readJson } from './bodies.ts'
import { FaultRule } from './faults.ts'
import type { Network } from './network.types.ts'
import { createPhoneView, PhoneAct, type PhoneView } from './phone-view.ts'

export type ControlAnswer = { status: number; body: string }
type Exchange = { request: IncomingMessage; response: ServerResponse; path: string[]; search: string; body: Buffer }
export type ControlCall = { method: string; what: string; rest: string[]; sent: unknown }

export type ControlOptions = {
  network: Network
  stats(): unknown
  /** The business numbers behind this door, with whatever else names them. */
  businesses(): { number: string }[]
  /** What this door has beside what all have; undefined when it is not that either. */
  steer(call: ControlCall): ControlAnswer | Promise<ControlAnswer> | undefined
}

/** The steering of a simulation by other processes: JSON under /_control. */
export interface Control {
  handle(exchange: Exchange): void
  close(): void
}

/** A file travels in it as base64. */
export const CONTROL_MOST = 40 * 2 ** 20

export const json = (value: unknown, status = 200): ControlAnswer => ({ status, body: JSON.stringify(value) })
export const done = (isDone = true): ControlAnswer => (isDone ? json({ ok: true }) : json({ error: 'not found' }, 404))

const Delay = z.number().min(0).max(86_400_000).optional()
const Pace = z.strictObject({
  scale: z.number().min(0).max(1000).optional(),
  delays: z.strictObject({ sentMs: Delay, deliveredMs: Delay, readMs: Delay, answerMs: Delay, lateMs: Delay }).optional(),
})
const PhoneFacts = z.strictObject({
  number: z.string().min(5).max(32),
  profileName: z.string().max(128).optional(),
  bsuid: z.string().max(160).optional(),
  username: z.string().max(64).optional(),
  hidesNumber: z.boolean().optional(),
})

const STREAMS_MOST = 100
const HEARTBEAT_MS = 15_000

export function createControl(options: ControlOptions): Control {
  const { network } = options
  const view = createPhoneView(network)
  const streams = new Set<() => void>()
  return {
    async handle(exchange) {
      const { request, response, path } = exchange
      let answer: ControlAnswer
      try {
        if (request.method === 'GET' && path.at(-1) === 'stream') return openStream(exchange, view, streams)
        if (request.method === 'GET' && path[0] === 'sends') return streamSends(network, response)
        answer = (await answerControl(options, view, exchange)) ?? NOT_FOUND
      } catch (error) {
        answer = answerToError(error)
      }
      response
        .writeHead(answer.status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer.body) })
        .end(answer.body)
    },
    close() {
      for (const end of streams) end()
    },
  }
}

function answerToError(error: unknown): ControlAnswer {
  if (error instanceof z.ZodError) return json({ error: z.prettifyError(error) }, 400)
  if (error instanceof URIError) return json({ error: 'the path is not encoded as paths are' }, 400)
  if (error instanceof DomainError) return json({ error: error.message }, error.code === 'not_found' ? 404 : 409)
  return json({ error: reasonIn(error) }, 500)
}

const NOT_FOUND = json({ error: 'no such control' }, 404)

function answerControl(options: ControlOptions, view: PhoneView, { request, path, search, body }: Exchange) {
  const { network } = options
  const [what = '', ...rest] = path.map(decodeURIComponent)
  const { method = '' } = request
  const sent = readJson(body) ?? {}
  switch (`${method} ${what}`) {
    case 'GET stats':
      return json(options.stats())
    case 'GET twice':
      return json({ ...network.ledger.facts(), messages: network.ledger.twice() })
    case 'GET faults':
      return json({ faults: network.faults.list() })
    case 'DELETE faults':
      network.faults.clear(rest[0])
      return done()
    default:
      if (what === 'businesses') return answerPhones(options, view, { method, rest, search, sent })
      return (method === 'POST' ? steerNetwork(network, what, sent) : undefined) ?? options.steer({ method, what, rest, sent })
  }
}

function steerNetwork(network: Network, what: string, sent: unknown): ControlAnswer | undefined {
  switch (what) {
    case 'reset':
      network.ledger.clear()
      return done()
    case 'faults':
      return json(network.faults.set(FaultRule.parse(sent)))
    case 'pace':
      network.pace(withoutGaps(Pace.parse(sent)))
      return done()
    case 'phones': {
      const { number, ...changes } = PhoneFacts.parse(sent)
      return json(network.changePhone(number, withoutGaps(changes)))
    }
    default:
      return undefined
  }
}

/** What was not said is left out rather than undefined. */
const withoutGaps = <T extends object>(value: T) => Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined))

/** businesses, businesses/{number}/phones, businesses/{number}/phones/{phone} */
function answerPhones(
  { businesses }: ControlOptions,
  view: PhoneView,
  call: { method: string; rest: string[]; search: string; sent: unknown },
): ControlAnswer | undefined {
  const [business, word, phone] = call.rest
  if (business === undefined) return json({ businesses: businesses() })
  if (word !== 'phones') return undefined
  if (phone === undefined) return json({ phones: view.phones(business) })
  if (call.method === 'POST') return json(view.act(business, phone, PhoneAct.parse(call.sent)))
  return json(view.chat(business, phone, Number(new URLSearchParams(call.search).get('limit') ?? 100)))
}

/** Server-sent events: each bubble of a business number, or of one phone, that is new or changed. */
function openStream({ response, path }: Exchange, view: PhoneView, streams: Set<() => void>): void {
  const [, business, , phone] = path.map(decodeURIComponent)
  if (streams.size >= STREAMS_MOST || path[0] !== 'businesses' || business === undefined) {
    response.writeHead(streams.size >= STREAMS_MOST ? 503 : 404).end()
    return
  }
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  response.write(': open\n\n')
  const off = view.watch({ business, phone: phone === 'stream' ? undefined : phone }, (change) =>
    response.write(`data: ${JSON.stringify(change)}\n\n`),
  )
  const beat = setInterval(() => response.write(': still here\n\n'), HEARTBEAT_MS)
  const end = () => {
    off()
    clearInterval(beat)
    streams.delete(end)
    response.end()
  }
  streams.add(end)
  response.on('close', end)
}

/** Every message that reached a phone, a line each: {"phone","messageKey","times"}. */
function streamSends(network: Network, response: ServerResponse): void {
  function* lines() {
    for (const [key, times] of network.ledger.entries()) {
      const space = key.indexOf(' ')
      yield `${JSON.stringify({ phone: key.slice(0, space), messageKey: key.slice(space + 1), times })}\n`
    }
  }
  response.writeHead(200, { 'content-type': 'application/x-ndjson' })
  Readable.from(lines()).pipe(response)
}
