import { setTimeout as sleep } from 'node:timers/promises'
import { typeId } from '../../server/src/kit/ids.ts'
import { type Books, type EventRow, type MessageRow, type Rows, readBooks } from './books.ts'
import type { Driver, Posted } from './driver.ts'
import type { World } from './world.ts'

export type Facts = {
  world: World
  driver: Driver
  rows: Rows
  url: string
  key: string
  /** The endpoint hears events after this number. */
  since: number
  /** May a message whose outcome stayed unknown reach its phone twice (its receipts were withheld)? */
  mayDouble: boolean
}

/** Every law, checked from the rows, the phones and the customer's receiver. Answers what is broken, in words. */
export async function judge(facts: Facts): Promise<{ broken: string[]; books: Books }> {
  const books = await readBooks(facts.rows)
  const broken = [
    ...acceptedIsKept(facts.driver.posted, books),
    ...nothingIsLeft(books),
    ...sentOnce(facts, books),
    ...inOrder(facts, books),
    ...monotone(books),
    ...facts.world.complaints(),
    ...inboundIsKept(facts.world, books),
    ...everyEventIsTold(facts, books),
    ...countsAreTrue(facts, books),
    ...(await theDoorSaysTheSame(facts, books)),
    ...(await facts.driver.replay(5)),
  ]
  return { broken: summed(broken), books }
}

/** Law 1. */
function acceptedIsKept(posted: readonly Posted[], { messages }: Books): string[] {
  const ours = new Map(posted.map((one) => [one.id, one]))
  const rows = new Map(messages.map((row) => [row.id, row]))
  return [
    ...posted.filter(({ id }) => !rows.has(id)).map(({ tag }) => `accepted and gone: ${tag}`),
    ...messages.filter(({ id }) => !ours.has(id)).map(({ tag }) => `a row that nobody was told of: ${tag}`),
    ...posted.filter(({ id, tag }) => rows.has(id) && rows.get(id)?.tag !== tag).map(({ tag }) => `the row of ${tag} is another message`),
    ...(new Set(posted.map(({ tag }) => tag)).size === posted.length ? [] : ['a message was accepted twice']),
  ]
}

export function nothingIsLeft({ messages, work, unparsed, rejects }: Books): string[] {
  return [
    ...messages.filter(({ state }) => state === 'scheduled' || state === 'sending').map(({ tag, state }) => `left ${state}: ${tag}`),
    ...(work === 0 ? [] : [`${work} rows are left in the outbox`]),
    ...(unparsed === 0 ? [] : [`${unparsed} inbound events are left unparsed`]),
    ...(rejects === 0 ? [] : [`${rejects} inbound bodies could not be read`]),
  ]
}

/** Law 2: at most once, and exactly once but for those that were given up as unknown. */
function sentOnce({ world, mayDouble }: Facts, { messages }: Books): string[] {
  const rows = new Set(messages.map((row) => world.keyOf(row)))
  const strangers = [...world.arrivals.keys()].filter((id) => !rows.has(id)).map((id) => `a phone got ${id}, of which there is no row`)
  return messages.reduce((broken, row) => {
    const { tag, state, code, on_unknown, address, again } = row
    const arrival = world.arrivals.get(world.keyOf(row))
    const times = arrival?.times ?? 0
    const givenUp = state === 'failed' && code === 'outcome_unknown' && on_unknown === 'fail'
    if (arrival && arrival.phone !== address) broken.push(`${tag} went to ${arrival.phone} instead of ${address}`)
    if (times > 1 && !mayDouble) broken.push(`${tag} arrived ${times} times`)
    if (times > 1 && mayDouble && (on_unknown !== 'retry' || times > again + 1))
      broken.push(`${tag} arrived ${times} times with ${again} repeats told`)
    if (times === 0 && !givenUp) broken.push(`${tag} never arrived (${state} ${code ?? ''})`)
    if (times > 0 && !mayDouble && state !== 'read') broken.push(`${tag} was read at its phone, its row says ${state} ${code ?? ''}`)
    return broken
  }, strangers)
}

/** Law 4: a phone got its messages in the order in which they were posted, those given up left out. */
function inOrder({ world, driver }: Facts, { messages }: Books): string[] {
  const rows = new Map(messages.map((row) => [row.id, row]))
  const byPhone = Map.groupBy(driver.posted, ({ phone }) => phone)
  return [...byPhone].flatMap(([phone, posts]) => {
    const placed = posts
      .toSorted((a, b) => a.place - b.place)
      .flatMap((post) => (rows.get(post.id)?.code === 'outcome_unknown' ? [] : [world.arrivals.get(world.keyOf(post))?.first ?? -1]))
    return placed.every((first, i) => i === 0 || first > (placed[i - 1] ?? -1)) ? [] : [`out of order at ${phone}: ${placed.join(' ')}`]
  })
}

const RANK = new Map(['accepted', 'sending', 'sent', 'delivered', 'read', 'played'].map((word, rank) => [`message.${word}`, rank]))

