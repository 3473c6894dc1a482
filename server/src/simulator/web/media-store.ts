import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { getMediaKeys, type MediaType } from 'baileys'
import { hmacSha256, sha256 } from '#kit/crypto'

/** What a message tells of a file that lies sealed on the media host. */
export type SealedFile = {
  url: string
  directPath: string
  mediaKey: Uint8Array
  fileSha256: Uint8Array
  fileEncSha256: Uint8Array
  fileLength: number
}
type Named = { directPath?: string | null | undefined; url?: string | null | undefined; mediaKey?: Uint8Array | null | undefined }

/** Sealed files by their path. The oldest go when there are too many bytes. */
export interface MediaStore {
  /** 'host:port' once it is open. */
  host: string
  put(bytes: Buffer): { url: string; directPath: string }
  get(path: string): Buffer | undefined
  /** Seals a file as a phone does before it uploads it. */
  seal(bytes: Buffer, kind: MediaType): Promise<SealedFile>
  /** Opens what a client uploaded; undefined when it is not here or not sealed with this key. */
  open(file: Named, kind: MediaType): Promise<Buffer | undefined>
}

const MAC_BYTES = 10

export function createMediaStore(mostBytes = 512 * 2 ** 20): MediaStore {
  const files = new Map<string, Buffer>()
  let held = 0
  const store: MediaStore = {
    host: '',
    put(bytes) {
      const directPath = `/v/${sha256(bytes).toString('base64url')}`
      if (!files.has(directPath)) held += bytes.length
      files.set(directPath, bytes)
      for (const [path, oldest] of files) {
        if (held <= mostBytes || path === directPath) break
        held -= oldest.length
        files.delete(path)
      }
      return { url: `https://${store.host}${directPath}`, directPath }
    },
    get: (path) => files.get(path),
    async seal(bytes, kind) {
      const mediaKey = randomBytes(32)
      const { iv, cipherKey, macKey } = await keysOf(mediaKey, kind)
      const cipher = createCipheriv('aes-256-cbc', cipherKey, iv)
      const body = Buffer.concat([cipher.update(bytes), cipher.final()])
      const mac = hmacSha256(macKey, Buffer.concat([iv, body])).subarray(0, MAC_BYTES)
      const sealed = Buffer.concat([body, mac])
      const hashes = { fileSha256: sha256(bytes), fileEncSha256: sha256(sealed), fileLength: bytes.length }
      return { ...store.put(sealed), mediaKey, ...hashes }
    },
    async open({ directPath, url, mediaKey }, kind) {
      const sealed = files.get(directPath || new URL(url || 'https://nowhere/').pathname)
      if (!sealed || !mediaKey) return undefined
      const { iv, cipherKey, macKey } = await keysOf(mediaKey, kind)
      const body = sealed.subarray(0, -MAC_BYTES)
      const mac = hmacSha256(macKey, Buffer.concat([iv, body])).subarray(0, MAC_BYTES)
      if (!mac.equals(sealed.subarray(-MAC_BYTES))) return undefined
      const decipher = createDecipheriv('aes-256-cbc', cipherKey, iv)
      return Buffer.concat([decipher.update(body), decipher.final()])
    },
  }
  return store
}

async function keysOf(mediaKey: Uint8Array, kind: MediaType): Promise<{ iv: Buffer; cipherKey: Buffer; macKey: Buffer }> {
  const { iv, cipherKey, macKey } = await getMediaKeys(mediaKey, kind)
  if (!macKey) throw new RangeError('no media keys')
  return { iv: Buffer.from(iv), cipherKey: Buffer.from(cipherKey), macKey: Buffer.from(macKey) }
}
