import { createDecipheriv, createHmac } from 'node:crypto'
import type { RemoteMedia } from '#core/content'
import { sha256 } from '#kit/crypto'
import { DomainError } from '#kit/errors'
import type { OperatorClient } from '#kit/operator-client'
import type { Baileys } from './library.ts'
import type { LiveSession } from './live-session.ts'
import { type FileKey, toFileKey } from './media.wire.ts'

export type MediaSource = { baileys: Baileys; host: string }
export type MediaFetcher = {
  /** `host`: the one that the network names now. */
  fetch(from: MediaSource, media: RemoteMedia, signal?: AbortSignal): Promise<{ bytes: Buffer; mimeType: string }>
  close(): Promise<void>
}

const DOWNLOAD_MS = 120_000
const BYTES_MOST = 100 * 1024 * 1024
const HOSTS_MOST = 16
const MAC_BYTES = 10
const GONE = [403, 404, 410]

/** Fetches files that people sent, from the hosts the network names, and opens them with the key of their message. */
export function openMediaFetcher(openClient: (origin: string) => OperatorClient): MediaFetcher {
  const clients = new Map<string, OperatorClient>()
  const clientOf = (origin: string): OperatorClient => {
    const client = clients.get(origin) ?? openClient(origin)
    clients.delete(origin)
    clients.set(origin, client)
    if (clients.size > HOSTS_MOST) forget([...clients.keys()][0] ?? '')
    return client
  }
  /** The one not used for longest: ends what it is at, and is gone. */
  const forget = (origin: string) => {
    void clients.get(origin)?.close()
    clients.delete(origin)
  }
  return {
    async fetch({ baileys, host }, { id, mimeType = 'application/octet-stream' }, signal) {
      const file = toFileKey(id)
      if (!file) throw new DomainError('not_found', 'The file has no name at the network')
      const answer = await clientOf(`https://${host}`).request({
        method: 'GET',
        path: file.path,
        headers: { origin: 'https://web.whatsapp.com' },
        timeoutMs: DOWNLOAD_MS,
        maxBytes: BYTES_MOST + 1024,
        ...(signal && { signal }),
      })
      if (answer.kind !== 'answer') {
        const code = answer.reason === 'too_large' ? 'too_large' : 'unavailable'
        throw new DomainError(code, `The file could not be fetched: ${answer.message}`)
      }
      if (GONE.includes(answer.status)) throw new DomainError('not_found', 'The network does not hold this file any more')
      if (answer.status !== 200) throw new DomainError('unavailable', `The file could not be fetched: status ${answer.status}`)
      return { bytes: await open(baileys, file, answer.body), mimeType }
    },
    async close() {
      await Promise.all([...clients.values()].map((client) => client.close()))
    },
  }
}

/** The network says at times which host keeps the files. */
export async function mediaHostOf({ socket }: LiveSession): Promise<string> {
  await socket.refreshMediaConn(false).catch(() => undefined)
  return socket.getMediaHost()
}

const CHANGED = () => new DomainError('not_found', 'The file at the network is not the one that was sent')

/** Nobody on the way can have changed it: its seal and its hash say so. */
async function open(baileys: Baileys, { type, key, sha256: expected }: FileKey, sealed: Buffer): Promise<Buffer> {
  const { iv, cipherKey, macKey } = await baileys.getMediaKeys(key, type)
  const body = sealed.subarray(0, -MAC_BYTES)
  const mac = macKey && createHmac('sha256', macKey).update(iv).update(body).digest().subarray(0, MAC_BYTES)
  if (body.length === 0 || !mac?.equals(sealed.subarray(-MAC_BYTES))) throw CHANGED()
  const bytes = decipher(body, cipherKey, iv)
  if (expected && !sha256(bytes).equals(expected)) throw CHANGED()
  return bytes
}

/** Whoever has the key can seal what no length or padding fits. */
function decipher(body: Buffer, key: Uint8Array, iv: Uint8Array): Buffer {
  try {
    const decipher = createDecipheriv('aes-256-cbc', key, iv)
    return Buffer.concat([decipher.update(body), decipher.final()])
  } catch {
    throw CHANGED()
  }
}
