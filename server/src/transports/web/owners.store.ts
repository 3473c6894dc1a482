import { all, type Db, first, inTransaction, run, sql } from '#kit/db'

/** How long a session is one's own after a renewal, and how long the next holder waits after that. */
export const LEASE_SECONDS = 12
const GRACE_SECONDS = 3

type Ref = { channelId: string; workspaceId: string }

/** Numbers that want a session, or an end of theirs, and that nobody holds; the longest free first. `held`: ours, whatever their lease says. */
export async function selectOrphans(db: Db, held: readonly string[], most: number): Promise<Ref[]> {
  return all(
    db,
    sql<Ref>`select o.channel_id as "channelId", o.workspace_id as "workspaceId" from owners o join channels c on c.id = o.channel_id
      where o.until + make_interval(secs => ${GRACE_SECONDS}) <= chasqui_now() and (c.state <> 'closed' or ${IS_LEAVING})
        and o.channel_id <> all(${held}::uuid[])
      order by o.until limit ${most}`,
  )
}

/** Ended by a person, and WhatsApp has not been told: the phone still lists the device. */
const IS_LEAVING = sql`((c.deleted_at is not null or c.state_reason = 'logged_out') and exists (select 1 from session_keys k where k.channel_id = c.id))`

/** How the channel of a session stands. */
export type Standing = {
  state: string
  /** Somebody asked for a new identity, and nobody has begun with it. */
  fresh: boolean
  /** Letters were asked for that the network does not know. */
  lettersAsked: boolean
}
const STANDING = sql`c.state, exists (select 1 from channel_links l where l.channel_id = c.id and l.fresh) as fresh,
  exists (select 1 from channel_links l where l.channel_id = c.id and l.code is not null and l.code_until is null) as "lettersAsked"`

export type Wanted = Standing & { reason: string | null; leaving: boolean; phone: string }

/** How the channel of a session stands; deleted ones too. */
export async function selectWanted(db: Db, { channelId, workspaceId }: Ref): Promise<Wanted | undefined> {
  return first(
    db,
    sql<Wanted>`select ${STANDING}, c.state_reason as reason, c.phone, ${IS_LEAVING} as leaving from channels c where c.workspace_id = ${workspaceId} and c.id = ${channelId}`,
  )
}

/** Takes a session that nobody holds; answers the epoch under which it is held. What an earlier holder writes fails from here on. */
export async function takeOver(db: Db, { channelId }: Ref, node: string): Promise<number | undefined> {
  return inTransaction(db, {}, async (tx) => {
    const free = await first(
      tx,
      sql`select 1 from owners where channel_id = ${channelId} and until + make_interval(secs => ${GRACE_SECONDS}) <= chasqui_now() for update skip locked`,
    )
    if (!free) return undefined
    const row = await first(
      tx,
      sql<{
        epoch: number
      }>`update owners set node = ${node}, epoch = epoch + 1, until = chasqui_now() + make_interval(secs => ${LEASE_SECONDS}) where channel_id = ${channelId} returning epoch`,
    )
    await run(tx, sql`update buckets set held_by = ${node} where channel_id = ${channelId}`)
    return row?.epoch
  })
}

/** Renews the sessions of a node in one statement; answers how those stand that are still its own. */
export async function renew(db: Db, held: readonly { channelId: string; epoch: number }[]): Promise<Map<string, Standing>> {
  const rows = await all(
    db,
    sql<Standing & { channelId: string }>`
    with mine as (select o.channel_id from owners o join unnest(${held.map((h) => h.channelId)}::uuid[], ${held.map((h) => h.epoch)}::bigint[]) as h(channel_id, epoch)
      on h.channel_id = o.channel_id and h.epoch = o.epoch where o.node is not null order by o.channel_id for no key update of o)
    update owners o set until = chasqui_now() + make_interval(secs => ${LEASE_SECONDS}) from mine, channels c
      where o.channel_id = mine.channel_id and c.id = o.channel_id returning o.channel_id as "channelId", ${STANDING}`,
  )
  return new Map(rows.map((row) => [row.channelId, row]))
}

/** Gives a session up: whoever wants it takes it at once. */
export async function release(db: Db, { channelId, epoch }: { channelId: string; epoch: number }): Promise<void> {
  await run(db, sql`update owners set node = null, until = '-infinity' where channel_id = ${channelId} and epoch = ${epoch}`)
}

/** Notes that another client took the session; answers when that happened before. */
export async function noteReplaced(db: Db, { channelId, epoch }: { channelId: string; epoch: number }): Promise<Date | undefined> {
  const row = await first(
    db,
    sql<{ before: Date | null }>`
    with before as (select channel_id, replaced_at from owners where channel_id = ${channelId} and epoch = ${epoch} for no key update)
    update owners o set replaced_at = chasqui_now() from before where o.channel_id = before.channel_id returning before.replaced_at as before`,
  )
  return row?.before ?? undefined
}
