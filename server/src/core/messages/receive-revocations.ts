import type { Db } from '#kit/db'
import type { HeardRow } from './heard.ts'
import { writeRevocations } from './receive-revocations.store.ts'

/** Messages that were taken back say so from now on; the first time counts. */
export async function receiveRevocations(
  db: Db,
  workspaceId: string,
  rows: readonly HeardRow[],
  targets: ReadonlyMap<string, string>,
): Promise<void> {
  const revoked = new Map<string, Date>()
  for (const { content, at } of rows) {
    const messageId = content.type === 'revoke' ? targets.get(content.wireId) : undefined
    if (messageId !== undefined && !revoked.has(messageId)) revoked.set(messageId, at)
  }
  await writeRevocations(db, workspaceId, revoked)
}
