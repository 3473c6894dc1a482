import { type Identity, phoneTwin } from '#core/addresses'
import type { Db } from '#kit/db'
import { DomainError } from '#kit/errors'
import { newId } from '#kit/ids'
import { type Held, insertIdentities, insertPeople, type Profile, selectHeld, shareContacts, updateProfiles } from './identity.store.ts'
import { mergeContacts } from './merge-contacts.ts'

/** Somebody, as a caller or a network names him. All identities are of one person. */
export type Person = { identities: readonly Identity[]; profileName?: string | undefined }

/** `created`: this call made the contact; said once, however often the person stands in the list. */
export type Resolved = { id: string; created: boolean }

/** What somebody is called there: what he calls himself now, or a word that gives way to any we have. */
export type Names = 'take' | 'fill'

/** A group of people in the list who share an identity: one person. */
type Group = { identities: Map<string, Identity>; profileName: string | undefined; contactId: string; created: boolean }

/** Nobody: what a network tells nothing about is kept under one contact. */
const NOBODY: Identity = { kind: 'wa_id', value: 'unknown' }
const TRIES = 5

/**
 * One contact for each person, in the order of the list; makes the missing ones, joins those that turn out to be one (the older stays),
 * fills phone and profile name. Safe against others who do the same. Raises nothing: the caller tells what was created.
 */
export async function resolveContacts(db: Db, workspaceId: string, people: readonly Person[], names: Names = 'take'): Promise<Resolved[]> {
  if (people.length === 0) return []
  const { groups, groupOf } = gather(people)
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const held = await readHeld(db, workspaceId, groups)
    if (await settle(db, workspaceId, groups, held)) {
      await fillProfiles(db, workspaceId, groups, { held, names })
      if (await holdContacts(db, groups)) return tell(groupOf)
    }
  }
  throw new DomainError('unavailable', 'These contacts are being changed by too many others; try again')
}

const keyOf = ({ kind, value }: Identity) => `${kind} ${value}`

/** People who share an identity become one group. */
function gather(people: readonly Person[]): { groups: Group[]; groupOf: Group[] } {
  const byIdentity = new Map<string, Group>()
  const groupOf = people.map(({ identities, profileName }): Group => {
    const own = identities.length > 0 ? identities : [NOBODY]
    const met = [...new Set(own.flatMap((identity) => byIdentity.get(keyOf(identity)) ?? []))]
    const group = met[0] ?? { identities: new Map(), profileName: undefined, contactId: '', created: false }
    for (const other of met.slice(1)) for (const [key, identity] of other.identities) group.identities.set(key, identity)
    for (const identity of own) group.identities.set(keyOf(identity), identity)
    for (const key of group.identities.keys()) byIdentity.set(key, group)
    group.profileName = profileName ?? group.profileName
    return group
  })
  const latest = groupOf.map((group) => byIdentity.get(group.identities.keys().next().value ?? '') ?? group)
  return { groups: [...new Set(latest)], groupOf: latest }
}

type HeldBy = Map<string, Held>

const twinOf = ({ kind, value }: Identity): Identity | undefined => {
  const twin = kind === 'phone' ? phoneTwin(value) : undefined
  return twin === undefined ? undefined : { kind: 'phone', value: twin }
}

/** Who holds which identity now; the other form of a phone counts as the same. */
async function readHeld(db: Db, workspaceId: string, groups: readonly Group[]): Promise<HeldBy> {
  const asked = new Map<string, Identity>()
  for (const { identities } of groups) {
    for (const identity of identities.values()) for (const one of [identity, twinOf(identity)]) if (one) asked.set(keyOf(one), one)
  }
  const held = await selectHeld(db, workspaceId, [...asked.values()])
  return new Map(held.map((one) => [keyOf(one), one]))
}

const holdersOf = ({ identities }: Group, held: HeldBy): string[] => {
  const found = [...identities.values()].flatMap((identity) => [held.get(keyOf(identity)), held.get(keyOf(twinOf(identity) ?? identity))])
  return [...new Set(found.flatMap((one) => one?.contactId ?? []))].sort()
}

/** True when every group stands on one contact that holds all its identities; false: something was in between, look again. */
async function settle(db: Db, workspaceId: string, groups: readonly Group[], held: HeldBy): Promise<boolean> {
  let settled = true
  const fresh: Group[] = []
  const missing: (Identity & { contactId: string })[] = []
  for (const group of groups) {
    const [oldest, ...others] = holdersOf(group, held)
    if (oldest === undefined) {
      group.contactId = newId()
      fresh.push(group)
      continue
    }
    if (oldest !== group.contactId) group.created = false
    group.contactId = oldest
    if (others.length > 0) {
      await mergeContacts(db, workspaceId, [oldest, ...others])
      settled = false
    }
    for (const identity of group.identities.values()) if (!held.has(keyOf(identity))) missing.push({ ...identity, contactId: oldest })
  }
  if (missing.length > 0 && (await insertIdentities(db, workspaceId, missing)) < missing.length) settled = false
  if (fresh.length > 0 && !(await makePeople(db, workspaceId, fresh))) settled = false
  return settled
}

async function makePeople(db: Db, workspaceId: string, fresh: readonly Group[]): Promise<boolean> {
  const people = fresh.map((group) => ({
    contactId: group.contactId,
    phone: phoneOf(group),
    profileName: group.profileName,
    identities: [...group.identities.values()],
  }))
  const taken = await insertPeople(db, workspaceId, people)
  const made = new Set(taken.map(({ contactId }) => contactId))
  for (const group of fresh) group.created = made.has(group.contactId)
  return taken.length === people.reduce((sum, { identities }) => sum + identities.length, 0)
}

const phoneOf = ({ identities }: Group): string | undefined => [...identities.values()].find(({ kind }) => kind === 'phone')?.value

/** Only what differs is written. */
async function fillProfiles(
  db: Db,
  workspaceId: string,
  groups: readonly Group[],
  { held, names }: { held: HeldBy; names: Names },
): Promise<void> {
  const known = new Map([...held.values()].map((one) => [one.contactId, one]))
  const profiles = groups.flatMap((group): Profile | never[] => {
    const row = known.get(group.contactId)
    const phone = row && row.phone === undefined ? phoneOf(group) : undefined
    const isNews = row && group.profileName !== row.profileName && (names === 'take' || row.profileName === undefined)
    const profileName = isNews ? group.profileName : undefined
    return phone === undefined && profileName === undefined ? [] : { contactId: group.contactId, phone, profileName }
  })
  if (profiles.length > 0) await updateProfiles(db, workspaceId, profiles)
}

/** They stay until the transaction ends; false: one was joined to another in between. */
async function holdContacts(db: Db, groups: readonly Group[]): Promise<boolean> {
  const ids = groups.map(({ contactId }) => contactId)
  return (await shareContacts(db, ids)) === new Set(ids).size
}

function tell(groupOf: readonly Group[]): Resolved[] {
  const told = new Set<Group>()
  return groupOf.map((group) => {
    const created = group.created && !told.has(group)
    told.add(group)
    return { id: group.contactId, created }
  })
}
