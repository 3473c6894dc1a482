import type { Outcome, Outgoing, SendOptions, Transport, TransportChannel } from '#core/transport'
import { DomainError } from '#kit/errors'
import { fields, id, list, text } from '#kit/lenient'
import type { OperatorClient } from '#kit/operator-client'
import { CLOUD_CAPABILITIES } from './capabilities.ts'
import { failureOf, type GraphError, outcomeOf } from './errors.ts'
import { openMediaFetcher } from './fetch-media.ts'
import { askGraph, type Graph, type GraphReply } from './graph.ts'
import { type MediaUploads, openMediaUploads, type UploadBook } from './media-uploads.ts'
import { toGraphMessage } from './wire.ts'

export type CloudOptions = {
  /** Scheme, host, port, and a path before the version when there is one. */
  graphUrl: string
  /** 'v23.0' */
  version: string
  /** Talks to the host of `graphUrl`; whoever opened it closes it. */
  client: OperatorClient
  /** For the hosts on which Meta keeps files. */
  openClient(origin: string): OperatorClient
  uploads: UploadBook
  now(): Date
}

const SEND_MS = 60_000
const ASK_MS = 15_000
const TEST_FIELDS = [
  ...['id', 'display_phone_number', 'verified_name', 'quality_rating', 'status', 'throughput', 'platform_type'],
  ...['account_mode', 'is_on_biz_app', 'whatsapp_business_manager_messaging_limit'],
]

/** The road over Meta's Cloud API. */
export function createCloudTransport(options: CloudOptions): Transport & { close(): Promise<void> } {
  const { client, version, uploads: book, now, openClient } = options
  const base = new URL(options.graphUrl)
  const graph: Graph = { client, root: `${base.pathname.replace(/\/$/, '')}/${version}` }
  const uploads = openMediaUploads({ graph, book, now })
  const files = openMediaFetcher({ graph, origin: base.origin, openClient })
  return {
    kind: 'cloud',
    capabilities: () => CLOUD_CAPABILITIES,
    send: (channel, message, how) => send({ graph, uploads }, channel, message, how),
    test: (channel) => test(graph, channel),
    markRead: async (channel, { messages: [newest] }) => newest && markRead(graph, channel, newest.wireId), // and with it all before
    fetchMedia: (channel, media, signal) => files.fetch(channel, media, signal),
    close: () => files.close(),
  }
}

type Sending = { graph: Graph; uploads: MediaUploads }

async function send({ graph, uploads }: Sending, channel: TransportChannel, message: Outgoing, options: SendOptions): Promise<Outcome> {
  const { media } = message
  const place = placeOf(channel)
  if (!place) return INCOMPLETE
  const upload = media && (await uploads.ensure(channel, message, options))
  if (upload && 'outcome' in upload) return upload.outcome
  const file = media && upload && { id: upload.remoteId, mimeType: media.mimeType, filename: media.filename }
  const body = toGraphMessage(message, file)
  if (!body) return UNSENDABLE
  const reply = await askGraph(graph, {
    method: 'POST',
    path: `${place.phoneNumberId}/messages`,
    token: place.token,
    body: JSON.stringify(body),
    timeoutMs: SEND_MS,
    ...options,
  })
  if (reply.kind === 'refused' && media && upload && file && isAboutFile(reply.error)) {
    await uploads.forget(channel, media.id, file.id)
    if (!upload.fresh || message.attempt <= 1)
      return { kind: 'retry', code: String(reply.error.code), reason: 'The network did not know the file any more', afterMs: 0 }
  }
  return outcomeOfReply(reply, message.attempt)
}

const INCOMPLETE: Outcome = {
  kind: 'retry',
  code: 'bad_credentials',
  reason: 'The channel has no access token or no phone number id',
  effect: { stop: { reason: 'bad_credentials' } },
}
const UNSENDABLE: Outcome = { kind: 'rejected', code: 'unsupported', reason: 'This message cannot travel over the Cloud API' }

function placeOf({ settings, credentials }: TransportChannel): { phoneNumberId: string; token: string } | undefined {
  const phoneNumberId = id(settings.phoneNumberId)
  const token = credentials.accessToken
  return phoneNumberId && token ? { phoneNumberId, token } : undefined
}

/** Meta deletes uploads after 30 days, and on its own account before. */
const isAboutFile = ({ code, details = '' }: GraphError) => (code === 100 || code === 131009) && /media|attachment/i.test(details)

function outcomeOfReply(reply: GraphReply, attempt: number): Outcome {
  switch (reply.kind) {
    case 'ok': {
      const message = fields(list(reply.body.messages)[0])
      const wireId = text(message.id)
      const waId = text(fields(list(reply.body.contacts)[0]).wa_id)
      if (wireId === undefined) return { kind: 'unknown', reason: 'The network said yes and named no message' }
      const held = message.message_status !== undefined && message.message_status !== 'accepted'
      return { kind: 'accepted', wireId, ...(held && { held }), ...(waId !== undefined && { waId }) }
    }
    case 'refused':
      return outcomeOf(reply.error, { attempt, status: reply.status })
    case 'not_written':
      return reply.calledOff
        ? { kind: 'retry', code: 'not_started', reason: reply.reason, slow: 'none', afterMs: 0 }
        : { kind: 'retry', code: 'network', reason: `The network could not be reached: ${reply.reason}`, slow: 'none' }
    case 'unreadable':
      return { kind: 'unknown', reason: `Status ${reply.status} without the network's own words` }
    case 'unknown':
      return { kind: 'unknown', reason: reply.reason }
  }
}

async function test(graph: Graph, channel: TransportChannel): ReturnType<Transport['test']> {
  const place = placeOf(channel)
  if (!place) return { ok: false, code: 'bad_credentials', reason: 'The channel has no access token or no phone number id' }
  const reply = await askGraph(graph, {
    method: 'GET',
    path: `${place.phoneNumberId}?fields=${TEST_FIELDS.join(',')}`,
    token: place.token,
    timeoutMs: ASK_MS,
  })
  if (reply.kind === 'ok') return { ok: true, facts: { ...reply.body } }
  if (reply.kind === 'refused') {
    const outcome = outcomeOf(reply.error, { attempt: 1, status: reply.status })
    const stop = outcome.kind === 'retry' ? outcome.effect?.stop : undefined
    const { code, reason } = failureOf(reply.error)
    return { ok: false, code: stop?.reason ?? code, reason }
  }
  return { ok: false, code: 'network', reason: 'reason' in reply ? reply.reason : `Status ${reply.status} without the network's own words` }
}

/** Marks it and everything before it as read. Throws DomainError 'unavailable'. */
async function markRead(graph: Graph, channel: TransportChannel, wireId: string): Promise<void> {
  const place = placeOf(channel)
  const reply =
    place &&
    (await askGraph(graph, {
      method: 'POST',
      path: `${place.phoneNumberId}/messages`,
      token: place.token,
      body: JSON.stringify({ messaging_product: 'whatsapp', status: 'read', message_id: wireId }),
      timeoutMs: ASK_MS,
    }))
  if (reply?.kind === 'ok') return
  const why = reply?.kind === 'refused' ? failureOf(reply.error).reason : 'no answer'
  throw new DomainError('unavailable', `The message could not be marked as read: ${why}`)
}
