import { type HistoryPage, receiveHistory } from '#core/messages'
import type { HistoryChat } from '#core/transport'
import type { Ports } from '#kit/context'
import type { Database } from '#kit/db'
import { isAboutData, pastRaces } from './together.ts'

type Channel = { id: string; workspaceId: string }
type Parts = { database: Database; events: Ports['events'] }

/** Messages of one transaction. */
const PAGE = 500

/** Keeps what a network hands over, page by page. What no row can be made of is left out; answers why. */
export async function applyHistory(parts: Parts, channel: Channel, chats: readonly HistoryChat[]): Promise<unknown[]> {
  const errors: unknown[] = []
  for (const page of pagesOf(chats)) errors.push(...(await applyPage(parts, channel, page)))
  return errors
}

async function applyPage(parts: Parts, channel: Channel, page: HistoryPage): Promise<unknown[]> {
  try {
    await pastRaces(() => receiveHistory(parts, channel, page))
    return []
  } catch (error) {
    if (!isAboutData(error)) throw error
    const half = Math.ceil(page.length / 2)
    if (half === page.length) return [error]
    return [...(await applyPage(parts, channel, page.slice(0, half))), ...(await applyPage(parts, channel, page.slice(half)))]
  }
}

/** One message an entry, each with its chat, in their order. */
function* pagesOf(chats: readonly HistoryChat[]): Generator<HistoryPage> {
  let page: HistoryPage = []
  for (const chat of chats) {
    for (const message of chat.messages) {
      page.push({ chat, message })
      if (page.length < PAGE) continue
      yield page
      page = []
    }
  }
  if (page.length > 0) yield page
}
