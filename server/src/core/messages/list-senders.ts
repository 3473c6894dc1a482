import { z } from 'zod'
import { operation } from '#kit/operation'
import { selectSenders } from './latest.store.ts'

export type MessageSender = { sender: string; contactId: string | undefined }

/** Further back nobody looks: a group of years has a million messages. */
const AMONG = 10_000
const SENDERS_MOST = 1_024

export const listSenders = operation({
  name: 'messages.senders',
  does: 'Who wrote in a conversation among its last 10,000 messages.',
  needs: 'messages:read',
  input: z.strictObject({ conversationId: z.uuid() }),
  async run(ctx, { conversationId }): Promise<MessageSender[]> {
    const rows = await selectSenders(ctx.db, ctx.workspaceId, { conversationId, among: AMONG, most: SENDERS_MOST })
    return rows.map(({ sender, contactId }) => ({ sender, contactId: contactId ?? undefined }))
  },
})
