import type { BinaryNode } from 'baileys'
import type { GroupChange, GroupDeed } from '#core/transport'
import { isGroupJid, isMe, type Me, userJid } from './addresses.ts'
import { type Phones, toPerson } from './groups.wire.ts'
import { timeOf } from './stanza.wire.ts'
import { words } from './words.ts'

/** What somebody did to a group, and whether we must look at the whole of it: it is new to us, or a member has another number now. */
export type GroupNotice = { changes: GroupChange[]; needsWhole: boolean }

const DEEDS = { add: 'added', remove: 'removed', leave: 'left', promote: 'promoted', demote: 'demoted' } as const
const PEOPLE_MOST = 5_000

/** Reads a notification as it comes. undefined: it is about something else. */
export function toGroupNotice({ attrs, content }: BinaryNode, phones: Phones, me: Me): GroupNotice | undefined {
  const { id, from = '', type, t } = attrs
  if (!isGroupJid(from) || (type !== 'w:gp2' && type !== 'picture')) return undefined
  const children = Array.isArray(content) ? content : []
  const actor = [attrs.participant_pn, attrs.participant, type === 'picture' ? children[0]?.attrs.author : undefined]
  const by = toPerson(actor, phones, me)
  const deeds = children.flatMap((child) => toDeed(child, { type, by, phones, me }) ?? [])
  const changes = deeds.map(
    (deed, i): GroupChange => ({
      ...(id && { id: `${id.slice(0, 100)}.${i}` }),
      group: from,
      at: timeOf(t) ?? new Date(),
      ...(by !== undefined && { by }),
      deed,
    }),
  )
  return {
    changes,
    needsWhole: children.some(
      (child) =>
        child.tag === 'create' ||
        child.tag === 'modify' ||
        (child.tag === 'add' && peopleIn(child).some((jids) => jids.some((jid) => isMe(jid, me)))),
    ),
  }
}

/** The LIDs in a notification that came without a number. */
export const lidsIn = ({ attrs, content }: BinaryNode): { id: string }[] =>
  [
    attrs.participant_pn === undefined ? attrs.participant : undefined,
    ...(Array.isArray(content) ? content : []).flatMap(peopleIn).map(loneLid),
  ]
    .flatMap((jid) => userJid(jid) ?? [])
    .map((id) => ({ id }))

const loneLid = ([phone, jid]: (string | undefined)[]): string | undefined => (phone === undefined ? jid : undefined)

const peopleIn = ({ content }: BinaryNode): (string | undefined)[][] =>
  (Array.isArray(content) ? content : [])
    .filter(({ tag }) => tag === 'participant')
    .slice(0, PEOPLE_MOST)
    .map(({ attrs }) => [attrs.phone_number, attrs.jid, attrs.lid])

type Told = { type: string; by: string | undefined; phones: Phones; me: Me }

function toDeed(child: BinaryNode, { type, by, phones, me }: Told): GroupDeed | undefined {
  const { tag, attrs } = child
  if (type === 'picture') return tag === 'set' || tag === 'delete' ? { kind: 'changed', picture: true } : undefined
  if (Object.hasOwn(DEEDS, tag)) {
    const people = peopleIn(child).flatMap((jids) => toPerson(jids, phones, me) ?? [])
    const alone = people.length === 1 && people[0] === by
    const kind = DEEDS[tag as keyof typeof DEEDS] // its own key, as just asked
    if (people.length === 0) return undefined
    if (kind === 'added' && (alone || attrs.reason === 'invite')) return { kind: 'joined', people }
    return { kind: kind === 'removed' && alone ? 'left' : kind, people }
  }
  switch (tag) {
    case 'subject':
      return { kind: 'changed', name: words(attrs.subject, 500) ?? '' }
    case 'description':
      return { kind: 'changed', description: words(bodyOf(child), 4_096) ?? '' }
    case 'announcement':
    case 'not_announcement':
      return { kind: 'changed', onlyAdminsWrite: tag === 'announcement' }
    case 'locked':
    case 'unlocked':
      return { kind: 'changed', onlyAdminsEdit: tag === 'locked' }
    default:
      return undefined
  }
}

function bodyOf({ content }: BinaryNode): string | undefined {
  const body = (Array.isArray(content) ? content : []).find(({ tag }) => tag === 'body')?.content
  return typeof body === 'string' ? body : body instanceof Uint8Array ? Buffer.from(body).toString('utf8') : undefined
}
