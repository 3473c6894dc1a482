import { randomInt } from 'node:crypto'
import { randomToken, sha256 } from '#kit/crypto'
import type { KeyStyle } from './key.ts'

type Environment = 'live' | 'test'

/** A fresh key in the format of one product. Formats that carry an environment tell the truth. */
export function mintSecret(style: KeyStyle, environment: Environment): string {
  switch (style) {
    case 'canonical':
      return `chq_${environment}_${randomToken(32)}`
    case 'blueticks':
      return `bt_${environment}_${randomToken(32)}`
    case 'bluetick':
      return `btk_live_${randomToken(32)}`
    case 'blasty':
      return `${randomInt(1, 1_000_000)}|${randomToken(40)}`
    case 'wabotick':
      return randomToken(40)
    case 'legacy':
      return randomToken(32)
  }
}

const FORMATS: readonly { style: KeyStyle; format: RegExp }[] = [
  { style: 'canonical', format: /^chq_(live|test)_[A-Za-z0-9]{32}$/ },
  { style: 'blueticks', format: /^bt_(live|test)_[A-Za-z0-9_-]{16,128}$/ },
  { style: 'bluetick', format: /^btk_live_[A-Za-z0-9_-]{16,128}$/ },
  { style: 'blasty', format: /^\d{1,18}\|[A-Za-z0-9]{32,128}$/ },
  { style: 'legacy', format: /^[A-Za-z0-9]{32}$/ },
  { style: 'wabotick', format: /^[A-Za-z0-9]{33,128}$/ },
]

/** Whose format a key has, and the environment it claims if any; undefined: nobody's. */
export function describeSecret(secret: string): { style: KeyStyle; environment: Environment | undefined } | undefined {
  const found = FORMATS.find(({ format }) => format.test(secret))
  if (!found) return undefined
  const claimed = found.style === 'bluetick' ? undefined : /_(live|test)_/.exec(secret)?.[1]
  return { style: found.style, environment: claimed === 'live' || claimed === 'test' ? claimed : undefined }
}

/** How a key is found. The number before a bar only names it: clients may leave it away. */
export const hashSecret = (secret: string): Buffer => sha256(secret.replace(/^\d{1,18}\|/, ''))
