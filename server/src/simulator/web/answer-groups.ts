import { randomBytes } from 'node:crypto'
import type { GroupAct, ParticipantRefusal, RoadRefusal, SimulatedGroup } from '#core/transport'
import { isNewsletter } from '../groups.ts'
import { type Answer, type Answerer, NOT_FOUND, ok, refused } from './answers.ts'
import { tellFounded, tellGroupAct } from './group-notices.ts'
import { actOf, groupNode, participantNode } from './groups.wire.ts'
import { child, children, type Node, node, wordsOf } from './nodes.wire.ts'
import { numberOfJid } from './people.ts'
import type { WebState } from './web-state.ts'

const ERRORS: Readonly<Record<RoadRefusal['code'], Answer>> = {
  not_found: NOT_FOUND,
  not_allowed: refused(403, 'forbidden'),
  invalid: refused(400, 'bad-request'),
  unavailable: refused(500, 'internal-server-error'),
}
const PEOPLE_ERRORS: Readonly<Record<ParticipantRefusal['code'], number>> = {
  not_on_whatsapp: 404,
  not_in_group: 404,
  not_allowed: 403,
  failed: 500,
}

/** Groups: the list, one, and what a client does to them. */
export const answerGroups: Answerer = (state, { account }, question) => {
  const [asked] = children(question)
  const { number } = account.person
  const { to = '', type } = question.attrs
  if (!asked) return undefined
  const error = state.faults.groupErrors.get(number)
  if (error !== undefined) return refused(error, 'refused')
  if (to.startsWith('@')) return answerAny(state, number, { asked, isRead: type === 'get' })
  const group = state.network.groups.find(number, to)
  if (!group) return NOT_FOUND
  return type === 'get' ? answerOne(state, group, asked) : changeOne(state, group, asked)
}

function answerAny(state: WebState, number: string, { asked, isRead }: { asked: Node; isRead: boolean }): Answer | undefined {
  const mine = state.network.groups.of(number).filter(({ address }) => !isNewsletter(address))
  switch (asked.tag) {
    case 'participating':
      return ok(
        node(
          'groups',
          {},
          mine.map((group) => groupNode(state.people, group)),
        ),
      )
    case 'create':
      return create(state, number, asked)
    case 'leave': {
      const group = mine.find(({ address }) => address === child(asked, 'group')?.attrs.id)
      return group ? act(state, group, { deed: { act: 'leave' }, answer: () => ok(asked) }) : NOT_FOUND
    }
    case 'invite':
      return answerInvite(state, number, { code: asked.attrs.code ?? '', isRead })
    default:
      return undefined
  }
}

function create(state: WebState, number: string, asked: Node): Answer {
  const people = children(asked, 'participant').flatMap(({ attrs }) => numberOfJid(attrs.jid) ?? [])
  const { group } = state.network.groups.create(number, { name: asked.attrs.subject ?? '', people })
  return { ...ok(groupNode(state.people, group)), after: () => tellFounded(state, group) }
}

/** Somebody who has a group's link looks at it, or comes in. */
function answerInvite({ network, people, invites }: WebState, number: string, { code, isRead }: { code: string; isRead: boolean }): Answer {
  const address = [...invites].find(([, one]) => one === code)?.[0]
  const group = address === undefined ? undefined : network.groups.find(number, address)
  if (!group) return refused(406, 'not-acceptable')
  if (isRead) return ok(groupNode(people, group))
  const verdict = network.groups.act(group, number, { act: 'join' })
  return verdict.kind === 'ok' ? ok(node('group', { jid: group.address })) : ERRORS[verdict.code]
}

function answerOne({ people, invites }: WebState, group: SimulatedGroup, asked: Node): Answer | undefined {
  if (!group.members.has(group.business)) return refused(403, 'forbidden')
  if (asked.tag === 'query') return ok(groupNode(people, group))
  if (asked.tag === 'membership_approval_requests') return ok(node('membership_approval_requests'))
  if (asked.tag !== 'invite') return undefined
  if (!invites.has(group.address)) invites.set(group.address, newCode())
  return ok(node('invite', { code: invites.get(group.address) }))
}

const newCode = (): string => randomBytes(16).toString('base64url')
/** Settings that the simulated groups do not have. */
const WITHOUT_EFFECT = ['ephemeral', 'not_ephemeral', 'member_add_mode', 'membership_approval_mode', 'revoke']

function changeOne(state: WebState, group: SimulatedGroup, asked: Node): Answer | undefined {
  if (WITHOUT_EFFECT.includes(asked.tag)) return ok()
  if (asked.tag === 'invite') {
    state.invites.set(group.address, newCode())
    return ok(node('invite', { code: state.invites.get(group.address) }))
  }
  if (asked.tag === 'accept') return accept(state, group, asked.attrs.code)
  if (asked.tag === 'membership_requests_action') return ok(node(asked.tag, {}, children(asked).map(refusedAll)))
  const deed = actOf(asked, wordsOf(asked.tag === 'description' ? child(asked, 'body') : asked))
  const answer = (faults: readonly ParticipantRefusal[]) =>
    deed && 'people' in deed
      ? ok(
          node(
            asked.tag,
            {},
            deed.people.map((one) => verdictNode(state, one, faults)),
          ),
        )
      : ok()
  return deed && act(state, group, { deed, answer })
}

/** An invitation that came as a message; here its code is that of the group's link. */
function accept(state: WebState, group: SimulatedGroup, code: string | undefined): Answer {
  if (code === undefined || state.invites.get(group.address) !== code) return refused(406, 'not-acceptable')
  return act(state, group, { deed: { act: 'join' }, answer: () => ok(node('group', { jid: group.address })) })
}

/** Nobody here asks to be let in. */
const refusedAll = (verb: Node): Node =>
  node(
    verb.tag,
    {},
    children(verb).map(({ attrs }) => node('participant', { jid: attrs.jid, error: 404 })),
  )

const verdictNode = ({ people }: WebState, number: string, faults: readonly ParticipantRefusal[]): Node => {
  const fault = faults.find(({ address }) => address === number)
  return participantNode(people, number, { error: fault && PEOPLE_ERRORS[fault.code] })
}

type Doing = { deed: GroupAct; answer(refused: readonly ParticipantRefusal[]): Answer }

function act(state: WebState, group: SimulatedGroup, { deed, answer }: Doing): Answer {
  const before = new Map(group.members)
  const who = group.business
  const verdict = state.network.groups.act(group, who, deed)
  if (verdict.kind === 'refused') return ERRORS[verdict.code]
  const moved = 'people' in deed ? deed.people.filter((one) => before.get(one) !== group.members.get(one)) : undefined
  const told = 'people' in deed && moved ? { ...deed, people: moved } : deed
  const tell = () => tellGroupAct(state, { group, who, at: state.network.time.now(), act: told })
  return { ...answer(verdict.refused), ...(moved?.length !== 0 && { after: tell }) }
}
