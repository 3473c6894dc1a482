import { z } from 'zod'
import { listMessages, type Message } from '#core/messages'
import { operation } from '#kit/operation'
import { type Page, PageInput } from '#kit/paging'
import { requireRecurrence } from './require-recurrence.ts'

export const listRecurrenceMessages = operation({
  name: 'recurrences.messages.list',
  does: 'The messages that a recurrence made, newest first.',
  needs: 'messages:read',
  mayRefuse: ['not_found'],
  input: PageInput.extend({ recurrenceId: z.uuid() }),
  async run(ctx, { recurrenceId, limit, cursor }): Promise<Page<Message>> {
    await requireRecurrence(ctx, recurrenceId)
    return listMessages(ctx, { recurrenceId, limit, cursor })
  },
})
