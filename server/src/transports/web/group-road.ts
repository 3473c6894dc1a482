import type { BinaryNode } from 'baileys'
import type { GroupEdit, GroupRoad, ParticipantRefusal, RoadAnswer, RoadGroup } from '#core/transport'
import { toAddress, toJid, userJid } from './addresses.ts'
import { ask, ok, refusalOf, type SessionOf } from './asked.ts'
import { fetchGroup, meOf } from './groups.wire.ts'
import type { LiveSession } from './live-session.ts'
import { findRecipients } from './recipients.ts'
import { setPicture } from './set-picture.ts'

/** Groups of a linked number. */
export function openGroupRoad(sessionOf: SessionOf): GroupRoad {
  return {
    create: (channel, { name, people }) => ask(sessionOf(channel), (session) => create(session, name, people)),
    update: (channel, group, edit) => ask(sessionOf(channel), (session) => update(session, group, edit)),
    changeParticipants: (channel, group, { action, people }) =>
      ask(sessionOf(channel), async (session) => {
        const { jids, refused } = action === 'add' ? await findPeople(session, people) : jidsOf(people)
        if (jids.size === 0) return ok({ refused })
        const answer = await tell(session, group, { tag: action, attrs: {}, content: toParticipants(jids) })
        const judged = answeredOf(session, session.baileys.getBinaryNodeChild(answer, action))
        return ok({ refused: [...refused, ...refusalsOf(judged, jids, action)] })
      }),
    setPicture: (channel, group, picture) => ask(sessionOf(channel), (session) => setPicture(session, group, picture)),
    leave: (channel, group) =>
      ask(sessionOf(channel), async (session) => {
        await tell(session, '@g.us', { tag: 'leave', attrs: {}, content: [{ tag: 'group', attrs: { id: group } }] })
        return ok(undefined)
      }),
  }
}

/** Waits for the network's answer, which the library is content to miss. Throws when there is none, or a refusal. */
async function tell({ socket }: LiveSession, to: string, content: BinaryNode): Promise<BinaryNode> {
  const answer: BinaryNode | undefined = await socket.query({ tag: 'iq', attrs: { type: 'set', xmlns: 'w:g2', to }, content: [content] })
  if (!answer) throw new Error('the network did not answer')
  return answer
}

const toParticipants = (jids: ReadonlyMap<string, string>): BinaryNode[] =>
  [...jids.keys()].map((jid) => ({ tag: 'participant', attrs: { jid } }))

type Answered = { jid: string | undefined; phone: string | undefined; status: string | undefined }

const answeredOf = ({ baileys }: LiveSession, node: BinaryNode | undefined): Answered[] =>
  baileys
    .getBinaryNodeChildren(node, 'participant')
    .map(({ attrs }) => ({ jid: attrs.jid, phone: attrs.phone_number, status: attrs.error }))

type Action = 'add' | 'remove' | 'promote' | 'demote'
type People = { jids: Map<string, string>; refused: ParticipantRefusal[] }

/** The library would count those who could not be added among the members. */
async function create(session: LiveSession, subject: string, people: readonly string[]): Promise<RoadAnswer<GroupMade>> {
  const { baileys } = session
  const { jids, refused } = await findPeople(session, people)
  const attrs = { subject, key: baileys.generateMessageIDV2() }
  const answer = await tell(session, '@g.us', { tag: 'create', attrs, content: toParticipants(jids) })
  const made = baileys.getBinaryNodeChild(answer, 'group')
  const id = made?.attrs.id
  if (!id) return refusalOf(undefined)
  const unable = [...refused, ...refusalsOf(answeredOf(session, made), jids, 'add')]
  const address = id.includes('@') ? id : `${id}@g.us`
  // it is founded: whoever is told otherwise founds another
  const group = await fetchGroup(session, address).catch(() => asFounded(session, { address, subject, jids, unable }))
  return ok({ group, refused: unable })
}

