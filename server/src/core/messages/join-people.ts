import { addressesOf, identitiesOf, joinIdentities, notifyMoved } from '#core/contacts'
import { type JoinedConversation, joinConversations } from '#core/conversations'
import type { Sender } from '#core/transport'
import type { Ports, RaisedEvent } from '#kit/context'
import { type Database, inTransaction } from '#kit/db'
import { newId } from '#kit/ids'

type Parts = { database: Database; events: Ports['events'] }
type Channel = { workspaceId: string; id: string }

const AT_ONCE = 100

/** People with several identities have one thread on this channel: what was said under the other identity, and what waits there, moves. */
export async function joinThreads(parts: Parts, channel: Channel, people: readonly Sender[]): Promise<void> {
  const several = new Map(people.map((person) => addressesOf(person)).flatMap((all) => (all.length > 1 ? [[all.join(' '), all]] : [])))
  for (const addresses of chunks([...several.values()])) {
    const raised = await inTransaction(parts.database.engine, {}, async (db) => {
      const joined = await joinConversations(db, channel, addresses)
      const raised = joined.flatMap((one) => eventsOf(channel, one))
      if (raised.length > 0) {
        await notifyMoved(db, channel.workspaceId)
        parts.events.append(db, raised)
      }
      return raised
    })
    if (raised.length > 0) parts.events.hint(raised)
  }
}

/** What a network says of people without a message of theirs: identities and names of those whom we know. */
export async function joinPeople(parts: Parts, channel: Channel, people: readonly Sender[]): Promise<void> {
  for (const some of chunks(people)) {
    const persons = some.map((person) => ({ identities: identitiesOf(person), profileName: person.profileName }))
    await inTransaction(parts.database.engine, {}, (db) => joinIdentities(db, channel.workspaceId, persons))
  }
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
