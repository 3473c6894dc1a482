import { addressesOf, identitiesOf, type Names, resolveContacts } from '#core/contacts'
import { resolveConversations } from '#core/conversations'
import type { InboundMessage, Sender } from '#core/transport'
import type { Db } from '#kit/db'
import { deedTarget, type Heard, type HeardRow, targetWireId } from './heard.ts'
import { findTargets, type Target } from './wire-ids.store.ts'

type Channel = { workspaceId: string; id: string }
type Options = { names: Names }

/** Rows for what was heard, with whom and what it made known. */
export type Placed = {
  rows: HeardRow[]
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
  const placed = heard.map((one, i) => ({
    ...one,
    place: { conversationId: places[i]?.id ?? '', contactId: people[i]?.id, address: places[i]?.address ?? '' },
  }))
  const targets = await targetsOf(db, channel, placed)
  return {
    rows: placed.map((one) => rowOf(one, targets)),
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

type InPlace = Heard & { place: Pick<HeardRow, 'conversationId' | 'contactId' | 'address'> }
type Targets = ReadonlyMap<string, readonly Target[]>

/** What deeds and answers name, by wire id: what we had, and what has come along with them. */
async function targetsOf(db: Db, channel: Channel, placed: readonly InPlace[]): Promise<Targets> {
  const named = new Set(placed.flatMap(({ message }) => targetWireId(message) ?? []))
  const here = placed
    .filter(({ message }) => named.has(message.wireId))
    .map(({ message: { wireId }, id, place: { conversationId } }) => ({ wireId, messageId: id, conversationId }))
  return Map.groupBy([...(await findTargets(db, channel, [...named])), ...here], ({ wireId }) => wireId)
}

/** Everybody may name any message: one can be about those of its own conversation only. */
function rowOf({ message, id, place }: InPlace, targets: Targets): HeardRow {
  const { content, wireId, at, own, state } = message
  const named = (wireId: string | undefined) => targets.get(wireId ?? '') ?? []
  const idHere = (those: readonly Target[]) => those.find(({ conversationId }) => conversationId === place.conversationId)?.messageId
  const done = named(deedTarget(content))
  const targetId = idHere(done)
  return {
    ...place,
    id,
    direction: own ? 'out' : 'in',
    state: own ? (state ?? 'sent') : 'received',
    content: content.type === 'reaction' && 'wireId' in content && targetId ? { ...content, messageId: targetId } : content,
    wireId,
    at,
    replyTo: idHere(named(message.repliesTo)),
    targetId,
    isAstray: targetId === undefined && done.length > 0,
    facts: factsOf(message),
  }
}

function factsOf({ context, from, group, own }: InboundMessage): Record<string, unknown> | undefined {
  const facts = { ...context, ...(group && !own && { sender: from.phone ?? from.waId ?? from.bsuid ?? from.lid }) }
  return Object.keys(facts).length > 0 ? facts : undefined
}
