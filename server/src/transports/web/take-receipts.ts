import type { Inbox, Receipt } from '#core/transport'
import { createBatcher } from '#kit/batcher'
import { DomainError } from '#kit/errors'
import { SessionLost } from './auth-state.ts'
import type { SessionParts } from './session-parts.ts'

const MOST = 200
/** They come one by one, two or three a message: committed together they cost a fraction, and nobody waits for their acknowledgement. */
const SPACING_MS = 20

/** Commits what receipts say, in their order; resolves when it rests. Throws when the session is not ours any more. */
export function openReceiptTaker({
  inbox,
  session: { channelId: id, epoch },
}: Pick<SessionParts, 'inbox' | 'session'>): (receipts: Receipt[]) => Promise<void> {
  const batcher = createBatcher<Receipt[], void>({
    most: MOST,
    lanes: 1,
    spacingMs: SPACING_MS,
    async write(told) {
      await take(inbox, { id, epoch }, told)
      return told.map(() => undefined)
    },
  })
  return (receipts) => batcher.add(receipts)
}

/** Those that no row can be made of stand back for the others; the inbox has logged them. */
async function take(inbox: Inbox, session: { id: string; epoch: number }, told: readonly Receipt[][]): Promise<void> {
  try {
    if (!(await inbox.take(session, { messages: [], notices: [], receipts: told.flat() }))) throw new SessionLost()
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'invalid') throw error
    if (told.length > 1) for (const one of told) await take(inbox, session, [one])
  }
}
