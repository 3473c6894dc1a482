import type { ChannelNotice } from '#core/transport'
import type { Ports, RaisedEvent } from '#kit/context'
import { type Database, inTransaction } from '#kit/db'
import { newId } from '#kit/ids'

type Parts = { database: Database; events: Ports['events'] }

/** Quality, template states, account alerts: told as one kind of event, whatever the network calls them. */
export async function tellNotices(
  { database, events }: Parts,
  channel: { id: string; workspaceId: string },
  notices: readonly ChannelNotice[],
): Promise<void> {
  const raised = notices.map(
    ({ type, facts }): RaisedEvent => ({
      id: newId(),
      workspaceId: channel.workspaceId,
      type: 'channel.notice',
      subjects: { channelId: channel.id },
      facts: { notice: type, ...facts },
    }),
  )
  await inTransaction(database.engine, {}, async (db) => events.append(db, raised))
  events.hint(raised)
}
