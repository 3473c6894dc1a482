import { findContacts } from '#core/contacts'
import { type Conversation, conversationKind } from '#core/conversations'
import { listSenders } from '#core/messages'
import type { Context } from '#kit/context'
import type { Participant } from './chats.wire.ts'
import { namesOf } from './load-chats.ts'

/** Who is in a chat: the person alone, or of a group those who wrote in it. */
export async function participantsOf(ctx: Context, chat: Conversation): Promise<Participant[]> {
  const plain = { isAdmin: false, isSuperAdmin: false }
  if (conversationKind(chat) === 'contact') return [{ address: chat.address, name: (await namesOf(ctx, [chat])).get(chat.id), ...plain }]
  const senders = await listSenders(ctx, { conversationId: chat.id })
  const ids = [...new Set(senders.flatMap(({ contactId }) => contactId ?? []))]
  const people = new Map((await findContacts(ctx.db, ctx.workspaceId, ids)).map((contact) => [contact.id, contact]))
  return senders.map(({ sender, contactId }) => {
    const person = contactId === undefined ? undefined : people.get(contactId)
    return { address: /^\d+$/.test(sender) ? `+${sender}` : sender, name: person?.name ?? person?.profileName, ...plain }
  })
}

/** Those whose name or number holds these words. */
export function matching(people: readonly Participant[], token: string | undefined): Participant[] {
  const words = token?.toLowerCase()
  return people.filter(({ name, address }) => words === undefined || name?.toLowerCase().includes(words) || address.includes(words))
}
