import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually, openTestHouse, type TestHouse } from './house.ts'

let house: TestHouse
beforeAll(async () => {
  house = await openTestHouse()
})
afterAll(() => house.close())

type Bubble = { direction: string; content: { text?: string } }
type Contact = { id: string; optedOutAt: string | null }
type Message = { id: string; state: string; origin?: string; failure: { code: string } | null }

let last = 5_000_100
const person = () => `+1202${last++}`
const ask = async <Body>(method: string, path: string, body?: unknown) =>
  (await house.call<Body>(method, path, body === undefined ? {} : { body })).body
const persona = (name: 'own' | 'cloud') => (name === 'own' ? house.firstRun.channels.ownNumber.id : house.firstRun.channels.cloud.id)
const phonePath = (phone: string) => `/v2/simulator/phones/${encodeURIComponent(phone)}`

const write = (phone: string, channelId: string, text: string) => ask('POST', `${phonePath(phone)}/messages`, { text, channelId })
const contactOf = async (phone: string) =>
  (await ask<{ data: Contact[] }>('GET', `/v2/contacts?search=${encodeURIComponent(phone)}`)).data[0]
const outIs = (phone: string, out: boolean) =>
  eventually(async () => {
    const contact = await contactOf(phone)
    return contact !== undefined && (contact.optedOutAt !== null) === out && contact
  })
const shownTo = async (phone: string, channelId: string) =>
  (await ask<{ bubbles: Bubble[] }>('GET', `${phonePath(phone)}?channelId=${channelId}`)).bubbles
    .filter(({ direction }) => direction === 'to_phone')
    .map(({ content }) => content.text)
/** One channel's messages are heard in order: when this one has been, so have those before it. */
async function heard(phone: string, channelId: string): Promise<void> {
  const words = `mark ${phone}`
  await write(phone, channelId, words)
  await eventually(async () => {
    const { data } = await ask<{ data: { content: { text?: string } }[] }>('GET', '/v2/messages?limit=50')
    return data.some(({ content }) => content.text === words)
  })
}
const send = (to: string, channelId: string, more: object = {}) =>
  ask<Message>('POST', '/v2/messages', {
    to,
    channelId,
    text: 'Sale!',
    category: 'marketing',
    outsideWindow: 'attempt',
    awaitMs: 8_000,
    ...more,
  })
const typesOf = async ({ id }: Contact) =>
  (
    await ask<{ data: { type: string; data: { contactId?: string } }[] }>(
      'GET',
      '/v2/events?limit=200&types=contact.opted_out,contact.opted_in',
    )
  ).data
    .filter(({ data }) => data.contactId === id)
    .map(({ type }) => type)

describe('on a cloud number', () => {
  test('STOP is noted, told and answered once; marketing is skipped until START', async () => {
    const [phone, channel] = [person(), persona('cloud')]
    await write(phone, channel, 'Stop!')
    const contact = await outIs(phone, true)
    const stopped = await eventually(async () => (await shownTo(phone, channel)).length === 1 && (await shownTo(phone, channel)))
    expect(stopped).toEqual([expect.stringContaining('unsubscribed')])
    expect(await send(phone, channel)).toMatchObject({ state: 'skipped', failure: { code: 'opted_out' } })

    await write(phone, channel, 'STOP')
    await heard(phone, channel)
    expect(await shownTo(phone, channel)).toHaveLength(1)

    await write(phone, channel, 'start')
    await outIs(phone, false)
    const started = await eventually(async () => (await shownTo(phone, channel)).length === 2 && (await shownTo(phone, channel)))
    expect(started[1]).toContain('subscribed to our messages again')
    expect(['sent', 'delivered', 'read']).toContain((await send(phone, channel)).state)
    expect(await typesOf(contact)).toEqual(['contact.opted_out', 'contact.opted_in'])
  })

  test('a sentence with the word in it is a sentence', async () => {
    const [phone, channel] = [person(), persona('cloud')]
    await write(phone, channel, 'Does the bus stop here?')
    await heard(phone, channel)
    expect((await contactOf(phone))?.optedOutAt).toBeNull()
    expect(await shownTo(phone, channel)).toEqual([])
  })

  test('START of somebody who never said STOP is just a word', async () => {
    const [phone, channel] = [person(), persona('cloud')]
    await write(phone, channel, 'start')
    await heard(phone, channel)
    expect(await shownTo(phone, channel)).toEqual([])
  })
})

describe('on an own number', () => {
  test("a friend's cancel is none; it is one after marketing", async () => {
    const [phone, channel] = [person(), persona('own')]
    expect(['sent', 'delivered', 'read']).toContain((await send(phone, channel, { category: 'utility' })).state)
    await write(phone, channel, 'cancel')
    await heard(phone, channel)
    expect((await contactOf(phone))?.optedOutAt).toBeNull()
    expect(['sent', 'delivered', 'read']).toContain((await send(phone, channel)).state)
    await write(phone, channel, 'cancel')
    await outIs(phone, true)
    await eventually(async () => (await shownTo(phone, channel)).some((text) => text?.includes('unsubscribed')))
  })
})

test('a workspace has words and answers of its own', async () => {
  const channel = persona('cloud')
  const change = (optOut: object | null) => house.call('PATCH', '/v2/workspace', { body: { optOut } })
  expect(await change({ stopWords: ['Genug'], stopReply: 'Verstanden.', startReply: null })).toMatchObject({
    status: 200,
    body: { optOut: { stopWords: ['Genug'], stopReply: 'Verstanden.', startReply: null, startWords: expect.arrayContaining(['start']) } },
  })
  const phone = person()
  await write(phone, channel, 'stop')
  await heard(phone, channel)
  expect((await contactOf(phone))?.optedOutAt).toBeNull()
  await write(phone, channel, 'genug')
  await outIs(phone, true)
  await write(phone, channel, 'start')
  await outIs(phone, false)
  await heard(phone, channel)
  expect(await shownTo(phone, channel)).toEqual(['Verstanden.'])
  expect(await change(null)).toMatchObject({ status: 200, body: { optOut: { stopWords: expect.arrayContaining(['stop', 'baja']) } } })
})
