import type { GroupAct, GroupRole, SimulatedGroup } from '#core/transport'
import { type Node, node, seconds } from './nodes.wire.ts'
import { numberOfJid, type People } from './people.ts'

const ROLES: Readonly<Record<GroupRole, string | undefined>> = { owner: 'superadmin', admin: 'admin', member: undefined }

/** A group as a client sees it: people by their LIDs, with the number beside. */
export function groupNode(people: People, group: SimulatedGroup): Node {
  const { address, name, description, members, foundedAt, onlyAdminsWrite, onlyAdminsEdit } = group
  const owner = [...members].find(([, role]) => role === 'owner')?.[0]
  const founder = owner === undefined ? undefined : people.of(owner)
  const born = seconds(foundedAt)
  const attrs = { id: address.replace('@g.us', ''), subject: name, creation: born, s_t: born, size: members.size, addressing_mode: 'lid' }
  const content = [
    ...[...members].map(([number, role]) => participantNode(people, number, { type: ROLES[role] })),
    ...(description === undefined
      ? []
      : [node('description', { id: `D${description.length}`, t: born }, [node('body', {}, Buffer.from(description))])]),
    ...(onlyAdminsWrite ? [node('announcement')] : []),
    ...(onlyAdminsEdit ? [node('locked')] : []),
  ]
  return node('group', { ...attrs, creator: founder?.lidJid, creator_pn: founder?.phoneJid }, content)
}

export function participantNode(
  people: People,
  number: string,
  more: { type?: string | undefined; error?: number | undefined } = {},
): Node {
  const { lidJid, phoneJid } = people.of(number)
  return node('participant', { jid: lidJid, phone_number: phoneJid, ...more })
}

/** What somebody did, as the notices of a group tell it: one for each thing that is other now. */
export function noticesOf(people: People, { act, who, at }: { act: GroupAct; who: string; at: number }): Node[] {
  switch (act.act) {
    case 'join':
      return [node('add', { reason: 'invite' }, [participantNode(people, who)])]
    case 'leave':
      return [node('remove', {}, [participantNode(people, who)])]
    case 'change': {
      const { name, description, onlyAdminsWrite, onlyAdminsEdit } = act
      const body = description ? [node('body', {}, Buffer.from(description))] : [node('delete')]
      return [
        ...(name === undefined ? [] : [node('subject', { subject: name, s_t: seconds(at), s_o: people.of(who).lidJid })]),
        ...(description === undefined ? [] : [node('description', { id: `D${at}` }, body)]),
        ...(onlyAdminsWrite === undefined ? [] : [node(onlyAdminsWrite ? 'announcement' : 'not_announcement')]),
        ...(onlyAdminsEdit === undefined ? [] : [node(onlyAdminsEdit ? 'locked' : 'unlocked')]),
      ]
    }
    default:
      return [
        node(
          act.act,
          {},
          act.people.map((number) => participantNode(people, number)),
        ),
      ]
  }
}

/** What a client asks a group to be, in our words; undefined for what it does not change here. */
export function actOf(asked: Node, words: string | undefined): GroupAct | undefined {
  const people = (Array.isArray(asked.content) ? asked.content : []).flatMap(({ attrs }) => numberOfJid(attrs.jid) ?? [])
  switch (asked.tag) {
    case 'add':
    case 'remove':
    case 'promote':
    case 'demote':
      return { act: asked.tag, people }
    case 'subject':
      return { act: 'change', name: words ?? '' }
    case 'description':
      return { act: 'change', description: words ?? '' }
    case 'announcement':
    case 'not_announcement':
      return { act: 'change', onlyAdminsWrite: asked.tag === 'announcement' }
    case 'locked':
    case 'unlocked':
      return { act: 'change', onlyAdminsEdit: asked.tag === 'locked' }
    default:
      return undefined
  }
}
