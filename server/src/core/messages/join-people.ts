import { addressesOf, identitiesOf, joinIdentities, notifyMoved, type Person } from '#core/contacts'
import { type Addresses, type JoinedConversation, joinConversations, withStrayThreads } from '#core/conversations'
import type { Sender } from '#core/transport'
import type { Ports, RaisedEvent } from '#kit/context'
import { type Database, inTransaction } from '#kit/db'
import { newId } from '#kit/ids'

type Parts = { database: Database; events: Ports['events'] }
type Channel = { workspaceId: string; id: string }

const AT_ONCE = 100

/** People with several identities have one thread on this channel: what was said under the other identity, and what waits there, moves. */
export async function joinThreads(parts: Parts, channel: Channel, people: readonly Sender[]): Promise<void> {
  const several = new Map(people.map((person) => ({ person, addresses: addressesOf(person) })).map((one) => [one.addresses.join(' '), one]))
  for (const some of chunks([...several.values()].filter(({ addresses }) => addresses.length > 1))) {
    const astray = await withStrayThreads(parts.database.engine, channel.id, some)
    if (astray.length === 0) continue
    // first the contact: whoever is just finding a place for him finds the thread of the one that stays
    await joinContacts(
      parts,
      channel,
      astray.map(({ person }) => ({ identities: identitiesOf(person) })),
    )
    await joinAstray(
      parts,
      channel,
      astray.map(({ addresses }) => addresses),
    )
  }
}

async function joinAstray(parts: Parts, channel: Channel, people: readonly Addresses[]): Promise<void> {
  const raised = await inTransaction(parts.database.engine, {}, async (db) => {
    const joined = await joinConversations(db, channel, people)
    const raised = joined.flatMap((one) => eventsOf(channel, one))
    if (raised.length > 0) {
      await notifyMoved(db, channel.workspaceId)
      parts.events.append(db, raised)
    }
    return raised
  })
  if (raised.length > 0) parts.events.hint(raised)
}

const joinContacts = ({ database }: Parts, { workspaceId }: Channel, people: readonly Person[]): Promise<void> =>
  inTransaction(database.engine, {}, (db) => joinIdentities(db, workspaceId, people))

/** What a network says of people without a message of theirs: identities and names of those whom we know. */
export async function joinPeople(parts: Parts, channel: Channel, people: readonly Sender[]): Promise<void> {
  for (const some of chunks(people))
    await joinContacts(
      parts,
      channel,
      some.map((person) => ({ identities: identitiesOf(person), profileName: person.profileName })),
    )
}

function* chunks<One>(all: readonly One[]): Generator<One[]> {
  for (let from = 0; from < all.length; from += AT_ONCE) yield all.slice(from, from + AT_ONCE)
}

/** One for each conversation that is not there any more; without any, the address is what changed. */
function eventsOf({ workspaceId, id: channelId }: Channel, { id: conversationId, formerIds }: JoinedConversation): RaisedEvent[] {
  const formers = formerIds.length > 0 ? formerIds.map((formerConversationId) => ({ formerConversationId })) : [{}]
  return formers.map((former) => ({
    id: newId(),
    workspaceId,
    type: 'conversation.updated',
    subjects: { conversationId, channelId, ...former },
    facts: {},
  }))
}
