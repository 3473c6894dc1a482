import { beginLink, type SessionRef } from '#core/channels'
import { type Db, first, sql } from '#kit/db'

/** Plays the process that holds a channel's session, for good. */
export async function holdSession(db: Db, { channelId, workspaceId }: Omit<SessionRef, 'epoch'>): Promise<SessionRef> {
  const row = await first(
    db,
    sql<{ epoch: number }>`update owners set epoch = epoch + 1, until = 'infinity' where channel_id = ${channelId} returning epoch`,
  )
  if (!row) throw new Error('this channel has no session')
  const session = { channelId, workspaceId, epoch: row.epoch }
  await beginLink(db, session)
  return session
}
