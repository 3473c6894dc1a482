import { type Call, get, kept, patch, post, remove, rowsOf, type World } from './call.ts'
import type { Read } from './clients.ts'

const MANY = 150
/** Some lack the word of the text. */
const people = ({ many }: World) =>
  Array.from({ length: MANY }, (_, i) => ({ to: `${many}${100 + i}`, ...(i > 0 && { variables: { first_name: `P${i}` } }) }))
const inCampaign = (world: World, ...more: string[]) => ['campaigns', kept(world, 'campaign'), ...more]
const inAudience = (world: World, ...more: string[]) => ['audiences', kept(world, 'small'), ...more]
const onContact = (world: World) => inAudience(world, 'contacts', kept(world, 'contact'))

/** Audiences, and campaigns to them. */
export const AUDIENCE_CALLS: readonly Call[] = [
  {
    method: 'audiences.create',
    ask: (world) => post(['audiences'], { name: 'Many', contacts: people(world) }),
    wants: 'Audience',
    says: () => ({ name: 'Many', contactCount: MANY }),
    keep: ({ id }) => ({ large: id }),
  },
  {
    method: 'audiences.create',
    ask: () => post(['audiences'], { name: 'Few' }),
    wants: 'Audience',
    says: () => ({ contactCount: 0 }),
    keep: ({ id }) => ({ small: id }),
  },
  { method: 'audiences.list', ask: () => get(['audiences'], { limit: 1 }), wants: { page: 'Audience' } },
  {
    method: 'audiences.appendContacts',
    ask: (world) => post(inAudience(world, 'contacts'), { contacts: [{ to: world.number, variables: { first_name: 'Ana' } }] }),
    wants: 'Added',
    says: () => ({ added: 1, contactCount: 1 }),
  },
  {
    method: 'audiences.get',
    ask: (world) => get(inAudience(world), { page: 1 }),
    wants: 'Audience',
    says: ({ number }) => ({ page: 1, hasMore: false, contacts: [{ to: number, variables: { first_name: 'Ana' } }] }),
    keep: ({ contacts }) => ({ contact: (contacts as Read[])[0]?.id }), // said above
  },
  {
    method: 'audiences.update',
    ask: (world) => patch(inAudience(world), { name: 'Fewer' }),
    wants: 'Audience',
    says: () => ({ name: 'Fewer' }),
  },
  {
    method: 'audiences.updateContact',
    ask: (world) => patch(onContact(world), { to: world.other, variables: { first_name: 'Anna', second_name: 'Q' } }),
    wants: 'AudienceContact',
    says: ({ other }) => ({ to: other, variables: { first_name: 'Anna', second_name: 'Q' } }),
  },
  { method: 'audiences.deleteContact', ask: (world) => remove(onContact(world)), wants: 'anything' },
  { method: 'audiences.delete', ask: (world) => remove(inAudience(world)), wants: 'Deleted' },
  {
    method: 'campaigns.create',
    ask: (world) =>
      post(['campaigns'], {
        ...{ name: 'Spring', audienceId: kept(world, 'large'), text: 'Hello {first_name}' },
        ...{ onMissingVariable: 'skip', from: world.own },
      }),
    wants: 'Campaign',
    says: (world) => ({ status: 'pending', totalCount: MANY, from: world.own, audienceId: kept(world, 'large') }),
    keep: ({ id }) => ({ campaign: id }),
  },
  {
    method: { first: 'campaigns.get', camel: 'campaigns.retrieve' },
    ask: (world) => get(inCampaign(world)),
    wants: 'Campaign',
    until: ({ status, startedAt }) => status === 'running' && startedAt !== null,
  },
  {
    method: 'campaigns.pause',
    ask: (world) => post(inCampaign(world, 'pause')),
    wants: 'Campaign',
    says: () => ({ status: 'paused' }),
  },
  {
    method: 'campaigns.resume',
    ask: (world) => post(inCampaign(world, 'resume')),
    wants: 'Campaign',
    says: () => ({ status: 'running' }),
  },
  {
    method: 'campaigns.cancel',
    ask: (world) => post(inCampaign(world, 'cancel')),
    wants: 'Campaign',
    says: () => ({ status: 'aborted', completedAt: null }),
  },
  {
    method: 'campaigns.list',
    ask: () => get(['campaigns'], { limit: 1 }),
    wants: { page: 'Campaign' },
    until: (page) => rowsOf(page).some(({ status, abortedAt }) => status === 'aborted' && abortedAt !== null),
  },
]
