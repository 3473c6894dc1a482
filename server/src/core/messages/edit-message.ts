import { notFound } from '#kit/errors'
import { operation } from '#kit/operation'
import { editSent } from './edit-sent.ts'
import { editWaiting, MessageEdit } from './edit-waiting.ts'
import { findMessage } from './message.store.ts'
import type { OutgoingMessage } from './message.ts'
import { isWaiting } from './message-state.ts'

export const editMessage = operation({
  name: 'messages.edit',
  does: 'Change a message. Until it starts to leave: its content, its time, its tag, what it answers. Afterwards only its words (give text; of a file it is the caption), for 15 minutes and on channels that can; the people see the new ones.',
  needs: 'messages:write',
  transaction: 'none', // of one that has left the network is asked first, and may take its time
  input: MessageEdit,
  async run(ctx, edit): Promise<OutgoingMessage> {
    const message = await findMessage(ctx.db, ctx.workspaceId, edit.messageId)
    if (message?.direction !== 'out') throw notFound('message')
    return isWaiting(message.state) ? editWaiting(ctx, edit) : editSent(ctx, message, edit)
  },
})
