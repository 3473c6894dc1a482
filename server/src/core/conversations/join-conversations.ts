import { phoneTwin } from '#core/addresses'
import type { Db } from '#kit/db'
import { lockJoining, moveMarks, moveMessages } from './join.store.ts'
import { selectSpots } from './resolve.store.ts'

/** All addresses of one person, the best first. */
export type Addresses = readonly string[]
export type JoinedConversation = { id: string; formerIds: string[] }

/** Those who have a thread under another address than their best. Most have none, which is one look into an index. */
export async function withStrayThreads<Person extends { addresses: Addresses }>(
  db: Db,
  channelId: string,
  people: readonly Person[],
): Promise<Person[]> {
  const others = people.flatMap(({ addresses }) => addresses.slice(1).map((address) => ({ channelId, address })))
  const strays = new Set((others.length > 0 ? await selectSpots(db, others) : []).map(({ address }) => address))
  return people.filter(({ addresses }) => addresses.some((address, i) => i > 0 && strays.has(address)))
}

/** One thread with each person on a channel, under the best of his addresses: the oldest stays and takes in the others. Raises nothing. */
export async function joinConversations(
  db: Db,
  channel: { workspaceId: string; id: string },
  people: readonly Addresses[],
): Promise<JoinedConversation[]> {
  const joined: JoinedConversation[] = []
  for (const addresses of people) {
    const one = await joinThreads(db, channel, addresses)
    if (one) joined.push(one)
  }
  return joined
}

async function joinThreads(db: Db, { workspaceId, id: channelId }: { workspaceId: string; id: string }, addresses: Addresses) {
  const [best = ''] = addresses
  const spots = [...addresses, phoneTwin(best) ?? []].flat().map((address) => ({ channelId, address }))
  const found = await selectSpots(db, spots)
  const [keptId, ...formerIds] = await lockJoining(
    db,
    workspaceId,
    found.map(({ id }) => id),
  )
  if (keptId === undefined) return undefined
  const address = found.find((row) => row.address === phoneTwin(best))?.address ?? best // the form that came first
  const joining = { workspaceId, keptId, formerIds, address }
  await moveMessages(db, joining)
  await moveMarks(db, joining)
  return { id: keptId, formerIds }
}
