import { eventually } from '../conformance/house.ts'
import { keysOf } from './fuzz.ts'
import type { Stage } from './stage.ts'
import { idsIn } from './things.ts'

/** The faults that requests put on the simulated network cut connections. */
const ASKED_FOR = /many sends end without an answer/

const LISTS = [
  'messages',
  'conversations',
  'contacts',
  'audiences',
  'campaigns',
  'channels',
  'webhooks',
  'deliveries',
  'events',
  'api-keys',
]

/** What is not as it should be when all was asked: alive, at work, each workspace with its own alone. Empty: all is well. */
export async function findUnrest(stage: Stage): Promise<string[]> {
  const { status } = await stage.house.ask('/readyz', { key: null })
  if (status !== 200) return [`readyz answers ${status}`]
  const shared = await findShared(stage)
  const idle = await sendOne(stage).then(
    () => [],
    (error: Error) => [`a plain message does not leave any more: ${error.message}`],
  )
  const errors = stage.errors().filter((line) => !ASKED_FOR.test(line))
  return [...shared, ...idle, ...errors.map((line) => `logged: ${line}`)]
}

async function findShared(stage: Stage): Promise<string[]> {
  const { test, live } = keysOf(stage)
  const wrong: string[] = []
  for (const list of LISTS) {
    const mine = await listOf(stage, list, test.canonical)
    const theirs = new Set(await listOf(stage, list, live.canonical))
    const both = mine.filter((id) => theirs.has(id))
    if (both.length > 0) wrong.push(`${list} of two workspaces share ${both[0]}`)
  }
  return wrong
}

async function listOf({ house }: Stage, list: string, key: string): Promise<string[]> {
  const { status, body } = await house.ask(`/v2/${list}?limit=100`, { key })
  if (status !== 200 || !Array.isArray(body.data)) throw new Error(`/v2/${list} answers ${status}`)
  return body.data.flatMap(({ id }) => idsIn(String(id)))
}

/** From a channel of its own, for the others may have been paused; the network keeps its promises again. */
async function sendOne(stage: Stage): Promise<void> {
  const { house } = stage
  const key = keysOf(stage).test.canonical
  await house.ask('/v2/simulator/faults', { method: 'DELETE', key })
  const channel = await house.ask('/v2/channels', { key, body: { kind: 'sandbox', persona: 'own_number' } })
  const sent = await house.ask('/v2/messages', { key, body: { to: '+14155559876', text: 'still there', channelId: channel.body.id } })
  if (sent.status !== 201) throw new Error(`${sent.status} ${sent.text}`)
  await eventually(
    async () => ['sent', 'delivered', 'read'].includes(String((await house.ask(`/v2/messages/${sent.body.id}`, { key })).body.state)),
    60_000,
  )
}
