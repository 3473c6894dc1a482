import { timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyPluginAsync, FastifyReply } from 'fastify'
import type { Receipt, TransportChannel } from '#core/transport'
import { hmacSha256, sameSecret } from '#kit/crypto'
import { type Envelope, isReceiptsOnly, parseBody } from './parse.ts'

type ChannelRef = { id: string; workspaceId: string }

/** Which channel a webhook is for. */
export type HookLookup = {
  byHookKey(hookKey: string): Promise<TransportChannel | undefined>
  /** By Meta's phone number id: one app may serve several channels of a workspace. */
  byRemoteId(workspaceId: string, phoneNumberId: string): Promise<TransportChannel | undefined>
}

/** Where webhooks go. Both resolve when it is committed, and reject when it is not: Meta then brings it again. */
export type HookSink = {
  raw(channel: ChannelRef, body: Buffer): Promise<void>
  receipts(channel: ChannelRef, receipts: readonly Receipt[]): Promise<void>
}

export type HookParts = { channels: HookLookup; sink: HookSink; now(): Date }

const BODY_MOST = 4 * 1024 * 1024
const CHALLENGE_MOST = 1024

/** GET and POST /hooks/meta/{hookKey}. Needs a scope of its own: it takes every body as bytes. */
export function metaHooks({ channels, sink, now }: HookParts): FastifyPluginAsync {
  return async (scope) => {
    takeBytes(scope)
    scope.get<{ Params: { hookKey: string }; Querystring: Record<string, unknown> }>('/hooks/meta/:hookKey', async (request, reply) => {
      const channel = await channels.byHookKey(request.params.hookKey)
      if (!channel) return refuse(reply, 404, 'no such webhook')
      const challenge = agree(channel, request.query)
      if (challenge === undefined) return refuse(reply, 403, 'the verify token is another one')
      return reply.header('X-Content-Type-Options', 'nosniff').type('text/plain; charset=utf-8').send(challenge)
    })
    scope.post<{ Params: { hookKey: string } }>('/hooks/meta/:hookKey', { bodyLimit: BODY_MOST }, async (request, reply) => {
      const channel = await channels.byHookKey(request.params.hookKey)
      if (!channel) return refuse(reply, 404, 'no such webhook')
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
      if (!isSigned(channel, body, request.headers['x-hub-signature-256'])) return refuse(reply, 401, 'the signature does not fit')
      await take({ channels, sink, now }, channel, body)
      return reply.type('text/plain; charset=utf-8').send('ok')
    })
  }
}

function takeBytes(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_, body, done) => done(null, body))
}

const refuse = (reply: FastifyReply, status: number, error: string) => reply.code(status).send({ error })

/** The challenge to send back, when the caller knows our verify token. */
function agree({ credentials }: TransportChannel, query: Record<string, unknown>): string | undefined {
  const { 'hub.mode': mode, 'hub.verify_token': token, 'hub.challenge': challenge } = query
  if (mode !== 'subscribe' || typeof token !== 'string' || typeof challenge !== 'string') return undefined
  const { verifyToken } = credentials
  return verifyToken && challenge.length <= CHALLENGE_MOST && sameSecret(token, verifyToken) ? challenge : undefined
}

const SIGNATURE = /^sha256=([0-9a-f]{64})$/i

/** Over the bytes as they came: written anew, the escapes would be others. */
function isSigned({ credentials }: TransportChannel, body: Buffer, header: string | string[] | undefined): boolean {
  const { appSecret } = credentials
  const given = typeof header === 'string' ? SIGNATURE.exec(header)?.[1] : undefined
  if (!appSecret || given === undefined) return false
  return timingSafeEqual(hmacSha256(appSecret, body), Buffer.from(given, 'hex'))
}

async function take({ channels, sink, now }: HookParts, channel: TransportChannel, body: Buffer): Promise<void> {
  const envelope = tryParse(body, now())
  const routed = envelope && isReceiptsOnly(envelope) ? await route(channels, channel, envelope) : undefined
  if (!routed) return sink.raw(channel, body)
  const [only] = routed
  if (routed.length === 1 && only) return sink.receipts(only.channel, only.receipts)
  await Promise.all(routed.map(({ channel: theirs, receipts }) => sink.receipts(theirs, receipts)))
}

/** What cannot be read is kept as it came: the parser that reads it later says so to a person. */
function tryParse(body: Buffer, now: Date): Envelope | undefined {
  try {
    return parseBody(body, now)
  } catch {
    return undefined
  }
}

type Routed = { channel: ChannelRef; receipts: readonly Receipt[] }

/** Each number's receipts with its channel; undefined when one of the numbers is none of this workspace. */
async function route(channels: HookLookup, channel: TransportChannel, { byPhoneNumberId }: Envelope): Promise<Routed[] | undefined> {
  const routed: Routed[] = []
  for (const [phoneNumberId, { receipts }] of byPhoneNumberId) {
    if (receipts.length === 0) continue
    const own = phoneNumberId === undefined || phoneNumberId === channel.settings.phoneNumberId
    const theirs = own ? channel : await channels.byRemoteId(channel.workspaceId, phoneNumberId)
    if (!theirs) return undefined
    routed.push({ channel: theirs, receipts })
  }
  return routed
}
