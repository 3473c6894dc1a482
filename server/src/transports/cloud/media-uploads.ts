import type { Outcome, Outgoing, SendOptions, TransportChannel, TransportMedia } from '#core/transport'
import { id } from '#kit/lenient'
import { openTurns } from '#kit/turns'
import { outcomeOf } from './errors.ts'
import { askGraph, type Graph, type GraphReply } from './graph.ts'
import type { Upload } from './media-uploads.store.ts'
import { multipart } from './multipart.ts'
import { bareType } from './native-media.ts'

/** Where uploads are remembered beyond this process. */
export type UploadBook = {
  find(channelId: string, mediaId: string, at: Date): Promise<Upload | undefined>
  keep(upload: Upload): Promise<void>
  forget(upload: Pick<Upload, 'channelId' | 'mediaId' | 'remoteId'>): Promise<void>
}

export interface MediaUploads {
  /** Meta's id of the file, uploading it when Meta does not hold it; or why there is none. */
  ensure(channel: TransportChannel, message: Outgoing, options: SendOptions): Promise<Result>
  /** Meta did not know this id any more: the next one uploads anew. */
  forget(channel: TransportChannel, mediaId: string, remoteId: string): Promise<void>
}

type Parts = { graph: Graph; book: UploadBook; now(): Date }
/** `fresh`: it went up just now. */
type Result = { remoteId: string; fresh: boolean } | { outcome: Outcome }

/** Meta keeps uploads for 30 days; a message may wait a while between our look and Meta's. */
const KEPT_MS = 29 * 86_400_000
const UPLOAD_MS = 120_000
const KNOWN_MOST = 10_000
/** Files of up to 100 MB, twice in memory while they go up. */
const AT_ONCE_MOST = 4

export function openMediaUploads(parts: Parts): MediaUploads {
  const recent = new Map<string, Upload>()
  const running = new Map<string, Promise<Result>>()
  const inTurn = openTurns(AT_ONCE_MOST)
  const remember = (key: string, upload: Upload) => {
    const [oldest] = recent.keys()
    if (recent.size >= KNOWN_MOST && oldest !== undefined) recent.delete(oldest)
    recent.set(key, upload)
  }
  const look = async (key: string, channel: TransportChannel, message: Outgoing, options: SendOptions): Promise<Result> => {
    const { media } = message
    if (!media) return { outcome: { kind: 'rejected', code: 'media_gone', reason: 'The message names no file' } }
    const known = await parts.book.find(channel.id, media.id, parts.now())
    if (known) {
      remember(key, known)
      return { remoteId: known.remoteId, fresh: false }
    }
    const result = await inTurn(() => upload(parts.graph, { channel, media, message, options }))
    if ('outcome' in result) return result
    const expiresAt = new Date(parts.now().getTime() + KEPT_MS)
    const fresh = { workspaceId: channel.workspaceId, channelId: channel.id, mediaId: media.id, remoteId: result.remoteId, expiresAt }
    remember(key, fresh)
    await parts.book.keep(fresh)
    return result
  }
  return {
    async ensure(channel, message, options) {
      const key = `${channel.id} ${message.media?.id}`
      const known = recent.get(key)
      if (known && known.expiresAt > parts.now()) return { remoteId: known.remoteId, fresh: false }
      // a campaign's first messages come together: one of them uploads
      const begun = running.get(key)
      if (begun) return begun
      const result = look(key, channel, message, options)
        .catch((error: unknown) => notUploaded(error instanceof Error ? error.message : 'it could not be read'))
        .finally(() => running.delete(key))
      running.set(key, result)
      return result
    },
    async forget(channel, mediaId, remoteId) {
      recent.delete(`${channel.id} ${mediaId}`)
      await parts.book.forget({ channelId: channel.id, mediaId, remoteId })
    },
  }
}

type Job = { channel: TransportChannel; media: TransportMedia; message: Outgoing; options: SendOptions }

async function upload(graph: Graph, { channel, media, message, options }: Job): Promise<Result> {
  if (options.signal.aborted) return notUploaded('others took too long before it')
  const bytes = await media.read()
  const mimeType = uploadType(media.mimeType)
  const form = multipart({ messaging_product: 'whatsapp', type: mimeType }, { bytes, mimeType, filename: media.filename ?? 'file' })
  const reply = await askGraph(graph, {
    method: 'POST',
    path: `${channel.settings.phoneNumberId}/media`,
    token: channel.credentials.accessToken ?? '',
    body: form.body,
    contentType: form.contentType,
    timeoutMs: UPLOAD_MS,
    signal: options.signal,
  })
  const remoteId = reply.kind === 'ok' ? id(reply.body.id) : undefined
  return remoteId === undefined ? { outcome: failed(reply, message.attempt) } : { remoteId, fresh: true }
}

/** An upload sends nothing to anybody: whatever is not a clear no may be tried again. */
function failed(reply: GraphReply, attempt: number): Outcome {
  if (reply.kind === 'refused') return outcomeOf(reply.error, { attempt, status: reply.status })
  return notUploaded('reason' in reply ? reply.reason : 'the answer was no upload').outcome
}

const notUploaded = (why: string): { outcome: Outcome } => ({
  outcome: { kind: 'retry', code: 'media_upload', reason: `The file could not be given to the network: ${why}`, slow: 'none' },
})

const META_KINDS = new Set([
  ...['audio/aac', 'audio/amr', 'audio/mpeg', 'audio/mp4'],
  ...['image/jpeg', 'image/png', 'image/webp', 'video/mp4', 'video/3gpp'],
])
const OPUS = new Set(['audio/ogg', 'audio/opus'])

/** The type an upload is declared as: pictures, films and sounds that Meta does not know travel as plain bytes, in a document. */
function uploadType(mimeType: string): string {
  const bare = bareType(mimeType)
  if (OPUS.has(bare)) return 'audio/ogg; codecs=opus'
  return META_KINDS.has(bare) || !/^(image|video|audio)\//.test(bare) ? bare : 'application/octet-stream'
}
