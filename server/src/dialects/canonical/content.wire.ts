import { z } from 'zod'
import { Content, type InboundContent } from '#core/content'
import { Id, readId, showId } from './ids.wire.ts'

/** Where a file of a message comes from: stored before, fetched by us, or right here. */
export const MediaSource = z.union([
  z.strictObject({ id: Id('med') }),
  z.strictObject({ url: z.url({ protocol: /^https?$/ }).max(2048), filename: z.string().min(1).max(255).optional() }),
  z.strictObject({ base64: z.string().min(1).max(24_000_000), filename: z.string().min(1).max(255).optional() }),
])
export type MediaSource = z.output<typeof MediaSource>

type Json = Record<string, unknown>
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The core's own schema, its files named as here: the document cannot drift from what validates. */
function contentDocument(): Json {
  const { $schema: _, ...document } = z.toJSONSchema(Content, { io: 'input', unrepresentable: 'any' })
  return JSON.parse(JSON.stringify(document, (_key, value: unknown) => (isObject(value) ? showMedia(value) : value))) as Json // JSON of an object is an object
}

function showMedia(schema: Json): Json {
  if (!isObject(schema.properties) || !('mediaId' in schema.properties)) return schema
  const { mediaId: _, ...properties } = schema.properties
  const { $schema: __, ...media } = z.toJSONSchema(MediaSource, { io: 'input' })
  const required = Array.isArray(schema.required) ? schema.required.map((name: unknown) => (name === 'mediaId' ? 'media' : name)) : []
  return { ...schema, properties: { ...properties, media }, required }
}

/** The content of a message. Its kind is read here, the rest by the verb, once. */
export const WireContent = z
  .looseObject({ type: z.string() })
  .meta({ ...contentDocument(), description: 'What the message says', examples: [{ type: 'text', text: 'Hello from Chasqui' }] })
export type WireContent = z.output<typeof WireContent>

/** One place in a content where a file stands. */
export type MediaPlace = { path: string; source: MediaSource; put(mediaId: string): void }

/** Content as the core takes it, and the places whose files must be stored first. Never throws: what is odd stays for the verb to refuse. */
export function toCoreContent(wire: WireContent): {
  content: Json
  places: MediaPlace[]
  wrong: { path: string; message: string } | undefined
} {
  const content: Json = { ...wire }
  const header = isObject(content.interactive) && isObject(content.interactive.header) ? { ...content.interactive.header } : undefined
  if (header && isObject(content.interactive)) content.interactive = { ...content.interactive, header }
  if (content.type === 'reaction' && typeof content.messageId === 'string') {
    const id = readId('msg', content.messageId)
    if (id === undefined) return { content, places: [], wrong: { path: 'content.messageId', message: 'not the id of a message' } }
    content.messageId = id
  }
  const places: MediaPlace[] = []
  for (const [holder, path] of [
    [content, 'content.media'],
    [header, 'content.interactive.header.media'],
  ] as const) {
    if (!holder || !('media' in holder)) continue
    const source = MediaSource.safeParse(holder.media)
    if (!source.success) return { content, places: [], wrong: { path, message: 'must be { id }, { url } or { base64 }' } }
    delete holder.media
    places.push({ path, source: source.data, put: (mediaId) => Object.assign(holder, { mediaId }) })
  }
  return { content, places, wrong: undefined }
}

/** Content of either direction as this API shows it. */
export function showContent(content: Content | InboundContent): Json {
  const { mediaId, remoteMedia, ...rest } = content as Json // read only: one walk for every kind
  const shown: Json = { ...rest }
  if (mediaId !== undefined || remoteMedia !== undefined) shown.media = showMediaOf(mediaId, remoteMedia)
  if (typeof shown.messageId === 'string') shown.messageId = showId('msg', shown.messageId)
  if (isObject(shown.interactive) && isObject(shown.interactive.header) && typeof shown.interactive.header.mediaId === 'string') {
    const { mediaId: id, ...header } = shown.interactive.header as Json & { mediaId: string }
    shown.interactive = { ...shown.interactive, header: { ...header, media: { id: showId('med', id) } } }
  }
  return shown
}

const showMediaOf = (mediaId: unknown, remote: unknown) => ({
  id: typeof mediaId === 'string' ? showId('med', mediaId) : null, // null: the file still lies with the network
  ...(isObject(remote) && { mimeType: remote.mimeType ?? null, size: remote.size ?? null }),
})
