import { conversationKind, findConversation } from '#core/conversations'
import { findGroup, listParticipants } from '#core/groups'
import type { Context } from '#kit/context'
import { DomainError } from '#kit/errors'
import type { Participant } from './chats.wire.ts'
import { namesOf } from './load-chats.ts'

/** Who is in a chat: the people of a group, written in or not, or the person alone; who follows a newsletter, the network does not tell. */
export async function participantsOf(ctx: Context, address: string): Promise<Participant[]> {
  const people = conversationKind({ address }) === 'group' ? await peopleOf(ctx, address) : undefined
  if (people) return people
  const chat = await findConversation(ctx, { address })
  if (conversationKind(chat) !== 'contact') return []
  return [{ address: chat.address, name: (await namesOf(ctx, [chat])).get(chat.id), isAdmin: false, isSuperAdmin: false }]
}

async function peopleOf(ctx: Context, address: string): Promise<Participant[] | undefined> {
  const group = await findGroup(ctx, { address }).catch(unknown)
  if (!group) return undefined
  const { rows } = await listParticipants(ctx, { groupId: group.id, all: true })
  return rows.map(({ address, name, role }) => ({ address, name, isAdmin: role !== 'member', isSuperAdmin: role === 'owner' }))
}

/** No group, or one of which the network has told nothing but what was written in it. */
function unknown(error: unknown): undefined {
  if (!(error instanceof DomainError && error.code === 'not_found')) throw error
}

/** Those whose name or number holds these words. */
export function matching(people: readonly Participant[], token: string | undefined): Participant[] {
  const words = token?.toLowerCase()
  return people.filter(({ name, address }) => words === undefined || name?.toLowerCase().includes(words) || address.includes(words))
}
