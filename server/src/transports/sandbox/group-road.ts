import type {
  GroupAct,
  GroupRoad,
  NewsletterRoad,
  RoadAnswer,
  RoadGroup,
  RoadNewsletter,
  RoadParticipant,
  SimulatedGroup,
  TransportChannel,
} from '#core/transport'
import { toRoadGroup, toRoadNewsletter } from './groups.wire.ts'
import type { SandboxNetwork } from './sandbox-network.ts'

/** What the database knows of groups and newsletters, and the network, which lives in memory, may not. */
export type GroupRows = {
  group(channelId: string, address: string): Promise<RoadGroup | undefined>
  newsletter(channelId: string, address: string): Promise<RoadNewsletter | undefined>
}

type Place = Pick<TransportChannel, 'id' | 'number'>
type Groups = SandboxNetwork['groups']

/** The group as the network has it now, founded again from our row: another node, or a process of before, may know more than this one. */
export async function refoundGroup(
  groups: Groups,
  rows: GroupRows,
  { id, number }: Place,
  address: string,
): Promise<SimulatedGroup | undefined> {
  await groups.refound(number, address, async () =>
    address.endsWith('@newsletter') ? newsletterAsGroup(groups, number, await rows.newsletter(id, address)) : rows.group(id, address),
  )
  return groups.find(number, address)
}

/** Every newsletter here has the same followers, so that a forgotten one comes back whole. */
function newsletterAsGroup({ followers }: Groups, owner: string, row: RoadNewsletter | undefined): RoadGroup | undefined {
  if (!row) return undefined
  const { address, name, description, foundedAt } = row
  const participants: RoadParticipant[] = [
    { address: owner, role: 'owner' },
    ...followers.map((follower) => ({ address: follower, role: 'member' as const })),
  ]
  return { address, name, description, owner, onlyAdminsWrite: true, onlyAdminsEdit: true, foundedAt, participants }
}

const GONE = { kind: 'refused', code: 'not_found', reason: 'The network knows no such group' } as const

export function openGroupRoad(groups: Groups, rows: GroupRows): GroupRoad {
  const act = async (channel: TransportChannel, address: string, deed: GroupAct): Promise<RoadAnswer<{ refused: Refusals }>> => {
    const group = await refoundGroup(groups, rows, channel, address)
    if (!group) return GONE
    const verdict = groups.act(group, channel.number, deed)
    return verdict.kind === 'ok' ? { kind: 'ok', value: { refused: verdict.refused } } : verdict
  }
  const plain = async (channel: TransportChannel, address: string, deed: GroupAct): Promise<RoadAnswer<undefined>> => {
    const answer = await act(channel, address, deed)
    return answer.kind === 'ok' ? { kind: 'ok', value: undefined } : answer
  }
  return {
    async create({ number }, wish) {
      const { group, refused } = groups.create(number, wish)
      return { kind: 'ok', value: { group: toRoadGroup(group), refused } }
    },
    update: (channel, address, edit) => plain(channel, address, { act: 'change', ...edit }),
    changeParticipants: (channel, address, { action, people }) => act(channel, address, { act: action, people }),
    setPicture: (channel, address) => plain(channel, address, { act: 'change', picture: true }),
    leave: (channel, address) => plain(channel, address, { act: 'leave' }),
  }
}
type Refusals = ReturnType<Groups['create']>['refused']

export const openNewsletterRoad = (groups: Groups): NewsletterRoad => ({
  create: async ({ number }, wish) => ({ kind: 'ok', value: toRoadNewsletter(groups.createNewsletter(number, wish)) }),
})
