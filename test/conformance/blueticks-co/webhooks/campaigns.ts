import { eventually } from '../../house.ts'
import { campaign, TIME } from './models.ts'
import type { Expected } from './receiver.ts'
import { ask, type Deed, inAMoment, own, v2, type World } from './world.ts'

const people = (count: number, end: string) => Array.from({ length: count }, (_, i) => ({ to: `+1415${200 + i}${end}` }))

async function audience(world: World, name: string, contacts: readonly object[]): Promise<string> {
  return String((await ask(world, 'POST', '/v1/audiences', { name, contacts })).id)
}

const changed = (type: string, { id, ...more }: Parameters<typeof campaign>[0]): Expected => ({
  type,
  where: { id },
  data: campaign({ id, ...more }),
})

const isAt = (world: World, id: string, status: string) =>
  eventually(async () => (await ask(world, 'GET', `/v1/campaigns/${id}`)).status === status)

export const CAMPAIGNS: readonly Deed[] = [
  {
    title: 'a campaign starts, is paused, goes on and is over',
    names: ['campaign.started', 'campaign.paused', 'campaign.resumed', 'campaign.completed'],
    async happens(world) {
      const audienceId = await audience(world, 'Spring', people(world.house.facts.crowd, '0430'))
      const made = await ask(world, 'POST', '/v1/campaigns', { name: 'Spring', audienceId, text: 'Hello' })
      const id = String(made.id)
      await isAt(world, id, 'running')
      await ask(world, 'POST', `/v1/campaigns/${id}/pause`)
      await ask(world, 'POST', `/v1/campaigns/${id}/resume`)
      const known = { id, audienceId, name: 'Spring', from: own(world) }
      return [
        changed('campaign.started', { ...known, status: 'running' }),
        changed('campaign.paused', { ...known, status: 'paused' }),
        changed('campaign.resumed', { ...known, status: 'running' }),
        changed('campaign.completed', { ...known, status: 'complete_sent', totalCount: world.house.facts.crowd, completedAt: TIME }),
      ]
    },
  },
  {
    title: 'a campaign in which too much fails is paused',
    names: ['campaign.paused'],
    async happens(world) {
      const audienceId = await audience(world, 'Nobody', people(60, '0002'))
      const made = await ask(world, 'POST', '/v1/campaigns', { name: 'Nobody', audienceId, text: 'Hello' })
      return [changed('campaign.paused', { id: String(made.id), audienceId, name: 'Nobody', from: own(world), status: 'paused' })]
    },
  },
  {
    title: 'a campaign is cancelled before it starts',
    names: ['campaign.aborted'],
    async happens(world) {
      const audienceId = await audience(world, 'Never', people(2, '0431'))
      const made = await v2(world, 'POST', '/campaigns', { name: 'Never', audienceId, text: 'Hello', startAt: inAMoment(3_600_000) })
      await ask(world, 'POST', `/v1/campaigns/${made.id}/cancel`)
      const known = { id: String(made.id), audienceId, name: 'Never', from: own(world), startedAt: null }
      return [changed('campaign.aborted', { ...known, status: 'aborted', abortedAt: TIME })]
    },
  },
  {
    title: 'a campaign that lacks a word when it begins is over',
    names: ['campaign.started', 'campaign.aborted'],
    async happens(world) {
      const [person] = people(1, '0432')
      const audienceId = await audience(world, 'Words', [{ ...person, variables: { name: 'Ana' } }])
      const made = await v2(world, 'POST', '/campaigns', { name: 'Words', audienceId, text: 'Hello {name}', startAt: inAMoment(1_500) })
      const { contacts } = await ask(world, 'GET', `/v1/audiences/${audienceId}?page=1`)
      const [member] = contacts as { id: string }[]
      await ask(world, 'PATCH', `/v1/audiences/${audienceId}/contacts/${member?.id}`, { variables: {} })
      const known = { id: String(made.id), audienceId, name: 'Words', from: own(world) }
      return [
        changed('campaign.started', { ...known, status: 'running' }),
        changed('campaign.aborted', { ...known, status: 'aborted', abortedAt: TIME }),
      ]
    },
  },
]
