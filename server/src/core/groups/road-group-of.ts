import type { RoadGroup } from '#core/transport'
import type { Db } from '#kit/db'
import { findGroupOf } from './group.store.ts'
import { selectParticipants } from './participant.store.ts'

const ALL = 5_000

/** A channel's group as a road knows one, from our rows: for a road that may forget. */
export async function roadGroupOf(db: Db, channelId: string, address: string): Promise<RoadGroup | undefined> {
  const group = await findGroupOf(db, channelId, address)
  if (!group) return undefined
  const participants = await selectParticipants(db, group, { limit: ALL })
  const { name, description, owner, onlyAdminsWrite, onlyAdminsEdit, foundedAt } = group
  return { address, name, description, owner, onlyAdminsWrite, onlyAdminsEdit, foundedAt, participants }
}
