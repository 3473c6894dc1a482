import { type Db, first, run, sql } from '#kit/db'

/** A file that Meta holds for one channel. */
export type Upload = { workspaceId: string; channelId: string; mediaId: string; remoteId: string; expiresAt: Date }

/** The upload, if it lives until `at` at least. */
export async function findUpload(db: Db, channelId: string, mediaId: string, at: Date): Promise<Upload | undefined> {
  return first(
    db,
    sql<Upload>`select workspace_id as "workspaceId", channel_id as "channelId", media_id as "mediaId", remote_id as "remoteId", expires_at as "expiresAt"
      from media_uploads where media_id = ${mediaId} and channel_id = ${channelId} and expires_at > ${at}`,
  )
}

/** Keeps the newer of two uploads; of a file that was deleted meanwhile nothing. */
export async function keepUpload(db: Db, { workspaceId, channelId, mediaId, remoteId, expiresAt }: Upload): Promise<void> {
  await run(
    db,
    sql`insert into media_uploads (workspace_id, media_id, channel_id, remote_id, expires_at)
      select ${workspaceId}, id, ${channelId}, ${remoteId}, ${expiresAt} from media where id = ${mediaId}
      on conflict (media_id, channel_id) do update set remote_id = excluded.remote_id, expires_at = excluded.expires_at
        where media_uploads.expires_at < excluded.expires_at`,
  )
}

/** Meta knows it no more. */
export async function forgetUpload(db: Db, upload: Pick<Upload, 'channelId' | 'mediaId' | 'remoteId'>): Promise<void> {
  const { channelId, mediaId, remoteId } = upload
  await run(db, sql`delete from media_uploads where media_id = ${mediaId} and channel_id = ${channelId} and remote_id = ${remoteId}`)
}
