import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'

export const sha256 = (text: string | Uint8Array): Buffer => createHash('sha256').update(text).digest()
export const hmacSha256 = (key: string | Uint8Array, text: string | Uint8Array): Buffer =>
  createHmac('sha256', preparedKey(key)).update(text).digest()

/** Node prepares a key anew for each use unless it is told that it is one: five times the work of the signature itself. */
const prepared = new Map<string, KeyObject>()
const PREPARED_MOST = 1_000

function preparedKey(key: string | Uint8Array): KeyObject {
  const name = Buffer.from(key).toString('latin1')
  const known = prepared.get(name)
  if (known) return known
  if (prepared.size >= PREPARED_MOST) prepared.clear()
  const made = createSecretKey(Buffer.from(key))
  prepared.set(name, made)
  return made
}

/** Compares in constant time whatever the lengths. */
export const sameSecret = (a: string, b: string): boolean => timingSafeEqual(sha256(a), sha256(b))

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** `length` random letters and digits, without modulo bias. */
export function randomToken(length: number): string {
  let token = ''
  while (token.length < length)
    for (const byte of randomBytes(length * 2)) if (byte < 248 && token.length < length) token += LETTERS[byte % 62]
  return token
}

/** Seals what rests in the database: AES-256-GCM under the house's secret. */
export interface SecretBox {
  seal(text: string): Buffer
  /** Throws when the bytes were sealed under another secret or changed. */
  open(sealed: Uint8Array): string
  /** 32 bytes that only this house can make, always the same for the same words. */
  derive(words: string): Buffer
}

const VERSION = 1
const NONCE_BYTES = 12
const TAG_BYTES = 16

export function openSecretBox(secret: string): SecretBox {
  const key = createSecretKey(Buffer.from(hkdfSync('sha256', secret, 'chasqui', 'secrets at rest', 32)))
  return {
    derive: (words) => Buffer.from(hkdfSync('sha256', secret, 'chasqui', words, 32)),
    seal(text) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', key, nonce)
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([Buffer.of(VERSION), nonce, cipher.getAuthTag(), body])
    },
    open(sealed) {
      const bytes = Buffer.from(sealed)
      if (bytes[0] !== VERSION) throw new Error('sealed by an unknown version')
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(1, 1 + NONCE_BYTES))
      decipher.setAuthTag(bytes.subarray(1 + NONCE_BYTES, 1 + NONCE_BYTES + TAG_BYTES))
      return Buffer.concat([decipher.update(bytes.subarray(1 + NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8')
    },
  }
}
