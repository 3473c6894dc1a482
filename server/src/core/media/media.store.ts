import { all, type Db, first, run, sql } from '#kit/db'
import type { Media } from './media.ts'

type MediaRow = {
  id: string
  workspace_id: string
  mime_type: string
  size: number
  sha256: string
  filename: string | null
  storage_key: string
  source: Media['source']
  created_at: Date
}

export type StoredMedia = { media: Media; storageKey: string }

const toStored = (row: MediaRow): StoredMedia => ({
  media: {
    id: row.id,
    workspaceId: row.workspace_id,
    mimeType: row.mime_type,
    size: row.size,
    sha256: row.sha256,
    filename: row.filename ?? undefined,
    source: row.source,
    createdAt: row.created_at,
  },
  storageKey: row.storage_key,
})

export async function insertMedia(db: Db, { media, storageKey }: StoredMedia): Promise<void> {
  await run(
    db,
    sql`insert into media (id, workspace_id, mime_type, size, sha256, filename, storage_key, source, created_at)
      values (${media.id}, ${media.workspaceId}, ${media.mimeType}, ${media.size}, ${media.sha256}, ${media.filename ?? null}, ${storageKey}, ${media.source}, ${media.createdAt})`,
  )
}

export async function selectMedia(db: Db, workspaceId: string, mediaIds: readonly string[]): Promise<StoredMedia[]> {
  const rows = await all(
    db,
    sql<MediaRow>`select id, workspace_id, mime_type, size, sha256, filename, storage_key, source, created_at
      from media where workspace_id = ${workspaceId} and id = any(${mediaIds}::uuid[])`,
  )
  return rows.map(toStored)
}

/** The files that are there, in no order. */
export async function findMediaFiles(db: Db, workspaceId: string, mediaIds: readonly string[]): Promise<Media[]> {
  return (await selectMedia(db, workspaceId, mediaIds)).map(({ media }) => media)
}

/** Answers where the file lies; undefined when there was no row. */
export async function removeMedia(db: Db, workspaceId: string, mediaId: string): Promise<string | undefined> {
  const row = await first(
    db,
    sql<{ storage_key: string }>`delete from media where workspace_id = ${workspaceId} and id = ${mediaId} returning storage_key`,
  )
  return row?.storage_key
}