/** Law 7, and that the events tell the same story as the row. */
export function monotone({ messages, events }: Books): string[] {
  const byMessage = Map.groupBy(
    events.filter(({ message_id }) => message_id !== null),
    ({ message_id }) => message_id ?? '',
  )
  return messages.flatMap((row) => storyOf(row, byMessage.get(row.id) ?? []).map((what) => `${row.tag}: ${what}`))
}

function storyOf(row: MessageRow, events: readonly EventRow[]): string[] {
  const words = events.map(({ type }) => type)
  const broken: string[] = []
  if (words[0] !== 'message.accepted') broken.push(`its story begins with ${words[0]}`)
  for (const once of ['accepted', 'sent', 'delivered', 'read', 'failed'])
    if (words.filter((word) => word === `message.${once}`).length > 1) broken.push(`${once} was told twice`)
  let rank = 0
  for (const word of words) {
    const next = RANK.get(word)
    if (word === 'message.failed' && rank > (RANK.get('message.sent') ?? 0)) broken.push('failed after it was delivered')
    if (next === undefined) continue
    if (next < rank) broken.push(`${word} after ${words.join(' ')}`)
    rank = next
  }
  const last = words.at(-1)
  if (last !== `message.${row.state}`) broken.push(`its row says ${row.state}, its last event ${last}`)
  if (words.includes('message.failed') && row.state !== 'failed' && !words.includes('message.recovered'))
    broken.push('left failed without a word')
  return broken
}

/** Law 8: what was answered with 200 is a row, once. */
function inboundIsKept({ written }: World, { inbound }: Books): string[] {
  const times = new Map<string, number>()
  for (const text of inbound) times.set(text, (times.get(text) ?? 0) + 1)
  return [
    ...written.filter((text) => times.get(text) !== 1).map((text) => `"${text}" is ${times.get(text) ?? 0} rows`),
    ...(inbound.length === written.length ? [] : [`${inbound.length} inbound rows for ${written.length} messages`]),
  ]
}

/** Law 9: numbers without gaps, and each event told at least once. */
export function everyEventIsTold({ world: { told }, since }: Pick<Facts, 'world' | 'since'>, { events }: Books): string[] {
  const gaps = events.flatMap(({ seq }, i) =>
    seq === (events[i - 1]?.seq ?? seq - 1) + 1 ? [] : [`events: ${seq} follows ${events[i - 1]?.seq}`],
  )
  const untold = events.filter(({ id, seq }) => seq > since && told.get(typeId('evt', id))?.seq !== seq)
  return [...gaps, ...untold.map(({ seq, type }) => `event ${seq} (${type}) was never told`)]
}

/** Law 10. */
function countsAreTrue({ driver }: Facts, { messages, inbound, events, unread }: Books): string[] {
  const ends = new Map<string, number>()
  for (const { state } of messages) ends.set(state, (ends.get(state) ?? 0) + 1)
  const total = [...ends.values()].reduce((sum, count) => sum + count, 0)
  const accepted = events.filter(({ type }) => type === 'message.accepted').length
  const received = events.filter(({ type }) => type === 'message.received').length
  return [
    ...(total === driver.posted.length ? [] : [`${total} messages for ${driver.posted.length} accepted`]),
    ...(accepted === driver.posted.length ? [] : [`${accepted} events message.accepted for ${driver.posted.length} accepted`]),
    ...(received === inbound.length ? [] : [`${received} events message.received for ${inbound.length} inbound rows`]),
    ...(unread === inbound.length ? [] : [`${unread} unread for ${inbound.length} inbound rows`]),
  ]
}

/** The list of the API, page by page, names the same messages as the rows. */
async function theDoorSaysTheSame({ url, key }: Facts, { messages }: Books): Promise<string[]> {
  const listed = new Set<string>()
  let cursor: string | null = ''
  while (cursor !== null) {
    const answer = await fetch(`${url}/v2/messages?direction=out&limit=200&order=asc${cursor && `&cursor=${cursor}`}`, {
      headers: { authorization: `Bearer ${key}` },
    })
    if (answer.status === 429) {
      await answer.arrayBuffer()
      await sleep(1_000)
      continue
    }
    const page = (await answer.json()) as { data: { id: string; state: string }[]; nextCursor: string | null } // GET /v2/messages
    for (const { id, state } of page.data) listed.add(`${id} ${state}`)
    cursor = page.nextCursor
  }
  const wrong = messages.filter(({ id, state }) => !listed.has(`${typeId('msg', id)} ${state}`))
  return [
    ...wrong.map(({ tag }) => `the list of messages does not show ${tag} as it is`),
    ...(listed.size === messages.length ? [] : [`the list shows ${listed.size} messages of ${messages.length}`]),
  ]
}

const SHOWN_MOST = 25

export const summed = (broken: string[]): string[] =>
  broken.length > SHOWN_MOST ? [...broken.slice(0, SHOWN_MOST), `and ${broken.length - SHOWN_MOST} more`] : broken
