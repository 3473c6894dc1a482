import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { z } from 'zod'
import { DomainError } from '#kit/errors'
import { FaultRule } from '../faults.ts'
import { createPhoneView, PhoneAct, type PhoneView } from '../phone-view.ts'
import { AccountOptions } from './accounts.ts'
import { type Answer, json } from './answers.ts'
import { readJson } from './bodies.ts'
import type { Emulator } from './emulator-state.ts'

type Exchange = { request: IncomingMessage; response: ServerResponse; path: string[]; search: string; body: Buffer }
type Verbs = {
  stats(): unknown
  addAccount(options: AccountOptions): void
  setWebhook(wabaId: string, url: string | undefined): boolean
  setLatency(ms: number): void
  moveTemplate(wabaId: string, which: { name: string; language: string }, status: z.output<typeof TemplateMove>['status']): boolean
}

/** The steering of an emulator by other processes: JSON under /_control. */
export interface Control {
  handle(exchange: Exchange): void
  close(): void
}

const Latency = z.strictObject({ ms: z.number().min(0).max(60_000) })
const Delay = z.number().min(0).max(86_400_000).optional()
const Pace = z.strictObject({
  scale: z.number().min(0).max(1000).optional(),
  delays: z.strictObject({ sentMs: Delay, deliveredMs: Delay, readMs: Delay, answerMs: Delay, lateMs: Delay }).optional(),
})
const Webhook = z.strictObject({ wabaId: z.string(), url: z.url().nullable() })
const TemplateMove = z.strictObject({
  wabaId: z.string(),
  name: z.string(),
  language: z.string(),
  status: z.enum(['PENDING', 'APPROVED', 'REJECTED', 'PAUSED', 'DISABLED', 'PENDING_DELETION']),
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

export function createControl(emulator: Emulator, verbs: Verbs): Control {
  const view = createPhoneView(emulator.network)
  const streams = new Set<() => void>()
  return {
    handle(exchange) {
      const { request, response, path } = exchange
      let answer: Answer
      try {
        if (request.method === 'GET' && path.at(-1) === 'stream') return openStream(exchange, view, streams)
        if (request.method === 'GET' && path[0] === 'sends') return streamSends(emulator, response)
        answer = answerControl(emulator, { verbs, view }, exchange)
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

function answerToError(error: unknown): Answer {
  if (error instanceof z.ZodError) return json({ error: z.prettifyError(error) }, 400)
  if (error instanceof DomainError) return json({ error: error.message }, error.code === 'not_found' ? 404 : 409)
  return json({ error: error instanceof Error ? error.message : 'failed' }, 500)
}

const NOT_FOUND = () => json({ error: 'no such control' }, 404)
const done = (isDone = true) => (isDone ? json({ ok: true }) : json({ error: 'not found' }, 404))

type Steering = { verbs: Verbs; view: PhoneView }

function answerControl(emulator: Emulator, { verbs, view }: Steering, { request, path, search, body }: Exchange): Answer {
  const { network } = emulator
  const [first = '', ...rest] = path.map(decodeURIComponent)
  const sent = () => readJson(body) ?? {}
  const method = request.method ?? ''
  switch (`${method} ${first}`) {
    case 'GET stats':
      return json(verbs.stats())
    case 'GET twice':
      return json({ ...network.ledger.facts(), messages: network.ledger.twice() })
    case 'GET faults':
      return json({ faults: network.faults.list() })
    case 'DELETE faults':
      network.faults.clear(rest[0])
      return done()
    default:
      if (first === 'businesses') return answerPhones(emulator, view, { method, rest, search, sent })
      return method === 'POST' ? steer(emulator, verbs, { what: first, sent: sent() }) : NOT_FOUND()
  }
}

function steer({ network }: Emulator, verbs: Verbs, { what, sent }: { what: string; sent: unknown }): Answer {
  switch (what) {
    case 'reset':
      network.ledger.clear()
      return done()
    case 'faults':
      return json(network.faults.set(FaultRule.parse(sent)))
    case 'latency':
      verbs.setLatency(Latency.parse(sent).ms)
      return done()
    case 'pace':
      network.pace(withoutGaps(Pace.parse(sent)))
      return done()
    case 'accounts':
      verbs.addAccount(AccountOptions.parse(sent))
      return done()
    case 'webhook': {
      const { wabaId, url } = Webhook.parse(sent)
      return done(verbs.setWebhook(wabaId, url ?? undefined))
    }
    case 'templates': {
      const { wabaId, status, ...which } = TemplateMove.parse(sent)
      return done(verbs.moveTemplate(wabaId, which, status))
    }
    case 'phones': {
      const { number, ...changes } = PhoneFacts.parse(sent)
      return json(network.changePhone(number, withoutGaps(changes)))
    }
    default:
      return NOT_FOUND()
  }
}

/** What was not said is left out rather than undefined. */
const withoutGaps = <T extends object>(value: T) => Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined))

/** businesses, businesses/{number}/phones, businesses/{number}/phones/{phone} */
function answerPhones(
  emulator: Emulator,
  view: PhoneView,
  call: { method: string; rest: string[]; search: string; sent: () => unknown },
): Answer {
  const [business, word, phone] = call.rest
  if (business === undefined)
    return json({
      businesses: [...emulator.numbersByNumber.values()].map(({ id, number, account }) => ({ id, number, wabaId: account.wabaId })),
    })
  if (word !== 'phones') return NOT_FOUND()
  if (phone === undefined) return json({ phones: view.phones(business) })
  if (call.method === 'POST') return json(view.act(business, phone, PhoneAct.parse(call.sent())))
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
function streamSends({ network }: Emulator, response: ServerResponse): void {
  function* lines() {
    for (const [key, times] of network.ledger.entries()) {
      const space = key.indexOf(' ')
      yield `${JSON.stringify({ phone: key.slice(0, space), messageKey: key.slice(space + 1), times })}\n`
    }
  }
  response.writeHead(200, { 'content-type': 'application/x-ndjson' })
  Readable.from(lines()).pipe(response)
}
