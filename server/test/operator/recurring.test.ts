import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../house.ts'
import { type Installation, openInstallation, type RunningHouse } from './house-process.ts'

let installation: Installation
let house: RunningHouse
beforeAll(async () => {
  installation = openInstallation()
  house = await installation.start()
})
afterAll(() => installation.clear())

type Json = {
  id: string
  state: string
  data: { id: string; state: string; type: string; content: { text?: string }; data: { messageId: string } }[]
}

async function call(method: string, path: string, body?: object): Promise<Json> {
  const answer = await fetch(`${house.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${installation.firstRun().keys.canonical}`,
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  })
  return (await answer.json()) as Json // the lines below look at what they use
}

const once = async (seconds: number, to: string) => {
  const made = await call('POST', '/v2/recurrences', {
    rule: 'FREQ=DAILY;COUNT=1',
    startsAt: new Date(Date.now() + seconds * 1_000).toISOString().slice(0, 19),
    timeZone: 'UTC',
    to,
    text: 'again',
  })
  expect(made).toMatchObject({ state: 'active' })
  return made
}
const countOf = async (state: string) => (await call('GET', `/v2/recurrences?limit=200&state=${state}`)).data.length
const messagesOf = async (id: string) => (await call('GET', `/v2/recurrences/${id}/messages`)).data

test('the words of a plan stand once below a message that recurs', async () => {
  expect(await installation.chasqui(['plan', 'My organization', 'free'])).toMatchObject({ code: 0 })
  const { id } = await once(2, '+14155553000')
  // asked seldom: this plan takes few requests a minute
  const [bubble] = await eventually(
    async () => {
      const { bubbles } = (await call('GET', '/v2/simulator/phones/+14155553000')) as unknown as {
        bubbles: { content: { text: string } }[]
      }
      return bubbles?.length > 0 && bubbles
    },
    20_000,
    1_000,
  )
  expect(bubble?.content.text).toMatch(/^again\n\n./)
  expect((bubble?.content.text ?? '').split('\n\n')).toHaveLength(2)
  expect((await messagesOf(id))[0]?.content).toEqual({ type: 'text', text: 'again' })
  expect(await installation.chasqui(['plan', 'My organization', 'unlimited'])).toMatchObject({ code: 0 })
}, 60_000)

test('a house that is killed around the times of occurrences sends each once', async () => {
  const made: string[] = []
  for (let n = 0; n < 24; n++) made.push((await once(4 + (n % 6), `+1415555${2_000 + n}`)).id)
  await eventually(async () => (await countOf('completed')) > 1, 20_000)
  for (let kills = 0; kills < 3; kills++) {
    await house.end('SIGKILL')
    house = await installation.start()
  }
  await eventually(async () => (await countOf('active')) === 0, 30_000)
  for (const id of made) {
    const messages = await eventually(async () => {
      const found = await messagesOf(id)
      return found.every(({ state }) => ['sent', 'delivered', 'read'].includes(state)) && found
    }, 30_000)
    expect(messages).toHaveLength(1)
  }
  const { data: events } = await call('GET', '/v2/events?limit=200&types=message.sent')
  const sent = events.map(({ data }) => data.messageId)
  expect(new Set(sent).size).toBe(sent.length)
  expect((await call('GET', '/v2/events?limit=200&types=recurrence.skipped')).data).toEqual([])
}, 120_000)
