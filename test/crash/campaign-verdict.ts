import { type Books, type Rows, readBooks } from './books.ts'
import type { CampaignCustomer, ShownCampaign } from './campaign-customer.ts'
import { until } from './until.ts'
import { everyEventIsTold, monotone, nothingIsLeft, summed } from './verdict.ts'
import type { World } from './world.ts'

export type CampaignFacts = {
  world: World
  rows: Rows
  since: number
  customer: CampaignCustomer
  phones: readonly string[]
  isCancelled: boolean
}

/** What the rows say of it in the end. */
export type CampaignBooks = { counts: Record<string, number>; unknown: number; arrived: number; events: number }

type RecipientRow = {
  id: string
  address: string
  state: string
  reason: string | null
  message: string | null
  messageState: string | null
}

const RECIPIENTS = `select r.id, r.address, r.state, r.reason, m.id as message, m.state as "messageState" from campaign_recipients r
  left join messages m on m.workspace_id = r.workspace_id and m.id = r.id`
const FACTS_MS = 15_000

/** Every law of a campaign, from the rows, the phones, the customer's receiver and the door. */
export async function judgeCampaign(facts: CampaignFacts): Promise<{ broken: string[]; books: CampaignBooks }> {
  const books = await readBooks(facts.rows)
  const recipients = await facts.rows.ask<RecipientRow>(RECIPIENTS)
  const counts = countsOf(recipients)
  const broken = [
    ...nothingIsLeft(books),
    ...everybodyOnce(facts, recipients),
    ...atMostOnce(facts, books),
    ...monotone(books),
    ...everyEventIsTold(facts, books),
    ...(await countsAreTrue(facts, counts)),
    ...toldOnce(facts, books),
    ...(await queueIsGone(facts)),
  ]
  const unknown = books.messages.filter(({ code }) => code === 'outcome_unknown').length
  return { broken: summed(broken), books: { counts, unknown, arrived: facts.world.arrivals.size, events: books.events.length } }
}

function countsOf(recipients: readonly RecipientRow[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { state, messageState } of recipients) {
    const shown = messageState ?? state
    counts[shown] = (counts[shown] ?? 0) + 1
  }
  return counts
}

/** The frozen are the audience, and each has his one message, or a reason for none. */
function everybodyOnce({ phones, isCancelled }: CampaignFacts, recipients: readonly RecipientRow[]): string[] {
  const frozen = new Map(recipients.map((one) => [one.address, one]))
  return [
    ...(frozen.size === recipients.length ? [] : ['somebody is a recipient twice']),
    ...phones.filter((phone) => !frozen.has(phone) && !isCancelled).map((phone) => `${phone} is no recipient`),
    ...(recipients.length <= phones.length ? [] : [`${recipients.length} recipients for ${phones.length} people`]),
    ...recipients.flatMap(({ address, state, message, reason }) => {
      if (state === 'made') return message === null ? [`${address} has no message and should`] : []
      if (message !== null) return [`${address} is ${state} and has a message`]
      return isCancelled && state === 'cancelled' && reason !== null ? [] : [`${address} is left ${state}`]
    }),
  ]
}

/** A phone got one message at most, and exactly one unless its row says why not. */
function atMostOnce({ world, isCancelled }: CampaignFacts, { messages }: Books): string[] {
  const rows = new Map(messages.map((row) => [row.id, row]))
  const byPhone = new Map<string, number>()
  for (const { phone, times } of world.arrivals.values()) byPhone.set(phone, (byPhone.get(phone) ?? 0) + times)
  const mayStay = ({ state, code }: { state: string; code: string | null }) =>
    (state === 'failed' && code === 'outcome_unknown') || (isCancelled && state === 'cancelled')
  return [
    ...[...byPhone].filter(([, times]) => times > 1).map(([phone, times]) => `${phone} got ${times} messages`),
    ...[...world.arrivals]
      .filter(([id, { phone }]) => rows.get(id)?.address !== phone)
      .map(([id]) => `${id} arrived and is not of these rows`),
    ...messages
      .filter((row) => !world.arrivals.has(row.id) && !mayStay(row))
      .map((row) => `${row.address} got nothing: ${row.state} ${row.code ?? ''}`),
    ...messages
      .filter(({ id, state }) => world.arrivals.has(id) && state !== 'read')
      .map(({ address, state, code }) => `${address} has read it, its row says ${state} ${code ?? ''}`),
  ]
}

/** Law 10, at the door: the counts are those of the rows and of the phones, each failure has its reason. */
async function countsAreTrue({ customer, world, phones }: CampaignFacts, counts: Record<string, number>): Promise<string[]> {
  let shown: ShownCampaign | undefined
  const wanted = JSON.stringify(Object.entries(counts).sort())
  const isTrue = async () => {
    shown = await customer.look() // of a large one the last count is good for a moment
    return JSON.stringify(Object.entries(shown.counts).sort()) === wanted
  }
  const differs = await until(FACTS_MS, 'the counts', isTrue).then(
    () => [],
    () => [`the door counts ${JSON.stringify(shown?.counts)}, the rows ${wanted}`],
  )
  const explained = shown?.reasons
    .filter(({ state, reason }) => state === 'failed' && reason !== '')
    .reduce((sum, { count }) => sum + count, 0)
  return [
    ...differs,
    ...((counts.read ?? 0) === world.arrivals.size ? [] : [`${counts.read} are read, ${world.arrivals.size} arrived`]),
    ...((counts.failed ?? 0) === explained ? [] : [`${counts.failed} failed, ${explained} have a reason`]),
    ...(shown && shown.recipients <= phones.length ? [] : [`${shown?.recipients} recipients are shown`]),
  ]
}

/** Law 9 for what is told once: its beginning and its end; each pause has its end. */
function toldOnce({ isCancelled }: CampaignFacts, { events }: Books): string[] {
  const told = new Map<string, number>()
  for (const { type } of events) if (type.startsWith('campaign.')) told.set(type, (told.get(type) ?? 0) + 1)
  const end = isCancelled ? 'campaign.cancelled' : 'campaign.completed'
  return [
    ...['campaign.scheduled', 'campaign.started', end]
      .filter((type) => told.get(type) !== 1)
      .map((type) => `${type} was told ${told.get(type) ?? 0} times`),
    ...(told.get('campaign.paused') === told.get('campaign.resumed') ? [] : ['a pause was told that has no end']),
    ...(told.has('campaign.guarded') ? ['the guard paused it'] : []),
  ]
}

/** Of a cancelled one it goes with the next look at it, which a kill may have put off. */
const queueIsGone = ({ rows, customer }: CampaignFacts): Promise<string[]> =>
  until(FACTS_MS, 'its queue is gone', async () => {
    const left = await rows.ask('select 1 from queues where campaign_id = $1', [customer.campaignId])
    return left.length === 0
  }).then(
    () => [],
    () => ['its queue is left'],
  )
