import { insertAccepted, touchQueues } from '../src/core/messages/accept.store.ts'
import type { NewMessage } from '../src/core/messages/new-message.ts'
import { createOrganization } from '../src/core/organizations/index.ts'
import { all, type Database, inTransaction, run, sql } from '../src/kit/db.ts'
import { newId } from '../src/kit/ids.ts'

/** A channel with its queues, written straight into the tables: for tests of the engine's statements. */
export type BareChannel = { workspaceId: string; id: string; queues: number[] }

export async function bareChannel(database: Database, pace: { rate: number; capacity: number; at: Date }): Promise<BareChannel> {
  const { live } = await createOrganization(database.db, { name: `engine ${newId()}` })
  const id = newId()
  const { rate, capacity, at } = pace
  await run(
    database.db,
    sql`insert into channels (id, workspace_id, kind, name, phone, state, hook_key) values (${id}, ${live.id}, 'cloud', 'bare', '+15550100', 'open', ${id})`,
  )
  await run(
    database.db,
    sql`insert into buckets (channel_id, workspace_id, rate, ceiling, capacity, tokens, refilled_at, next_allowed_at)
      values (${id}, ${live.id}, ${rate}, ${rate}, ${capacity}, ${capacity}, ${at}, ${at})`,
  )
  const queues = await all(
    database.db,
    sql<{
      id: number
    }>`insert into queues (workspace_id, channel_id, lane) select ${live.id}, ${id}, lane from unnest(array[0, 1, 2]::smallint[]) as l(lane) returning id`,
  )
  return { workspaceId: live.id, id, queues: queues.map((queue) => queue.id) }
}

/** Puts messages into a channel's queue as an accept would, `conversationId` the same for messages to one person, else by the place of each. */
export async function putMessages(
  database: Database,
  channel: BareChannel,
  wanted: { count: number; lane?: number; at: Date; conversationId?: string | ((i: number) => string); addressOf?: (i: number) => string },
): Promise<NewMessage[]> {
  const { count, lane = 0, at, conversationId, addressOf = (i) => `+1202555${String(i).padStart(4, '0')}` } = wanted
  const messages = Array.from(
    { length: count },
    (_, i): NewMessage => ({
      id: newId(),
      workspaceId: channel.workspaceId,
      channelId: channel.id,
      conversationId: typeof conversationId === 'function' ? conversationId(i) : (conversationId ?? newId()),
      contactId: undefined,
      queueId: channel.queues[lane] ?? 0,
      lane,
      address: addressOf(i),
      content: JSON.stringify({ type: 'text', text: `message ${i}` }),
      sendAt: at,
      createdAt: at,
      awaited: false,
      options: JSON.stringify({ late_action: 'expire', on_unknown: 'retry', outside_window: 'refuse', origin: 'api' }),
      callback: undefined,
    }),
  )
  await inTransaction(database.engine, {}, (db) => insertAccepted(db, messages))
  await inTransaction(database.engine, {}, (db) => touchQueues(db, new Map([[channel.queues[lane] ?? 0, at]]), '*'))
  return messages
}
