import { findContacts } from '#core/contacts'
import { type Conversation, conversationKind } from '#core/conversations'
import { findGroupNames } from '#core/groups'
import { listLatest, type Message } from '#core/messages'
import { findNewsletterNames } from '#core/newsletters'
import type { Context } from '#kit/context'
import { showChat } from './chats.wire.ts'
import { contentKinds } from './content-kinds.wire.ts'

/** Chats with their names and last messages: one question for each, whatever the number of chats. */
export async function showChats(ctx: Context, chats: readonly Conversation[]) {
  const names = await namesOf(ctx, chats)
  const latest = await latestOf(ctx, chats, 1)
  return chats.map((chat) => showChat(chat, names.get(chat.id), latest.get(chat.id)?.[0]))
}

/** Conversation -> its last messages, newest first; what the network does about messages (reactions, edits) is left out. */
export const latestOf = (ctx: Context, chats: readonly Conversation[], each: number): Promise<Map<string, Message[]>> =>
  listLatest(ctx, { conversationIds: chats.map(({ id }) => id), each, contentTypes: contentKinds(undefined) })

/** Conversation -> what its person, group or newsletter is called. */
export async function namesOf(ctx: Context, chats: readonly Conversation[]): Promise<Map<string, string>> {
  const people = chats.filter((chat) => conversationKind(chat) === 'contact')
  const ids = [...new Set(people.flatMap(({ contactId }) => contactId ?? []))]
  const contacts = ids.length > 0 ? await findContacts(ctx.db, ctx.workspaceId, ids) : []
  const names = new Map(contacts.map(({ id, name, profileName }) => [id, name ?? profileName]))
  const others = chats.filter((chat) => conversationKind(chat) !== 'contact').map(({ address }) => address)
  const groups = await findGroupNames(ctx.db, ctx.workspaceId, others)
  const newsletters = await findNewsletterNames(ctx.db, ctx.workspaceId, others)
  return new Map(
    chats.flatMap(({ id, contactId, address }) => {
      const name = contactId === undefined ? (groups.get(address) ?? newsletters.get(address)) : names.get(contactId)
      return name === undefined ? [] : [[id, name] as const]
    }),
  )
}
