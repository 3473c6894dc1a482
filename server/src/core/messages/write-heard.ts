import type { Db } from '#kit/db'
import { findForged } from './deed-rights.store.ts'
import type { HeardRow } from './heard.ts'
import { meetLateTargets } from './late-targets.ts'
import type { Origin } from './message.ts'
import { receiveEdits } from './receive-edits.ts'
import { insertFetches, insertHeard } from './receive-messages.store.ts'
import { receivePins } from './receive-pins.ts'
import { receiveRevocations } from './receive-revocations.ts'

type Channel = { workspaceId: string; id: string }
type Told = { rows: readonly HeardRow[]; origin: Extract<Origin, 'phone' | 'deed'> }

/** Writes what is new, with all that it does to what was there. Answers the ids of those rows that claim what is not theirs: kept, without effect. */
export async function writeHeard(db: Db, channel: Channel, { rows, origin }: Told): Promise<ReadonlySet<string>> {
  await insertHeard(db, channel, rows, origin)
  await receivePins(db, channel.workspaceId, rows)
  const forged = await findForged(db, channel.workspaceId, claimsOf(rows))
  for (const { id, isAstray } of rows) if (isAstray) forged.add(id)
  const rightful = rows.filter(({ id }) => !forged.has(id))
  await receiveEdits(db, channel.workspaceId, rightful)
  await receiveRevocations(db, channel.workspaceId, rightful)
  await meetLateTargets(db, channel, rows)
  const files = rows.filter(({ content }) => 'remoteMedia' in content && content.mediaMissing === undefined)
  if (files.length > 0) await insertFetches(db, channel, files)
  return forged
}

const claimsOf = (rows: readonly HeardRow[]) =>
  rows.flatMap(({ id, content: { type }, targetId }) =>
    targetId !== undefined && (type === 'edit' || type === 'revoke') ? [{ id, messageId: targetId, isRevoke: type === 'revoke' }] : [],
  )
