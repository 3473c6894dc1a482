import type { Context } from '#kit/context'
import { DomainError } from '#kit/errors'
import { deedTarget } from './heard.ts'
import { deletedAtOf, type Message } from './message.ts'
import type { MessageState } from './message-state.ts'

const THERE: ReadonlySet<MessageState> = new Set(['sent', 'delivered', 'read', 'played', 'received'])

/** Throws `conflict` unless a message stands in its chat, and not longer than WhatsApp allows for what is to be `done` to it. */
export function requireChangeable(
  ctx: Context,
  message: Message,
  { done, seconds, within }: { done: string; seconds: number; within: string },
): void {
  const { state, content } = message
  const refuse = (why: string) => new DomainError('conflict', why, { facts: { state } })
  if (!THERE.has(state)) throw refuse(`A ${state} message cannot be ${done}`)
  if (deletedAtOf(message)) throw refuse('The message was taken back')
  if (content.type === 'reaction' || deedTarget(content) !== undefined) throw refuse('What was done to a message is no message of its own')
  const since = message.direction === 'out' ? (message.sentAt ?? message.createdAt) : message.createdAt
  if (ctx.now().getTime() - since.getTime() > seconds * 1000) throw refuse(`WhatsApp lets a message be ${done} for ${within} only`)
}
