import type { Db } from '#kit/db'
import type { Deed } from './heard.ts'
import { writeRevocations } from './receive-revocations.store.ts'

/** Messages that were taken back say so from now on; the first time counts. */
export async function receiveRevocations(db: Db, workspaceId: string, deeds: readonly Deed[]): Promise<void> {
  const revoked = new Map<string, Date>()
  for (const { content, at, targetId } of deeds) {
    if (content.type === 'revoke' && targetId !== undefined && !revoked.has(targetId)) revoked.set(targetId, at)
  }
  await writeRevocations(db, workspaceId, revoked)
}
