import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { onTestFinished } from 'vitest'
import type { Outgoing, SendOptions, TransportChannel } from '#core/transport'
import { newId } from '#kit/ids'
import { openOperatorClient } from '#kit/operator-client'
import { listen } from '#test/loopback'
import { createCloudTransport } from './cloud-transport.ts'
import type { Upload } from './media-uploads.store.ts'
import type { UploadBook } from './media-uploads.ts'

type Seen = { method: string; path: string; authorization: string | undefined; contentType: string | undefined; body: Buffer }
export type Answer = (seen: Seen, response: ServerResponse, count: number) => void

export const NOW = new Date('2026-01-02T03:04:05.000Z')
export const CHANNEL: TransportChannel = {
  id: newId(),
  workspaceId: newId(),
  kind: 'cloud',
  number: '+15550783881',
  settings: { phoneNumberId: '111' },
  credentials: { accessToken: 'EAA' },
}
export const GO = (): SendOptions => ({ signal: AbortSignal.timeout(10_000), mayWrite: () => true })

export const outgoing = (more: Partial<Outgoing> = {}): Outgoing => ({
  messageId: newId(),
  attempt: 1,
  to: '+4917012345678',
  content: { type: 'text', text: 'Hi' },
  media: undefined,
  wireId: undefined,
  targetWireId: undefined,
  callbackData: 'inst:msg:1',
  ...more,
})

export const json = (response: ServerResponse, status: number, value: unknown) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
export const graphError = (response: ServerResponse, status: number, error: Record<string, unknown>) =>
  json(response, status, { error: { message: '(#x) Words', type: 'OAuthException', fbtrace_id: 'A', ...error } })
export const accept = (response: ServerResponse, more: Record<string, unknown> = {}) =>
  json(response, 200, { messaging_product: 'whatsapp', contacts: [{ input: '+49', wa_id: '49' }], messages: [{ id: 'wamid.1', ...more }] })

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** Uploads as the table keeps them. */
function openBook(): UploadBook & { uploads: Upload[] } {
  const uploads: Upload[] = []
  return {
    uploads,
    find: async (channelId, mediaId, at) =>
      uploads.find((one) => one.channelId === channelId && one.mediaId === mediaId && one.expiresAt > at),
    keep: async (upload) => void uploads.push(upload),
    async forget({ remoteId }) {
      const place = uploads.findIndex((one) => one.remoteId === remoteId)
      if (place >= 0) uploads.splice(place, 1)
    },
  }
}

/** The road, and a server that answers as the test says; with `origin` the road leads elsewhere. */
export async function openRoad(answer: Answer, { path = '', origin }: { path?: string; origin?: string } = {}) {
  const seen: Seen[] = []
  const server = createServer(async (request, response) => {
    const { method = '', url = '', headers } = request
    const one = {
      method,
      path: url,
      authorization: headers.authorization,
      contentType: headers['content-type'],
      body: await bytesOf(request),
    }
    seen.push(one)
    answer(one, response, seen.length)
  })
  const { url, connections } = await listen(server)
  const book = openBook()
  const client = openOperatorClient({ origin: origin ?? url, connections: 8 })
  const road = createCloudTransport({
    graphUrl: (origin ?? url) + path,
    version: 'v23.0',
    client,
    openClient: (origin) => openOperatorClient({ origin, connections: 1 }),
    uploads: book,
    now: () => NOW,
  })
  onTestFinished(async () => {
    await road.close()
    await client.close()
  })
  return { road, seen, book, url, connections }
}
