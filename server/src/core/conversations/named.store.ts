import { type Db, first, sql } from '#kit/db'

export type Named = { channelId?: string | undefined; conversationId?: string | undefined; contactId?: string | undefined }

/** Which of these exist in the workspace: channel, conversation, contact. */
export async function findNamed(
  db: Db,
  workspaceId: string,
  { channelId, conversationId, contactId }: Named,
): Promise<{ channel: boolean; conversation: boolean; contact: boolean }> {
  const row = await first(
    db,
    sql<{ channel: boolean; conversation: boolean; contact: boolean }>`select
      exists (select 1 from channels where workspace_id = ${workspaceId} and id = ${channelId ?? null}) as channel,
      exists (select 1 from conversations where workspace_id = ${workspaceId} and id = ${conversationId ?? null}) as conversation,
      exists (select 1 from contacts where workspace_id = ${workspaceId} and id = ${contactId ?? null}) as contact`,
  )
  return row ?? { channel: false, conversation: false, contact: false }
}
