import { adviceFor } from '#core/channels'
import type { Db } from '#kit/db'
import { type ChannelHealth, countChannels, selectNotOpen } from './examine-channels.store.ts'
import type { Finding } from './finding.ts'

const SHOWN_MOST = 20

/** Each channel that is not open, with what to do. */
export async function examineChannels(db: Db): Promise<Finding[]> {
  const { open, own } = await countChannels(db)
  const found = await selectNotOpen(db, SHOWN_MOST)
  return [{ ok: true, what: `channels that are open: ${open}; own numbers in all: ${own}` }, ...found.map(wordsOf)]
}

/** Whether somebody has made a channel that needs the library for own numbers. */
export const hasOwnNumbers = async (db: Db): Promise<boolean> => (await countChannels(db)).own > 0

function wordsOf({ name, environment, waiting, ...channel }: ChannelHealth): Finding {
  const advice = adviceFor({ ...channel, paused: false })
  const state = [channel.state, channel.stateReason ?? []].flat().join(', ')
  const waits = waiting ? ' Messages wait for it; if it stays so, they expire.' : ''
  return {
    ok: channel.reopensAt !== undefined, // back by itself
    what: `the ${environment} channel ${JSON.stringify(name)} is not open (${state}). ${advice?.meaning ?? ''}${waits}`,
    ...(advice && { advice: advice.action }),
  }
}
