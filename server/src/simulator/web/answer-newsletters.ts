import { QueryIds } from 'baileys'
import type { SimulatedGroup } from '#core/transport'
import { isNewsletter } from '../groups.ts'
import { type Fields, fields, text } from '../json-fields.ts'
import { type Answerer, ok } from './answers.ts'
import { bytesOf, child, node } from './nodes.wire.ts'
import type { WebState } from './web-state.ts'

type Asking = { state: WebState; number: string; variables: Fields }
/** What a query answers, under the name that clients look for; undefined: there is no such thing. */
type Query = { name: string; ask(asking: Asking): unknown }

const newsletterOf = ({ state, variables }: Asking): SimulatedGroup | undefined =>
  state.network.groups.newsletter(text(variables.newsletter_id) ?? text(fields(variables.input).key) ?? '')

/** What a number owns or follows; the library has no name for it. */
const SUBSCRIBED = '6388546374527196'

const QUERIES: Readonly<Partial<Record<string, Query>>> = {
  [QueryIds.CREATE]: { name: 'xwa2_newsletter_create', ask: create },
  [QueryIds.METADATA]: { name: 'xwa2_newsletter', ask: find },
  [QueryIds.UPDATE_METADATA]: { name: 'xwa2_newsletter_update', ask: update },
  [SUBSCRIBED]: {
    name: 'xwa2_newsletter_subscribed',
    ask: ({ state, number }) =>
      state.network.groups
        .of(number)
        .filter(({ address }) => isNewsletter(address))
        .map((newsletter) => newsletterFacts(newsletter, number)),
  },
  [QueryIds.SUBSCRIBERS]: {
    name: 'xwa2_newsletter_subscribers',
    ask: (asking) => withNewsletter(asking, ({ members }) => ({ subscribers: members.size - 1 })),
  },
  [QueryIds.FOLLOW]: { name: 'xwa2_newsletter_join_v2', ask: (asking) => follow(asking, true) },
  [QueryIds.UNFOLLOW]: { name: 'xwa2_newsletter_leave_v2', ask: (asking) => follow(asking, false) },
  [QueryIds.MUTE]: { name: 'xwa2_newsletter_mute_v2', ask: (asking) => withNewsletter(asking, ({ address }) => ({ id: address })) },
  [QueryIds.UNMUTE]: { name: 'xwa2_newsletter_unmute_v2', ask: (asking) => withNewsletter(asking, ({ address }) => ({ id: address })) },
  [QueryIds.ADMIN_COUNT]: { name: 'xwa2_newsletter_admin', ask: (asking) => withNewsletter(asking, () => ({ admin_count: 1 })) },
  [QueryIds.REACHOUT_TIMELOCK]: { name: 'xwa2_fetch_account_reachout_timelock', ask: ({ state, number }) => timeLockOf(state, number) },
  [QueryIds.MESSAGE_CAPPING_INFO]: {
    name: 'xwa2_message_capping_info',
    ask: () => ({ total_quota: -1, used_quota: 0, capping_status: 'NONE' }),
  },
}

/** Queries in GraphQL: newsletters, and how the account stands. */
export const answerNewsletters: Answerer = (state, { account }, question) => {
  const asked = child(question, 'query')
  const query = QUERIES[asked?.attrs.query_id ?? '']
  if (!query) return undefined
  const { variables } = fields(JSON.parse(bytesOf(asked).toString('utf8')))
  const found = query.ask({ state, number: account.person.number, variables: fields(variables) })
  const answer =
    found === undefined ? { errors: [{ message: 'Not found', extensions: { error_code: 404 } }] } : { data: { [query.name]: found } }
  return ok(node('result', {}, Buffer.from(JSON.stringify(answer))))
}

/** The posts of a newsletter, and being told of new ones. */
export const answerPosts: Answerer = (_state, _device, question) => {
  if (child(question, 'live_updates')) return ok(node('live_updates', { duration: 300 }))
  return child(question, 'message_updates') ? ok(node('message_updates', {}, [])) : undefined
}

/** How an account is locked out of new chats; the same words go into a notice. */
export function timeLockOf({ faults }: WebState, number: string): Fields {
  const until = faults.reachoutLocks.get(number)
  if (until === undefined) return { is_active: false, time_enforcement_ends: '0', enforcement_type: 'DEFAULT' }
  return { is_active: true, time_enforcement_ends: String(Math.floor(until / 1000)), enforcement_type: 'BIZ_QUALITY' }
}

function withNewsletter<T>(asking: Asking, tell: (newsletter: SimulatedGroup) => T): T | undefined {
  const newsletter = newsletterOf(asking)
  return newsletter && tell(newsletter)
}

function create({ state, number, variables }: Asking): unknown {
  const { name, description } = fields(variables.input)
  const words = { name: text(name) ?? '', description: text(description) }
  return newsletterFacts(state.network.groups.createNewsletter(number, words), number)
}

function find(asking: Asking): unknown {
  const { key, type } = fields(asking.variables.input)
  const address = type === 'INVITE' ? `${text(key) ?? ''}@newsletter` : (text(key) ?? '')
  const newsletter = asking.state.network.groups.newsletter(address)
  return newsletter && newsletterFacts(newsletter, asking.number)
}

function update(asking: Asking): unknown {
  const { name, description } = fields(asking.variables.updates)
  return withNewsletter(asking, (newsletter) => {
    const act = { act: 'change' as const, name: text(name), description: text(description) }
    const verdict = asking.state.network.groups.act(newsletter, asking.number, act)
    return verdict.kind === 'ok' ? newsletterFacts(newsletter, asking.number) : undefined
  })
}

function follow(asking: Asking, isFollowing: boolean): unknown {
  return withNewsletter(asking, (newsletter) => {
    asking.state.network.groups.act(newsletter, asking.number, { act: isFollowing ? 'join' : 'leave' })
    return { id: newsletter.address }
  })
}

const ROLES = { owner: 'OWNER', admin: 'ADMIN', member: 'SUBSCRIBER' } as const

function newsletterFacts({ address, name, description, foundedAt, members }: SimulatedGroup, number: string): unknown {
  const role = members.get(number)
  const born = String(Math.floor(foundedAt / 1000))
  const words = (what: string) => ({ id: '1', text: what, update_time: String(foundedAt) })
  const picture = { id: '', type: 'IMAGE', direct_path: '' }
  return {
    id: address,
    state: { type: 'ACTIVE' },
    thread_metadata: {
      name: words(name),
      description: words(description ?? ''),
      invite: address.replace('@newsletter', ''),
      creation_time: born,
      subscribers_count: String(members.size - 1),
      verification: 'UNVERIFIED',
      handle: null,
      picture,
      preview: picture,
    },
    viewer_metadata: { mute: 'OFF', role: role ? ROLES[role] : 'GUEST' },
  }
}
