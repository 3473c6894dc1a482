import type { RoadNewsletter } from '#core/transport'
import { type Database, inTransaction } from '#kit/db'
import { newId } from '#kit/ids'
import { upsertNewsletter } from './newsletter.store.ts'

/** What a network told of newsletters, as it is now. */
export async function keepNewsletters(
  { engine }: Pick<Database, 'engine'>,
  channel: { id: string; workspaceId: string },
  told: readonly RoadNewsletter[],
): Promise<void> {
  const inOrder = [...new Map(told.map((one) => [one.address, one])).values()].sort((a, b) => (a.address < b.address ? -1 : 1))
  await inTransaction(engine, {}, async (db) => {
    for (const one of inOrder) await upsertNewsletter(db, { id: newId(), workspaceId: channel.workspaceId, channelId: channel.id }, one)
  })
}
