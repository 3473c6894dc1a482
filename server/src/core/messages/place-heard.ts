import { addressesOf, identitiesOf, type Names, resolveContacts } from '#core/contacts'
import { resolveConversations } from '#core/conversations'
import type { InboundMessage, Sender } from '#core/transport'
import type { Db } from '#kit/db'
import { deedTarget, type Heard, type HeardRow, targetWireId } from './heard.ts'
import { findMessageIds } from './wire-ids.store.ts'

type Channel = { workspaceId: string; id: string }
type Options = { names: Names }

/** Rows for what was heard, with whom and what it made known. */
export type Placed = {
  rows: HeardRow[]
  /** Wire id -> our message, of those that deeds and answers are about. */
  targets: ReadonlyMap<string, string>
  newContacts: string[]
  newConversations: string[]
}

/** Finds or makes the people and conversations of what was heard. Writes no message. */
export async function placeHeard(db: Db, channel: Channel, heard: readonly Heard[], options: Options): Promise<Placed> {
  const people = await resolvePeople(db, channel.workspaceId, heard, options)
  const addresses = threadsOf(heard, people)
  const places = await resolveConversations(
    db,
    heard.map(({ message }, i) => ({
      workspaceId: channel.workspaceId,
      channelId: channel.id,
      contactId: message.group === undefined ? people[i]?.id : undefined, // a group is nobody's: who is erased takes none along
      address: addresses[i] ?? '',
    })),
  )
  const targets = await findMessageIds(
    db,
    channel,
    heard.flatMap(({ message }) => targetWireId(message) ?? []),
  )
  const rows = heard.map((one, i) =>
    rowOf(one, { conversationId: places[i]?.id ?? '', contactId: people[i]?.id, address: places[i]?.address ?? '' }, targets),
  )
  return {
    rows,
    targets,
    newContacts: people.flatMap((person) => (person?.created ? person.id : [])),
    newConversations: places.flatMap(({ id, created }) => (created ? id : [])),
  }
}

/** Who wrote it; of our own, to whom. undefined: the owner of the number, in a group. */
const personOf = ({ own, from, group }: InboundMessage): Sender | undefined =>
  own === undefined ? from : group === undefined ? (own.to ?? {}) : undefined

export const addressOf = (message: InboundMessage): string => message.group ?? addressesOf(personOf(message) ?? {})[0] ?? 'unknown'

/** Where each is kept: what somebody wrote under an id goes to his number, where this page tells it. */
function threadsOf(heard: readonly Heard[], people: readonly ({ id: string } | undefined)[]): string[] {
  const own = heard.map(({ message }) => addressOf(message))
  const numbers = new Map(own.flatMap((address, i) => (address.startsWith('+') ? [[people[i]?.id, address] as const] : [])))
  return own.map((address, i) => (heard[i]?.message.group === undefined ? (numbers.get(people[i]?.id) ?? address) : address))
}

async function resolvePeople(db: Db, workspaceId: string, heard: readonly Heard[], { names }: Options) {
  const people = heard.map(({ message }) => personOf(message))
  const resolved = await resolveContacts(
    db,
    workspaceId,
    people.flatMap((person) => (person ? { identities: identitiesOf(person), profileName: person.profileName } : [])),
    names,
  )
  let next = 0
  return people.map((person) => (person ? resolved[next++] : undefined))
}

type Place = Pick<HeardRow, 'conversationId' | 'contactId' | 'address'>

function rowOf({ message, id }: Heard, place: Place, targets: ReadonlyMap<string, string>): HeardRow {
  const { content, wireId, at, own, state } = message
  const target = deedTarget(content)
  const messageId = target === undefined ? undefined : targets.get(target)
  return {
    ...place,
    id,
    direction: own ? 'out' : 'in',
    state: own ? (state ?? 'sent') : 'received',
    content: content.type === 'reaction' && 'wireId' in content && messageId ? { ...content, messageId } : content,
    wireId,
    at,
    replyTo: message.repliesTo === undefined ? undefined : targets.get(message.repliesTo),
    facts: factsOf(message),
  }
}

function factsOf({ context, from, group, own }: InboundMessage): Record<string, unknown> | undefined {
  const facts = { ...context, ...(group && !own && { sender: from.phone ?? from.waId ?? from.bsuid ?? from.lid }) }
  return Object.keys(facts).length > 0 ? facts : undefined
}
