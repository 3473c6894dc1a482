import { phoneTwin } from '#core/addresses'
import type { Db } from '#kit/db'
import { newId } from '#kit/ids'
import { type Found, fillContacts, insertConversations, type Spot, selectSpots, selectThreads } from './resolve.store.ts'

/** Who talks where. */
export type Place = { workspaceId: string; channelId: string; contactId: string | undefined; address: string }

const keyOf = ({ channelId, address }: Spot) => `${channelId} ${address}`

/** `address`: where messages go there. `created` is said once for each. */
export type ResolvedPlace = { id: string; address: string; created: boolean }

/** The conversation of each place, in the order given; makes the missing ones. Raises nothing. */
export async function resolveConversations(db: Db, places: readonly Place[]): Promise<ResolvedPlace[]> {
  if (places.length === 0) return []
  const wanted = new Map(places.map((place) => [keyOf(place), place]))
  const found = new Map<string, Found>()
  const note = (rows: readonly Found[]) => rows.forEach((row) => void found.set(keyOf(row), row))
  note(await selectSpots(db, [...wanted.values()].flatMap(spotsOf)))

  await noteThreads(db, wanted, found)

  const missing = [...wanted.values()].filter((place) => !lookUp(found, place))
  const created = new Set<string>()
  if (missing.length > 0) {
    const made = await insertConversations(
      db,
      withoutTwins(missing).map((place) => ({ ...place, id: newId() })),
    )
    note(made)
    for (const { id } of made) created.add(id)
    const lost = missing.filter((place) => !lookUp(found, place)) // made by somebody else in between
    if (lost.length > 0) note(await selectSpots(db, lost))
  }
  await fillMissingContacts(db, wanted, found)
  return places.map((place) => {
    const row = lookUp(found, place)
    if (!row) throw new Error('a conversation was not resolved')
    return { id: row.id, address: isAlias(place) ? row.address : place.address, created: created.delete(row.id) }
  })
}

/** An id that stands for somebody who may be known by his number. */
const isAlias = ({ address }: Spot): boolean => !address.startsWith('+') && !/@(g\.us|newsletter)$/.test(address)

/** Who is named by an id is in the thread that we have with his number. */
async function noteThreads(db: Db, wanted: ReadonlyMap<string, Place>, found: Map<string, Found>): Promise<void> {
  const named = [...wanted.values()].filter((place) => isAlias(place) && !found.has(keyOf(place)))
  const people = named.flatMap(({ channelId, contactId }) => (contactId === undefined ? [] : { channelId, contactId }))
  if (people.length === 0) return
  const threads = new Map((await selectThreads(db, people)).map((row) => [`${row.channelId} ${row.contactId}`, row]))
  for (const place of named) {
    const thread = threads.get(`${place.channelId} ${place.contactId}`)
    if (thread) found.set(keyOf(place), thread)
  }
}

const twinOf = ({ channelId, address }: Spot): Spot | undefined => {
  const twin = phoneTwin(address)
  return twin === undefined ? undefined : { channelId, address: twin }
}

const spotsOf = (place: Spot): Spot[] => [place, twinOf(place) ?? []].flat()

/** A person whose number has two forms has one conversation, under the form that came first. */
const lookUp = (found: ReadonlyMap<string, Found>, place: Spot): Found | undefined => {
  const twin = twinOf(place)
  return found.get(keyOf(place)) ?? (twin && found.get(keyOf(twin)))
}

function withoutTwins(places: readonly Place[]): Place[] {
  const taken = new Set<string>()
  return places.filter((place) => {
    const isTaken = spotsOf(place).some((spot) => taken.has(keyOf(spot)))
    taken.add(keyOf(place))
    return !isTaken
  })
}

async function fillMissingContacts(db: Db, wanted: ReadonlyMap<string, Place>, found: ReadonlyMap<string, Found>): Promise<void> {
  const filled = [...wanted.values()].flatMap((place) => {
    const row = lookUp(found, place)
    return row && row.contactId === undefined && place.contactId !== undefined ? { id: row.id, contactId: place.contactId } : []
  })
  if (filled.length > 0) await fillContacts(db, filled)
}
