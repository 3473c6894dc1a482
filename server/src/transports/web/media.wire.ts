import type { MediaType as WireType } from 'baileys'
import type { RemoteMedia } from '#core/content'
import { known } from '#kit/lenient'

/** What it takes to fetch a file and to read it. */
export type FileKey = {
  type: Extract<WireType, 'image' | 'video' | 'audio' | 'document' | 'sticker'>
  /** Where it lies on whatever host keeps files: a path, never a host. */
  path: string
  key: Buffer
  sha256: Buffer | undefined
}

type Part = {
  directPath?: string | null
  url?: string | null
  mediaKey?: Uint8Array | null
  fileSha256?: Uint8Array | null
  mimetype?: string | null
  fileLength?: unknown
}

const PATH = /^\/[\w\-./%?=&+~:@!$,;*'()]{1,2000}$/
const MIME = /^[\w.+-]{1,64}\/[\w.+-]{1,128}(;[\w\s=.+"-]{0,100})?$/

/** The file of a message; undefined: it does not say how to get it. */
export function toRemoteMedia(type: FileKey['type'], part: Part): RemoteMedia | undefined {
  const path = pathOf(part)
  const key = part.mediaKey
  if (path === undefined || key?.length !== 32) return undefined
  const sha256 = part.fileSha256?.length === 32 ? Buffer.from(part.fileSha256) : undefined
  const size = Number(String(part.fileLength ?? Number.NaN))
  return known({
    id: Buffer.from(JSON.stringify([type, path, Buffer.from(key).toString('base64'), sha256?.toString('base64') ?? null])).toString(
      'base64url',
    ),
    mimeType: part.mimetype && MIME.test(part.mimetype) ? part.mimetype : undefined,
    sha256: sha256?.toString('base64'),
    size: Number.isSafeInteger(size) && size >= 0 ? size : undefined,
  })
}

/** The sender names a host, too, and could name any: only the path counts. */
function pathOf({ directPath, url }: Part): string | undefined {
  const parsed = directPath ? undefined : URL.parse(url ?? '')
  const path = directPath || (parsed ? parsed.pathname + parsed.search : '')
  return PATH.test(path) ? path : undefined
}

const TYPES: readonly string[] = ['image', 'video', 'audio', 'document', 'sticker']
const isType = (type: unknown): type is FileKey['type'] => typeof type === 'string' && TYPES.includes(type)

/** Reads what toRemoteMedia wrote; undefined: it is something else. */
export function toFileKey(id: string | undefined): FileKey | undefined {
  if (id === undefined) return undefined
  try {
    const [type, path, key, sha256] = JSON.parse(Buffer.from(id, 'base64url').toString('utf8'))
    if (!isType(type) || typeof path !== 'string' || !PATH.test(path) || typeof key !== 'string') return undefined
    return { type, path, key: Buffer.from(key, 'base64'), sha256: typeof sha256 === 'string' ? Buffer.from(sha256, 'base64') : undefined }
  } catch {
    return undefined
  }
}
