import type { Readable } from 'node:stream'
import type { Db } from '#kit/db'
import type { FileStore } from '#kit/files'
import { selectMedia } from './media.store.ts'
import type { Media } from './media.ts'

export type OpenedMedia = { media: Media; read(): Promise<Buffer>; stream(): Promise<Readable> }

/** A stored file, to be read whole or as a stream; undefined: no such file in this workspace. */
export async function openMedia(db: Db, files: FileStore, workspaceId: string, mediaId: string): Promise<OpenedMedia | undefined> {
  const [stored] = await selectMedia(db, workspaceId, [mediaId])
  if (!stored) return undefined
  return { media: stored.media, read: () => files.get(stored.storageKey), stream: () => files.stream(stored.storageKey) }
}
