import { type Db, first, run, sql } from '#kit/db'
import type { Channel } from './channel.ts'

type Ref = Pick<Channel, 'id' | 'workspaceId'>

/** What was asked for, and what there is to be shown; letters and QR are sealed. */
export type LinkRow = {
  fresh: boolean
  phone: string | null
  code: Buffer | null
  codeUntil: Date | null
  qr: Buffer | null
  qrUntil: Date | null
  askedAt: Date
}

/** Asks that the number be linked: what was shown before is gone. */
export async function insertLink(db: Db, { id, workspaceId }: Ref, wish: { phone?: string; code?: Buffer }): Promise<void> {
  await run(
    db,
    sql`insert into channel_links (channel_id, workspace_id, fresh, phone, code, asked_at) values (${id}, ${workspaceId}, true, ${wish.phone ?? null}, ${wish.code ?? null}, chasqui_now())
      on conflict (channel_id) do update set fresh = true, phone = excluded.phone, code = excluded.code, code_until = null, qr = null, qr_until = null, asked_at = excluded.asked_at`,
  )
}

/** Asks for letters beside the QR of a linking that is under way, which has all its time again. */
export async function updateCode(db: Db, { id, workspaceId }: Ref, { phone, code }: { phone: string; code: Buffer }): Promise<void> {
  await run(
    db,
    sql`update channel_links set phone = ${phone}, code = ${code}, code_until = null, asked_at = chasqui_now()
      where workspace_id = ${workspaceId} and channel_id = ${id}`,
  )
}

export async function selectLink(db: Db, { id, workspaceId }: Ref): Promise<LinkRow | undefined> {
  return first(
    db,
    sql<LinkRow>`select fresh, phone, code, code_until as "codeUntil", qr, qr_until as "qrUntil", asked_at as "askedAt"
      from channel_links where workspace_id = ${workspaceId} and channel_id = ${id}`,
  )
}

/** A row for whoever will hold the session, and its pace bound to a holder: nobody yet. */
export async function insertOwner(db: Db, { id, workspaceId }: Ref): Promise<void> {
  await run(db, sql`insert into owners (channel_id, workspace_id) values (${id}, ${workspaceId})`)
  await run(db, sql`update buckets set held_by = ${id} where workspace_id = ${workspaceId} and channel_id = ${id}`)
}
