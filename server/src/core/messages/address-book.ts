import type { Identity } from '#core/addresses'
import { resolveContacts } from '#core/contacts'
import { resolveConversations, selectLastInbounds } from '#core/conversations'
import type { Ports } from '#kit/context'
import { type Database, inTransaction } from '#kit/db'
import { newId } from '#kit/ids'

/** Who is behind an address on a channel; remembered, since most messages go to somebody known. */
export interface AddressBook {
  resolve(workspaceId: string, targets: readonly Target[]): Promise<Place[]>
  /** When the person at each address wrote last, read afresh and in the same order; makes nobody known. */
  lastInbounds(targets: readonly Pick<Target, 'channelId' | 'address'>[]): Promise<(Date | undefined)[]>
  /** Forgets a workspace's places: a contact was deleted or merged. */
  forget(workspaceId: string): void
}

export type Target = { channelId: string; address: string; identities: readonly Identity[] }
export type Place = { conversationId: string; contactId: string | undefined }

declare module '#kit/context' {
  interface Ports {
    addressBook: AddressBook
  }
}

const PLACES_MOST = 200_000

export function openAddressBook({ database, events }: { database: Database; events: Ports['events'] }): AddressBook {
  const known = new Map<string, Map<string, Place>>()
  let size = 0

  const placesOf = (workspaceId: string): Map<string, Place> => {
    const places = known.get(workspaceId) ?? new Map<string, Place>()
    known.set(workspaceId, places)
    return places
  }
  const remember = (workspaceId: string, key: string, place: Place) => {
    if (size >= PLACES_MOST) {
      known.clear()
      size = 0
    }
    placesOf(workspaceId).set(key, place)
    size++
  }

  return {
    async resolve(workspaceId, targets) {
      const places = placesOf(workspaceId)
      const missing = new Map<string, Target>()
      for (const target of targets) if (!places.has(keyOf(target))) missing.set(keyOf(target), target)
      if (missing.size > 0) {
        const found = await makePlaces(database, events, workspaceId, [...missing.values()])
        for (const [key, place] of found) remember(workspaceId, key, place)
      }
      return targets.map((target) => {
        const place = placesOf(workspaceId).get(keyOf(target))
        if (!place) throw new Error('an address was not resolved')
        return place
      })
    },
    lastInbounds: (targets) => selectLastInbounds(database.db, targets),
    forget(workspaceId) {
      size -= known.get(workspaceId)?.size ?? 0
      known.delete(workspaceId)
    },
  }
}

const keyOf = ({ channelId, address }: { channelId: string; address: string }) => `${channelId} ${address}`

async function makePlaces(
  database: Database,
  events: Ports['events'],
  workspaceId: string,
  targets: readonly Target[],
): Promise<Map<string, Place>> {
  return inTransaction(database.db, {}, async (db) => {
    const people = targets.filter(({ identities }) => identities.length > 0)
    const contacts = await resolveContacts(
      db,
      workspaceId,
      people.map(({ identities }) => ({ identities })),
    )
    const contactOf = new Map(people.map((target, i) => [target, contacts[i]]))
    const wanted = targets.map((target) => ({
      workspaceId,
      channelId: target.channelId,
      address: target.address,
      contactId: contactOf.get(target)?.id,
    }))
    const conversations = await resolveConversations(db, wanted)
    const raised = [
      ...contacts
        .filter(({ created }) => created)
        .map(({ id }) => ({ id: newId(), workspaceId, type: 'contact.created', subjects: { contactId: id }, facts: {} })),
      ...conversations.flatMap(({ id, created }, i) =>
        created
          ? [
              {
                id: newId(),
                workspaceId,
                type: 'conversation.opened',
                subjects: { conversationId: id, channelId: wanted[i]?.channelId ?? '' },
                facts: {},
              },
            ]
          : [],
      ),
    ]
    if (raised.length > 0) events.append(db, raised)
    return new Map(
      targets.map((target, i) => [keyOf(target), { conversationId: conversations[i]?.id ?? '', contactId: contactOf.get(target)?.id }]),
    )
  })
}
