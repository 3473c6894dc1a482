import type { RaisedEvent } from '#kit/context'
import { newId } from '#kit/ids'
import type { NewMessage } from './new-message.ts'
import { subjectsOf } from './subjects-of.ts'

/** A message is kept, and will leave. */
export const acceptedEvent = (message: NewMessage): RaisedEvent => ({
  id: newId(),
  workspaceId: message.workspaceId,
  type: 'message.accepted',
  subjects: subjectsOf(message),
  facts: message.sendAt ? { sendAt: message.sendAt.toISOString() } : {},
  ...(message.callback && { callback: message.callback }),
})
