import type { Db } from '#kit/db'
import { returnTokens } from './pace.store.ts'
import { returnCold } from './return-cold.ts'
import { returnPair } from './return-start.store.ts'
import type { Started } from './start-messages.ts'

/** Gives back what the start of a message took that then did not leave: its token, its place of the day, of its pair, and among the cold ones. */
export async function returnStart(
  engine: Db,
  {
    row,
    isCold,
    pairSeconds,
  }: Pick<Started, 'isCold' | 'pairSeconds'> & { row: Pick<Started['row'], 'id' | 'channelId' | 'conversationId'> },
  { claimedAt, now }: { claimedAt: Date; now: Date },
): Promise<void> {
  const { id: messageId, channelId, conversationId } = row
  if (pairSeconds !== undefined) await returnPair(engine, conversationId, pairSeconds)
  if (isCold) await returnCold(engine, { channelId, messageId }, now)
  await returnTokens(engine, new Map([[channelId, 1]]), claimedAt)
}
