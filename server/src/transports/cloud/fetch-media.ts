import type { RemoteMedia } from '#core/content'
import type { TransportChannel } from '#core/transport'
import { DomainError } from '#kit/errors'
import { text } from '#kit/lenient'
import type { OperatorClient } from '#kit/operator-client'
import { askGraph, type Graph } from './graph.ts'

export type MediaFetcher = {
  fetch(channel: TransportChannel, media: RemoteMedia, signal?: AbortSignal): Promise<{ bytes: Buffer; mimeType: string }>
  close(): Promise<void>
}

type Parts = { graph: Graph; origin: string; openClient(origin: string): OperatorClient }

const LOOK_MS = 15_000
const DOWNLOAD_MS = 120_000
const BYTES_MOST = 100 * 1024 * 1024
const ORIGINS_MOST = 8
/** Addresses live five minutes: one that is gone is asked for once more. */
const LOOKS_MOST = 2
/** Where Meta keeps files. The access token goes to no other host. */
const META_HOSTS = /(^|\.)(fbsbx|fbcdn|facebook|whatsapp)\.(com|net)$/

/** Fetches files that people sent: their address first, then the bytes, both with the channel's token. */
export function openMediaFetcher(parts: Parts): MediaFetcher {
  const clients = new Map<string, OperatorClient>()
  const clientOf = (origin: string): OperatorClient => {
    if (origin === parts.origin) return parts.graph.client
    const client = clients.get(origin) ?? parts.openClient(origin)
    if (!clients.has(origin) && clients.size >= ORIGINS_MOST) throw new DomainError('unavailable', 'Too many hosts hold files')
    clients.set(origin, client)
    return client
  }
  return {
    async fetch(channel, media, signal) {
      const { id } = media
      if (id === undefined) throw new DomainError('not_found', 'The file has no id at the network')
      for (let looks = 1; ; looks++) {
        const { url, mimeType } = await findUrl(parts.graph, channel, { id, signal })
        const answer = await clientOf(checkedOrigin(url, parts.origin)).request({
          method: 'GET',
          path: url.pathname + url.search,
          headers: { authorization: `Bearer ${channel.credentials.accessToken}` },
          timeoutMs: DOWNLOAD_MS,
          maxBytes: BYTES_MOST,
          ...(signal && { signal }),
        })
        if (answer.kind !== 'answer') {
          const code = answer.reason === 'too_large' ? 'too_large' : 'unavailable'
          throw new DomainError(code, `The file could not be fetched: ${answer.message}`)
        }
        if (answer.status === 200) {
          const type = mimeType ?? media.mimeType ?? answer.headers['content-type'] ?? 'application/octet-stream'
          return { bytes: answer.body, mimeType: type }
        }
        if (answer.status !== 404 || looks >= LOOKS_MOST)
          throw new DomainError('unavailable', `The file could not be fetched: status ${answer.status}`)
      }
    },
    async close() {
      await Promise.all([...clients.values()].map((client) => client.close()))
    },
  }
}

async function findUrl(
  graph: Graph,
  channel: TransportChannel,
  { id, signal }: { id: string; signal: AbortSignal | undefined },
): Promise<{ url: URL; mimeType: string | undefined }> {
  const query = new URLSearchParams({ phone_number_id: String(channel.settings.phoneNumberId ?? '') })
  const reply = await askGraph(graph, {
    method: 'GET',
    path: `${encodeURIComponent(id)}?${query}`,
    token: channel.credentials.accessToken ?? '',
    timeoutMs: LOOK_MS,
    ...(signal && { signal }),
  })
  if (reply.kind === 'refused' && reply.error.code === 100)
    throw new DomainError('not_found', 'The network does not hold this file any more')
  const url = reply.kind === 'ok' ? URL.parse(text(reply.body.url) ?? '') : null
  if (reply.kind !== 'ok' || !url) throw new DomainError('unavailable', 'The network did not say where the file is')
  return { url, mimeType: text(reply.body.mime_type) }
}

function checkedOrigin(url: URL, ours: string): string {
  if (url.origin === ours || (url.protocol === 'https:' && META_HOSTS.test(url.hostname))) return url.origin
  throw new DomainError('unavailable', 'The network named a host that is not its own')
}
