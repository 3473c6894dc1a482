import { z } from 'zod'
import type { Context } from '#kit/context'
import { sha256 } from '#kit/crypto'
import { sqlState } from '#kit/db'
import { DomainError, invalidField } from '#kit/errors'
import type { FileStore } from '#kit/files'
import { newId } from '#kit/ids'
import { operation } from '#kit/operation'
import { cleanFilename } from './clean-filename.ts'
import { insertMedia } from './media.store.ts'
import type { Media } from './media.ts'
import { sniffType } from './sniff-type.ts'

declare module '#kit/context' {
  interface Ports {
    files: FileStore
  }
}

/** WhatsApp's bound on documents; smaller ones of other kinds are checked when a message uses the file. */
export const BYTES_MOST = 100 * 1_048_576

export const storeMedia = operation({
  name: 'media.store',
  does: 'Keep a file. Its type is what its bytes say, whatever it was called.',
  needs: 'media:write',
  mayRefuse: ['invalid', 'too_large'],
  transaction: 'none', // the file is written before its row
  input: z.strictObject({
    bytes: z.instanceof(Buffer),
    filename: z.string().max(1024).optional(),
    mimeType: z.string().max(255).optional(),
    source: z.enum(['upload', 'url', 'base64', 'inbound']),
  }),
  run: keepFile,
})

const UNIQUE = '23505'

type NewFile = {
  /** Whoever may store it twice, by whatever befalls him, gives one. */
  id?: string
  bytes: Buffer
  filename?: string | undefined
  mimeType?: string | undefined
  source: Media['source']
}

/** Writes the file, then its row; a file without a row is taken away again. */
export async function keepFile(
  ctx: Pick<Context, 'db' | 'workspaceId' | 'now'> & { ports: Pick<Context['ports'], 'files'> },
  file: NewFile,
): Promise<Media> {
  const { bytes, source } = file
  checkSize(bytes.length)
  const createdAt = ctx.now()
  const media: Media = {
    id: file.id ?? newId(),
    workspaceId: ctx.workspaceId,
    mimeType: sniffType(bytes, file),
    size: bytes.length,
    sha256: sha256(bytes).toString('hex'),
    filename: cleanFilename(file.filename),
    source,
    createdAt,
  }
  const storageKey = `${ctx.workspaceId}/${createdAt.toISOString().slice(0, 7).replace('-', '/')}/${media.id}`
  await ctx.ports.files.put(storageKey, bytes)
  try {
    await insertMedia(ctx.db, { media, storageKey })
  } catch (error) {
    // where the row is there already, so is its file, which is this one; else the first error is the one to tell
    if (sqlState(error) !== UNIQUE) await ctx.ports.files.delete(storageKey).catch(() => undefined)
    throw error
  }
  return media
}

/** Throws `invalid` on an empty file, `too_large` on one over the bound. */
export function checkSize(size: number): void {
  if (size === 0) throw invalidField('file', 'is empty', 'too_small')
  if (size <= BYTES_MOST) return
  throw new DomainError('too_large', 'A file may have 100 MB at most', {
    issues: [{ path: 'file', code: 'too_big', message: `${size} bytes` }],
  })
}
