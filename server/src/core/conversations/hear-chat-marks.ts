import type { ChatMarks } from '#core/transport'
import type { Ports, RaisedEvent } from '#kit/context'
import { type Database, inTransaction } from '#kit/db'
import { newId } from '#kit/ids'
import { updateHeardMarks } from './conversation.store.ts'

type Parts = { database: Database; events: Ports['events'] }
type Told = { addresses: readonly string[]; marks: ChatMarks }

/** What the owner of a number did to chats on the phone: the conversations that are here follow, and what they say already is told to nobody. */
export async function hearChatMarks(
  { database, events }: Parts,
  channel: { workspaceId: string; id: string },
  told: readonly Told[],
): Promise<void> {
  for (const { addresses, marks } of told) {
    const raised = await inTransaction(database.engine, {}, async (db) => {
      const ids = await updateHeardMarks(db, channel, addresses, marks)
      const raised = ids.map(
        (conversationId): RaisedEvent => ({
          id: newId(),
          workspaceId: channel.workspaceId,
          type: 'conversation.updated',
          subjects: { conversationId, channelId: channel.id },
          facts: { ...marks, origin: 'phone' },
        }),
      )
      if (raised.length > 0) events.append(db, raised)
      return raised
    })
    if (raised.length > 0) events.hint(raised)
  }
}
