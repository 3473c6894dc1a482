import { randomInt } from 'node:crypto'
import type { GroupAct, GroupRole, GroupVerdict, ParticipantRefusal, RoadGroup, SimulatedGroup } from '#core/transport'
import { putBounded } from './bounded-map.ts'
import { behaviourOf } from './magic-numbers.ts'

export interface GroupBook {
  /** Who follows every newsletter here. */
  readonly followers: readonly string[]
  create(business: string, group: { name: string; people: readonly string[] }): { group: SimulatedGroup; refused: ParticipantRefusal[] }
  createNewsletter(business: string, newsletter: { name: string; description: string | undefined }): SimulatedGroup
  find(business: string, address: string): SimulatedGroup | undefined
  /** The groups and newsletters that a business number is in. */
  of(business: string): SimulatedGroup[]
  /** A newsletter, whoever founded it. */
  newsletter(address: string): SimulatedGroup | undefined
  /** Takes over what the database knows of a group, unless this network knows more, or learns more while `read` is under way. */
  refound(business: string, address: string, read: () => Promise<RoadGroup | undefined>): Promise<void>
  /** `who`: E.164 of the business or of a phone. */
  act(group: SimulatedGroup, who: string, act: GroupAct): GroupVerdict
}

const GROUPS_MOST = 20_000
const MEMBERS_MOST = 1_024
const FOLLOWERS = ['+15550100011', '+15550100012', '+15550100013']

export const isGroup = (address: string): boolean => address.endsWith('@g.us')
export const isNewsletter = (address: string): boolean => address.endsWith('@newsletter')

const newAddress = (kind: 'g.us' | 'newsletter') => `120363${String(randomInt(10 ** 12)).padStart(12, '0')}@${kind}`

export function createGroupBook(now: () => number): GroupBook {
  const groups = new Map<string, SimulatedGroup>()
  const keyOf = ({ business, address }: { business: string; address: string }) => `${business} ${address}`
  const keep = (group: SimulatedGroup): SimulatedGroup => {
    putBounded(groups, { key: keyOf(group), value: group }, GROUPS_MOST)
    return group
  }
  const begin = (business: string, address: string, words: { name: string; description: string | undefined }) => {
    const members = new Map<string, GroupRole>([[business, 'owner']])
    return keep({
      business,
      address,
      ...words,
      onlyAdminsWrite: false,
      onlyAdminsEdit: false,
      foundedAt: now(),
      members,
      untold: 0,
      deeds: 0,
    })
  }
  return {
    followers: FOLLOWERS,
    create(business, { name, people }) {
      const group = begin(business, newAddress('g.us'), { name, description: undefined })
      return { group, refused: add(group, people) }
    },
    createNewsletter(business, words) {
      const newsletter = begin(business, newAddress('newsletter'), words)
      for (const follower of FOLLOWERS) newsletter.members.set(follower, 'member')
      return newsletter
    },
    find: (business, address) => groups.get(keyOf({ business, address })),
    of: (business) => [...groups.values()].filter((group) => group.business === business && group.members.has(business)),
    newsletter: (address) => (isNewsletter(address) ? [...groups.values()].find((one) => one.address === address) : undefined),
    async refound(business, address, read) {
      const before = groups.get(keyOf({ business, address }))
      if (before && before.untold > 0) return
      const deeds = before?.deeds
      const known = await read()
      const now = groups.get(keyOf({ business, address }))
      if (!known || now?.deeds !== deeds) return
      const { participants, foundedAt, name = '', ...more } = known
      const members = new Map(participants.map(({ address: member, role }) => [member, role]))
      keep({ ...more, business, name, foundedAt: foundedAt?.getTime() ?? 0, members, untold: 0, deeds: now?.deeds ?? 0 })
    },
    act,
  }
}

const OK: GroupVerdict = { kind: 'ok', refused: [] }
const notAllowed = (reason: string): GroupVerdict => ({ kind: 'refused', code: 'not_allowed', reason })

function act(group: SimulatedGroup, who: string, deed: GroupAct): GroupVerdict {
  group.deeds++
  const role = group.members.get(who)
  if (deed.act === 'join') return join(group, who)
  if (role === undefined) return { kind: 'refused', code: 'not_found', reason: 'This number is not in the group' }
  const isAdmin = role !== 'member'
  switch (deed.act) {
    case 'leave':
      group.members.delete(who)
      return OK
    case 'change':
      return isAdmin || !group.onlyAdminsEdit ? change(group, isAdmin, deed) : notAllowed('Only admins change this group')
    case 'add':
      return isAdmin ? { kind: 'ok', refused: add(group, deed.people) } : notAllowed('Only admins add people to this group')
    default:
      return isAdmin
        ? { kind: 'ok', refused: deed.people.flatMap((address) => moveOne(group, deed.act, address) ?? []) }
        : notAllowed('Only admins do that in this group')
  }
}

function join(group: SimulatedGroup, who: string): GroupVerdict {
  if (behaviourOf(who) === 'absent') return { kind: 'refused', code: 'invalid', reason: 'This number is not on WhatsApp' }
  if (group.members.size >= MEMBERS_MOST) return notAllowed('The group is full')
  if (!group.members.has(who)) group.members.set(who, 'member')
  return OK
}

function change(
  group: SimulatedGroup,
  isAdmin: boolean,
  { name, description, onlyAdminsWrite, onlyAdminsEdit }: GroupAct & { act: 'change' },
): GroupVerdict {
  if (!isAdmin && (onlyAdminsWrite !== undefined || onlyAdminsEdit !== undefined))
    return notAllowed('Only admins change the rules of this group')
  if (name !== undefined) group.name = name
  if (description !== undefined) group.description = description || undefined
  if (onlyAdminsWrite !== undefined) group.onlyAdminsWrite = onlyAdminsWrite
  if (onlyAdminsEdit !== undefined) group.onlyAdminsEdit = onlyAdminsEdit
  return OK
}

function add({ members }: SimulatedGroup, people: readonly string[]): ParticipantRefusal[] {
  return people.flatMap((address): ParticipantRefusal[] => {
    if (members.has(address)) return []
    if (behaviourOf(address) === 'absent') return [{ address, code: 'not_on_whatsapp', reason: 'This number is not on WhatsApp' }]
    if (members.size >= MEMBERS_MOST) return [{ address, code: 'failed', reason: 'The group is full' }]
    members.set(address, 'member')
    return []
  })
}

function moveOne({ members }: SimulatedGroup, deed: 'remove' | 'promote' | 'demote', address: string): ParticipantRefusal | undefined {
  const role = members.get(address)
  if (role === undefined) return { address, code: 'not_in_group', reason: 'This number is not in the group' }
  if (role === 'owner' && deed !== 'promote') return { address, code: 'not_allowed', reason: 'The founder of a group stays' }
  if (deed === 'remove') members.delete(address)
  else if (role !== 'owner') members.set(address, deed === 'promote' ? 'admin' : 'member')
  return undefined
}
