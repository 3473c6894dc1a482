import type { GroupMetadata, GroupParticipant } from 'baileys'
import type { GroupRole, RoadGroup } from '#core/transport'
import { isGroupJid, isLidJid, isMe, type Me, toAddress, userJid } from './addresses.ts'
import type { LiveSession } from './live-session.ts'
import { timeOf } from './stanza.wire.ts'
import { words } from './words.ts'

const MEMBERS_MOST = 5_000
const ROLES: Readonly<Record<string, GroupRole>> = { superadmin: 'owner', admin: 'admin' }

/** Phone numbers of LIDs, as far as this session has learnt them. */
export type Phones = ReadonlyMap<string, string>

/** A group as the network tells it; people by their number where anybody told it. */
function toRoadGroup(group: GroupMetadata, phones: Phones, me: Me): RoadGroup {
  const owner = toPerson([group.ownerPn, group.owner], phones, me)
  const participants = group.participants.slice(0, MEMBERS_MOST).flatMap(({ id, phoneNumber, lid, admin }) => {
    const address = toPerson([phoneNumber, id, lid], phones, me)
    const hidden = userJid([id, lid].find((jid) => jid !== undefined && isLidJid(jid)))
    const known = hidden !== undefined && hidden !== address ? { lid: hidden } : {}
    return address === undefined ? [] : [{ address, role: ROLES[admin ?? ''] ?? ('member' as const), ...known }]
  })
  return {
    address: group.id,
    name: words(group.subject, 500),
    description: words(group.desc, 4_096),
    owner,
    onlyAdminsWrite: group.announce === true,
    onlyAdminsEdit: group.restrict === true,
    foundedAt: timeOf(group.creation),
    participants: [...new Map(participants.map((one) => [one.address, one])).values()],
  }
}

/** Who is meant by JIDs that are all of one person. */
export function toPerson(jids: readonly (string | undefined)[], phones: Phones, me: Me): string | undefined {
  if (jids.some((jid) => isMe(jid, me))) return toAddress(me.id)
  const address = toAddress(...jids)
  return address === undefined ? undefined : (phones.get(address) ?? address)
}

/** Looks up who is behind LIDs that came without a number; asks nobody. */
export async function findPhones({ socket }: Pick<LiveSession, 'socket'>, people: readonly Partial<GroupParticipant>[]): Promise<Phones> {
  const lids = people.flatMap(({ id, phoneNumber }) => (phoneNumber === undefined && id !== undefined && isLidJid(id) ? [id] : []))
  if (lids.length === 0) return new Map()
  const pairs = await socket.signalRepository.lidMapping.getPNsForLIDs(lids).catch(() => null)
  return new Map(
    (pairs ?? []).flatMap(({ lid, pn }) => {
      const [at, phone] = [toAddress(lid), toAddress(pn)]
      return at !== undefined && phone !== undefined ? [[at, phone]] : []
    }),
  )
}

/** The group as it is now. Throws when the network does not tell it. */
export async function fetchGroup(session: LiveSession, jid: string): Promise<RoadGroup> {
  const group = await session.socket.groupMetadata(jid)
  return toRoadGroup(group, await findPhones(session, group.participants), meOf(session))
}

/** All groups that the number is in. Throws as above. */
export async function fetchGroups(session: LiveSession): Promise<RoadGroup[]> {
  const groups = Object.values(await session.socket.groupFetchAllParticipating()).filter(({ id }) => isGroupJid(id))
  const phones = await findPhones(
    session,
    groups.flatMap(({ participants }) => participants),
  )
  return groups.map((group) => toRoadGroup(group, phones, meOf(session)))
}

export const meOf = ({ socket }: Pick<LiveSession, 'socket'>): Me => ({ id: socket.user?.id ?? '', lid: socket.user?.lid })
