import type { Inbox, Receipt } from '#core/transport'
import { createBatcher } from '#kit/batcher'

const MOST = 200
/** They come one by one, two or three a message: committed together they cost a fraction, and nobody waits for their acknowledgement. */
const SPACING_MS = 20

/** Commits what receipts say, in their order; resolves when it rests. */
export function openReceiptTaker(inbox: Inbox, channelId: string): (receipts: Receipt[]) => Promise<void> {
  const batcher = createBatcher<Receipt[], void>({
    most: MOST,
    lanes: 1,
    spacingMs: SPACING_MS,
    async write(told) {
      await inbox.take(channelId, { messages: [], notices: [], receipts: told.flat() })
      return told.map(() => undefined)
    },
  })
  return (receipts) => batcher.add(receipts)
}
