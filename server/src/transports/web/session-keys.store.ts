import { all, type Db, first, run, sql } from '#kit/db'

type Session = { channelId: string; workspaceId: string; epoch: number }
export type KeyRow = { type: string; id: string; value: Buffer }

export async function selectKeys(
  db: Db,
  { channelId, workspaceId }: Omit<Session, 'epoch'>,
  type: string,
  ids: readonly string[],
): Promise<KeyRow[]> {
  return all(
    db,
    sql<KeyRow>`select type, id, value from session_keys
      where workspace_id = ${workspaceId} and channel_id = ${channelId} and type = ${type} and id = any(${ids}::text[])`,
  )
}

/** Writes and removes keys together, durably and in their order, so that two never wait for each other; false when the session is not held under this epoch any more: then nothing was written. */
export async function writeKeys(
  db: Db,
  { channelId, workspaceId, epoch }: Session,
  rows: readonly KeyRow[],
  gone: readonly Pick<KeyRow, 'type' | 'id'>[],
): Promise<boolean> {
  const row = await first(
    db,
    sql`
    with held as materialized (select 1 from owners where channel_id = ${channelId} and epoch = ${epoch} for key share),
      going as (select k.type, k.id from session_keys k join unnest(${gone.map((g) => g.type)}::text[], ${gone.map((g) => g.id)}::text[]) as g(type, id)
        on k.type = g.type and k.id = g.id where k.channel_id = ${channelId} and exists (select 1 from held) order by k.type, k.id for update of k),
      removed as (delete from session_keys k using going where k.channel_id = ${channelId} and k.type = going.type and k.id = going.id),
      written as (insert into session_keys (workspace_id, channel_id, type, id, value)
        select ${workspaceId}, ${channelId}, r.type, r.id, r.value
        from unnest(${rows.map((r) => r.type)}::text[], ${rows.map((r) => r.id)}::text[], ${rows.map((r) => r.value)}::bytea[]) as r(type, id, value)
        where exists (select 1 from held) order by r.type, r.id
        on conflict (channel_id, type, id) do update set value = excluded.value)
    select 1 from held`,
  )
  return row !== undefined
}

/** Forgets a linked identity whole; false as above. */
export async function deleteKeys(db: Db, { channelId, workspaceId, epoch }: Session): Promise<boolean> {
  const held = sql`exists (select 1 from owners where channel_id = ${channelId} and epoch = ${epoch} for key share)`
  await run(db, sql`delete from session_keys where workspace_id = ${workspaceId} and channel_id = ${channelId} and ${held}`)
  return (await first(db, sql`select 1 from owners where channel_id = ${channelId} and epoch = ${epoch}`)) !== undefined
}
