import { type Db, first, run, sql } from '#kit/db'

/** Who holds a session: what he writes counts while the epoch is his. */
export type SessionRef = { channelId: string; workspaceId: string; epoch: number }

/** True while the session is held under this epoch; until the transaction ends nobody takes it over. */
export async function isHeld(db: Db, { channelId, epoch }: SessionRef): Promise<boolean> {
  return (await first(db, sql`select 1 from owners where channel_id = ${channelId} and epoch = ${epoch} for key share`)) !== undefined
}

/** What is to be shown to whoever links; false: nobody does, or a new identity is wanted. */
export async function updateShown(db: Db, { channelId, workspaceId }: SessionRef, shown: { qr: Buffer; until: Date }): Promise<boolean> {
  const rows = await run(
    db,
    sql`update channel_links set qr = ${shown.qr}, qr_until = ${shown.until}
      where workspace_id = ${workspaceId} and channel_id = ${channelId} and not fresh`,
  )
  return rows === 1
}

/** The network knows the letters, so long. */
export async function updateCodeKnown(db: Db, { channelId, workspaceId }: SessionRef, code: Buffer, until: Date): Promise<void> {
  await run(
    db,
    sql`update channel_links set code_until = ${until} where workspace_id = ${workspaceId} and channel_id = ${channelId} and code = ${code}`,
  )
}

export async function updateBegun(db: Db, { channelId, workspaceId }: SessionRef): Promise<void> {
  await run(db, sql`update channel_links set fresh = false where workspace_id = ${workspaceId} and channel_id = ${channelId}`)
}

/** Linked: there is nothing left to show. */
export async function deleteLink(db: Db, { channelId, workspaceId }: Omit<SessionRef, 'epoch'>): Promise<void> {
  await run(db, sql`delete from channel_links where workspace_id = ${workspaceId} and channel_id = ${channelId}`)
}

export async function updatePhone(db: Db, { channelId, workspaceId }: SessionRef, phone: string): Promise<void> {
  await run(db, sql`update channels set phone = ${phone} where workspace_id = ${workspaceId} and id = ${channelId}`)
}
