import { all, type Db, run, sql } from '#kit/db'

export type PinRow = { conversationId: string; messageId: string; pinnedAt: Date; until: Date }

/** As many as WhatsApp shows in one chat. */
const PINS_MOST = 3

/** Pins messages, again if they are pinned; the oldest of a chat give way. */
export async function upsertPins(db: Db, workspaceId: string, pins: readonly PinRow[]): Promise<void> {
  if (pins.length === 0) return
  await run(
    db,
    sql`insert into message_pins (workspace_id, conversation_id, message_id, pinned_at, until)
      select ${workspaceId}, * from unnest(${pins.map((pin) => pin.conversationId)}::uuid[], ${pins.map((pin) => pin.messageId)}::uuid[],
        ${pins.map((pin) => pin.pinnedAt)}::timestamptz[], ${pins.map((pin) => pin.until)}::timestamptz[]) order by 2, 3
      on conflict (conversation_id, message_id) do update set pinned_at = excluded.pinned_at, until = excluded.until`,
  )
  await run(
    db,
    sql`with extra as (
        select p.conversation_id, p.message_id, row_number() over (partition by p.conversation_id order by p.until > chasqui_now() desc, p.pinned_at desc, p.message_id desc) as place
        from message_pins p where p.conversation_id = any(${pins.map((pin) => pin.conversationId)}::uuid[])
      )
      delete from message_pins p using extra e where e.place > ${PINS_MOST} and p.conversation_id = e.conversation_id and p.message_id = e.message_id`,
  )
}

export async function deletePins(db: Db, workspaceId: string, messageIds: readonly string[]): Promise<void> {
  if (messageIds.length === 0) return
  await run(
    db,
    sql`delete from message_pins where workspace_id = ${workspaceId} and message_id = any(${messageIds}::uuid[])
      and conversation_id in (select conversation_id from messages where workspace_id = ${workspaceId} and id = any(${messageIds}::uuid[]))`,
  )
}

/** What is pinned now in a conversation, the latest pin first. */
export async function selectPins(db: Db, workspaceId: string, conversationId: string): Promise<PinRow[]> {
  return all(
    db,
    sql<PinRow>`select conversation_id as "conversationId", message_id as "messageId", pinned_at as "pinnedAt", until from message_pins
      where conversation_id = ${conversationId} and workspace_id = ${workspaceId} and until > chasqui_now() order by pinned_at desc, message_id desc`,
  )
}