type Founded = {
  address: string
  subject: string
  jids: ReadonlyMap<string, string>
  unable: readonly ParticipantRefusal[]
}

/** A group as far as the answer to its founding tells it. */
function asFounded(session: LiveSession, { address, subject, jids, unable }: Founded): RoadGroup {
  const me = meOf(session)
  const own = toAddress(me.id)
  const others = [...jids.values()].filter((one) => one !== own && !unable.some((refusal) => refusal.address === one))
  return {
    address,
    name: subject,
    description: undefined,
    owner: own,
    onlyAdminsWrite: false,
    onlyAdminsEdit: false,
    foundedAt: undefined,
    participants: [
      ...(own === undefined ? [] : [{ address: own, role: 'owner' as const }]),
      ...others.map((one) => ({ address: one, role: 'member' as const })),
    ],
  }
}

type GroupMade = Extract<Awaited<ReturnType<GroupRoad['create']>>, { kind: 'ok' }>['value']

async function update(session: LiveSession, group: string, edit: GroupEdit): Promise<RoadAnswer<undefined>> {
  const { name, description, onlyAdminsWrite, onlyAdminsEdit } = edit
  const set = (tag: string, content?: Buffer) => tell(session, group, { tag, attrs: {}, ...(content && { content }) })
  if (name !== undefined) await set('subject', Buffer.from(name))
  if (description !== undefined) await session.socket.groupUpdateDescription(group, description || undefined)
  if (onlyAdminsWrite !== undefined) await set(onlyAdminsWrite ? 'announcement' : 'not_announcement')
  if (onlyAdminsEdit !== undefined) await set(onlyAdminsEdit ? 'locked' : 'unlocked')
  return ok(undefined)
}

/** By JID, the address under which each was named. */
async function findPeople(session: LiveSession, people: readonly string[]): Promise<People> {
  const found = await findRecipients(session, people)
  const missing = people.filter((address) => !found.has(address))
  return {
    jids: new Map([...found].map(([address, jid]) => [jid, address])),
    refused: missing.map((address) => ({ address, code: 'not_on_whatsapp', reason: 'Nobody with this number is on WhatsApp' })),
  }
}

const jidsOf = (people: readonly string[]): People => ({
  jids: new Map(people.flatMap((address) => [[toJid(address) ?? '', address] as const].filter(([jid]) => jid !== ''))),
  refused: [],
})

type Word = Omit<ParticipantRefusal, 'address'>
const PRIVATE: Word = { code: 'not_allowed', reason: 'Their settings let this number not add them; send them an invitation' }
const WORDS: Readonly<Record<string, Word>> = {
  401: { code: 'not_allowed', reason: 'They have blocked this number' },
  403: PRIVATE,
  404: { code: 'not_on_whatsapp', reason: 'Nobody with this number is on WhatsApp' },
  408: { code: 'not_allowed', reason: 'They have left the group a short while ago and cannot be added yet' },
  417: PRIVATE,
  419: { code: 'failed', reason: 'The group is full' },
}
const NOT_IN_GROUP: Word = { code: 'not_in_group', reason: 'They are not in the group' }

/** Whoever is as asked already (409), or is not there to be removed, is no refusal. */
function refusalsOf(answers: readonly Answered[], jids: ReadonlyMap<string, string>, action: Action): ParticipantRefusal[] {
  return answers.flatMap(({ jid, phone, status = '200' }) => {
    const address = jids.get(userJid(jid) ?? '') ?? jids.get(userJid(phone) ?? '') ?? toAddress(phone, jid)
    if (address === undefined || status === '200' || status === '409' || (status === '404' && action === 'remove')) return []
    const word =
      status === '404' && action !== 'add' ? NOT_IN_GROUP : (WORDS[status] ?? { code: 'failed', reason: 'WhatsApp did not do it' })
    return [{ address, ...word }]
  })
}
