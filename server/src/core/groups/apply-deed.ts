import type { GroupDeed, GroupEdit, RoadGroup } from '#core/transport'
import type { Db } from '#kit/db'
import { newId } from '#kit/ids'
import { hasChange, insertChange, type NewChange } from './change.store.ts'
import { updateGroupRow } from './group.store.ts'
import type { ChangedFacts, Group } from './group.ts'
import { missedDeeds } from './missed-deeds.ts'
import {
  deleteParticipants,
  insertParticipants,
  renameParticipants,
  replaceParticipants,
  selectRoles,
  updateRoles,
} from './participant.store.ts'

/** What was done, by whom, when. */
export type Done = {
  deed: GroupDeed
  at: Date
  by: string | undefined
  roadId?: string | undefined
  /** The channel's own number: it may be the one who comes or goes. */
  own: string
  /** The row was made a moment ago. */
  created?: boolean
}

/** A fact to be told of a group. */
export type GroupFact = { type: string; subjects: Record<string, string>; facts: Record<string, unknown> }

type Effect = { group: Group; told?: { type: string; facts?: Record<string, unknown> } & Omit<NewChange, 'id' | 'at' | 'kind'> }

type Applied = { group: Group; facts: GroupFact[] }

/** A deed takes effect on a group whose row the caller holds. What changes nothing, or was told before under its id, is told no more. */
export async function applyDeed(db: Db, group: Group, done: Done): Promise<Applied> {
  if (done.roadId !== undefined && (await hasChange(db, group, done.roadId))) return { group, facts: [] }
  const { deed } = done
  return deed.kind === 'known' ? know(db, group, done, deed.group) : tell(db, group, done, await effectOf(db, group, { ...done, deed }))
}

async function tell(db: Db, group: Group, done: Done, { group: after, told }: Effect): Promise<Applied> {
  if (!told) return { group: after, facts: [] }
  const { type, facts = {}, ...change } = told
  const id = newId()
  await insertChange(db, group, { ...change, id, kind: done.deed.kind, at: done.at, by: done.by, roadId: done.roadId })
  const subjects = { groupId: group.id, channelId: group.channelId, groupChangeId: id }
  return { group: after, facts: [{ type, subjects, facts }] }
}

const TYPES = {
  joined: 'group.member_joined',
  added: 'group.member_added',
  left: 'group.member_left',
  removed: 'group.member_removed',
} as const

async function effectOf(db: Db, group: Group, done: Done & { deed: Exclude<GroupDeed, { kind: 'known' }> }): Promise<Effect> {
  const { deed } = done
  switch (deed.kind) {
    case 'joined':
    case 'added':
    case 'left':
    case 'removed':
      return comeOrGo(db, group, { ...done, kind: deed.kind, people: deed.people })
    case 'promoted':
    case 'demoted': {
      const isAdmin = deed.kind === 'promoted'
      const participants = await updateRoles(db, group, deed.people, isAdmin ? 'admin' : 'member')
      return participants.length === 0 ? { group } : { group, told: { type: 'group.admin_changed', facts: { isAdmin }, participants } }
    }
    case 'changed':
      return edit(db, group, deed)
  }
}

type Move = Done & { kind: keyof typeof TYPES; people: readonly string[] }

async function comeOrGo(db: Db, group: Group, { kind, people, at, own }: Move): Promise<Effect> {
  const comes = kind === 'joined' || kind === 'added'
  const moved = comes
    ? await insertParticipants(
        db,
        group,
        people.map((address) => ({ address, role: 'member' })),
        at,
      )
    : await deleteParticipants(db, group, people)
  const isOurs = people.includes(own)
  if (moved.length === 0 && !(isOurs && comes === (group.leftAt !== undefined))) return { group }
  const leftAt = isOurs ? (comes ? undefined : at) : group.leftAt
  return { group: await updateGroupRow(db, { ...group, leftAt }), told: { type: TYPES[kind], participants: moved } }
}

async function edit(db: Db, group: Group, { picture, ...said }: GroupEdit & { picture?: true }): Promise<Effect> {
  const { was, isNow } = differences(group, said)
  if (picture) isNow.picture = true
  const changed = Object.keys(isNow)
  if (changed.length === 0) return { group }
  const after = await updateGroupRow(db, {
    ...group,
    name: said.name ?? group.name,
    description: said.description === undefined ? group.description : said.description || undefined,
    onlyAdminsWrite: said.onlyAdminsWrite ?? group.onlyAdminsWrite,
    onlyAdminsEdit: said.onlyAdminsEdit ?? group.onlyAdminsEdit,
  })
  return { group: after, told: { type: 'group.updated', facts: { changed }, was, isNow } }
}

function differences(group: Group, said: GroupEdit): { was: ChangedFacts; isNow: ChangedFacts } {
  const was: ChangedFacts = {}
  const isNow: ChangedFacts = {}
  for (const word of ['name', 'description'] as const) {
    if (said[word] === undefined || (said[word] || undefined) === group[word]) continue
    was[word] = group[word] ?? null
    isNow[word] = said[word] || null
  }
  for (const rule of ['onlyAdminsWrite', 'onlyAdminsEdit'] as const) {
    const value = said[rule]
    if (value === undefined || value === group[rule]) continue
    was[rule] = group[rule]
    isNow[rule] = value
  }
  return { was, isNow }
}

/** The network's whole picture takes the place of ours. A group that is new to us is told; of another, what nobody has told us that people did. */
async function know(db: Db, group: Group, done: Done, told: RoadGroup): Promise<Applied> {
  const ours = await selectRoles(db, group)
  if (done.created || ours.length === 0) {
    const participants = told.participants.map(({ address }) => address)
    return tell(db, group, done, { group: await setRight(db, group, done, told), told: { type: 'group.created', participants } })
  }
  await renameParticipants(db, group, told.participants)
  const facts: GroupFact[] = []
  let now = group
  for (const deed of missedDeeds({ ...group, participants: await selectRoles(db, group) }, told)) {
    const applied = await applyDeed(db, now, { ...done, deed, by: undefined, roadId: undefined })
    now = applied.group
    facts.push(...applied.facts)
  }
  return { group: await setRight(db, now, done, told), facts }
}

/** Also what is told to nobody: who owns it, who is its owner among the participants, when it was founded. */
async function setRight(db: Db, group: Group, { at, own }: Done, told: RoadGroup): Promise<Group> {
  await replaceParticipants(db, group, told.participants, at)
  const { name, description, owner, onlyAdminsWrite, onlyAdminsEdit, foundedAt } = told
  const isIn = told.participants.some(({ address }) => address === own)
  return updateGroupRow(db, {
    ...group,
    name,
    description: description || undefined,
    owner,
    onlyAdminsWrite,
    onlyAdminsEdit,
    foundedAt: foundedAt ?? group.foundedAt,
    leftAt: isIn ? undefined : (group.leftAt ?? at),
  })
}
