import type { Workspace } from './asked.ts'
import type { DoorName } from './document.ts'
import type { Line } from './exchange.ts'
import { parsed } from './judge.ts'
import { idsIn, type Place, type Things } from './things.ts'

export type Keys = Record<Workspace, Record<DoorName, string>>
type Tools = { line: Line; keys: Keys; things: Things }

const WORKSPACES = ['test', 'live'] as const
const WIDE = { settings: { rate: 1_000, dailyCap: 10_000_000 } }

/** The keys and channels of the first day stay. Answers with the channels. */
export async function spareFirst({ line, keys, things }: Tools): Promise<string[]> {
  const channels: string[] = []
  for (const workspace of WORKSPACES) {
    things.learn(workspace, { apiKey: keys[workspace]['blueticks-co'] })
    for (const url of ['/v2/api-keys', '/v2/channels', '/v2/me']) {
      const { text } = await send({ line, key: keys[workspace].canonical }, 'GET', url)
      meet(things, workspace, text)
      things.spare(parsed(text))
      if (url === '/v2/channels') channels.push(...idsIn(text))
    }
  }
  return channels
}

/**
 * Puts right what the requests put out of order, lest the later ones meet paused channels and a network that drops all. And makes what
 * they seldom make: a poll that arrives, a draft, a campaign that does not reach everybody.
 */
export async function tend({ line, keys, things }: Tools, channels: readonly string[]): Promise<void> {
  const asker = { line, key: keys.test.canonical }
  await send(asker, 'DELETE', '/v2/simulator/faults')
  for (const id of channels) {
    await send(asker, 'PATCH', `/v2/channels/${id}`, WIDE)
    await send(asker, 'POST', `/v2/channels/${id}/resume`, {})
  }
  for (const [path, body] of SCENE) meet(things, 'test', (await send(asker, 'POST', path, body)).text)
  const phone = await send(asker, 'GET', `/v2/simulator/phones/${encodeURIComponent(VOTER)}`)
  meet(things, 'test', phone.text, { root: '/simulator/phones', whole: VOTER })
}

/** What was asked for here is surely the workspace's own. */
function meet(things: Things, workspace: Workspace, text: string, place?: Place): void {
  for (const id of idsIn(text)) things.claim(workspace, id)
  things.learn(workspace, parsed(text), place)
}

const VOTER = '+14155550101'
const NOBODY = '+14155550002'
const CAMPAIGN = { name: 'Scene', recipients: [{ to: NOBODY }], text: 'Hi' }
const SCENE: readonly [path: string, body: unknown][] = [
  ['/v2/messages', { to: VOTER, content: { type: 'poll', question: 'Lunch?', options: ['Pizza', 'Pasta'] } }],
  ['/v2/campaigns', CAMPAIGN],
  ['/v2/campaigns', { ...CAMPAIGN, draft: true }],
]

const send = ({ line, key }: { line: Line; key: string }, method: string, url: string, body?: unknown) => {
  const headers = { authorization: `Bearer ${key}`, ...(body !== undefined && { 'content-type': 'application/json' }) }
  return line.send({ method, url, headers, body: body === undefined ? undefined : Buffer.from(JSON.stringify(body)) })
}
