import type { Db } from '#kit/db'
import { findForged } from './deed-rights.store.ts'
import { deedTarget, type HeardRow } from './heard.ts'
import type { Origin } from './message.ts'
import { receiveEdits } from './receive-edits.ts'
import { insertFetches, insertHeard } from './receive-messages.store.ts'
import { receivePins } from './receive-pins.ts'
import { receiveRevocations } from './receive-revocations.ts'

type Channel = { workspaceId: string; id: string }
type Told = {
  rows: readonly HeardRow[]
  /** Wire id -> our message. */
  targets: ReadonlyMap<string, string>
  origin: Extract<Origin, 'phone' | 'deed'>
}

/** Writes what is new, with all that it does to what was there. Answers the ids of those rows that claim what is not theirs: kept, without effect. */
export async function writeHeard(db: Db, channel: Channel, { rows, targets, origin }: Told): Promise<ReadonlySet<string>> {
  await insertHeard(db, channel, rows, origin)
  await receivePins(db, channel.workspaceId, rows, targets)
  const forged = await findForged(db, channel.workspaceId, claimsOf(rows, targets))
  const rightful = rows.filter(({ id }) => !forged.has(id))
  await receiveEdits(db, channel.workspaceId, rightful, targets)
  await receiveRevocations(db, channel.workspaceId, rightful, targets)
  const files = rows.filter(({ content }) => 'remoteMedia' in content && content.mediaMissing === undefined)
  if (files.length > 0) await insertFetches(db, channel, files)
  return forged
}

function claimsOf(rows: readonly HeardRow[], targets: ReadonlyMap<string, string>) {
  return rows.flatMap(({ id, content }) => {
    const messageId = content.type === 'edit' || content.type === 'revoke' ? targets.get(deedTarget(content) ?? '') : undefined
    return messageId === undefined ? [] : [{ id, messageId, isRevoke: content.type === 'revoke' }]
  })
}
