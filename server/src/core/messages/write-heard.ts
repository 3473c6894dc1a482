import type { Db } from '#kit/db'
import type { HeardRow } from './heard.ts'
import { receiveEdits } from './receive-edits.ts'
import { insertFetches, insertHeard } from './receive-messages.store.ts'
import { receivePins } from './receive-pins.ts'

type Channel = { workspaceId: string; id: string }

/** Writes what is new, with all that it does to what was there. */
export async function writeHeard(db: Db, channel: Channel, rows: readonly HeardRow[], targets: ReadonlyMap<string, string>) {
  await insertHeard(db, channel, rows)
  await receivePins(db, channel.workspaceId, rows, targets)
  await receiveEdits(db, channel.workspaceId, rows, targets)
  const files = rows.filter(({ content }) => 'remoteMedia' in content && content.mediaMissing === undefined).map(({ id }) => id)
  if (files.length > 0) await insertFetches(db, channel, files)
}
