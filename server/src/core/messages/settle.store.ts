import type { Receipt } from '#core/transport'
import { all, type Db, first, run, sql } from '#kit/db'
import type { LockedMessage } from './message-changes.ts'

type Channel = { workspaceId: string; id: string }

/** Keeps receipts of a wire id we do not know; repeats of the same state are one row. */
export async function keepStrays(db: Db, channel: Channel, receipts: readonly Receipt[]): Promise<void> {
  await run(
    db,
    sql`insert into stray_receipts (workspace_id, channel_id, wire_id, receipt, at)
      select ${channel.workspaceId}, ${channel.id}, r.wire_id, r.receipt::jsonb, chasqui_now()
      from unnest(${receipts.map(({ wireId }) => wireId)}::text[], ${receipts.map((receipt) => JSON.stringify(receipt))}::text[]) as r(wire_id, receipt)
      where not exists (select 1 from stray_receipts s where s.workspace_id = ${channel.workspaceId} and s.channel_id = ${channel.id} and s.wire_id = r.wire_id
        and s.receipt ->> 'state' = r.receipt::jsonb ->> 'state')`,
  )
}

/** Is anything kept at all? Nearly always not. */
export async function hasStrays(db: Db): Promise<boolean> {
  const row = await first(db, sql<{ some: boolean }>`select exists (select 1 from stray_receipts) as some`)
  return row?.some ?? false
}

/** The kept receipts of messages that just got their wire id. */
export async function takeStrays(db: Db, messages: readonly LockedMessage[]): Promise<Map<string, Receipt[]>> {
  const rows = await all(
    db,
    sql<{ wire_id: string; receipt: Receipt & { at: string } }>`
      select s.wire_id, s.receipt from unnest(${messages.map((m) => m.workspaceId)}::uuid[], ${messages.map((m) => m.channelId)}::uuid[], ${messages.map((m) => m.wireId)}::text[]) as k(workspace_id, channel_id, wire_id)
      join stray_receipts s on s.workspace_id = k.workspace_id and s.channel_id = k.channel_id and s.wire_id = k.wire_id order by s.at`,
  )
  const receipts = rows.map(({ receipt }) => ({ ...receipt, at: new Date(receipt.at) }))
  return Map.groupBy(receipts, ({ wireId }) => wireId)
}

/** Kept receipts whose wire id is known by now. */
export async function findKnownStrays(db: Db, most: number): Promise<{ workspaceId: string; messageId: string; receipt: Receipt }[]> {
  const rows = await all(
    db,
    sql<{ workspaceId: string; messageId: string; receipt: Receipt & { at: string } }>`
      select s.workspace_id as "workspaceId", w.message_id as "messageId", s.receipt from stray_receipts s
      join wire_ids w on w.workspace_id = s.workspace_id and w.channel_id = s.channel_id and w.wire_id = s.wire_id order by s.at limit ${most}`,
  )
  return rows.map(({ receipt, ...row }) => ({ ...row, receipt: { ...receipt, at: new Date(receipt.at) } }))
}

/** Only what was applied: another receipt of the same message may have been kept meanwhile, and its writer counts on it. */
export async function forgetStrays(db: Db, receipts: readonly Receipt[]): Promise<void> {
  await run(
    db,
    sql`delete from stray_receipts s using unnest(${receipts.map(({ wireId }) => wireId)}::text[], ${receipts.map(({ state }) => state)}::text[]) as r(wire_id, state)
      where s.wire_id = r.wire_id and s.receipt ->> 'state' = r.state`,
  )
}
