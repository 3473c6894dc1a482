import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../house.ts'
import { openPlace } from '../places/open-place.ts'
import type { PhoneDeed, Place } from '../places/place.ts'
import { sandboxTest } from '../places/sandbox-test.ts'
import { openWeb, PNG, type Web } from '../web.ts'
import { CHAT, CHAT_MESSAGE, expectOne, expectPage, LOAD_OLDER, MEDIA, STORED_MESSAGE } from './shapes.ts'

let house: Place
let web: Web

beforeAll(async () => {
  web = await openWeb({ '/pixel.png': { type: 'image/png', bytes: PNG } })
  house = await openPlace()
})
afterAll(async () => {
  await house.close()
  await web.close()
})

type Row = Record<string, unknown>
const rowsOf = (body: Row) => body.data as Row[]
const chatOf = (number: string) => `${number.slice(1)}@c.us`
const post = (path: string, body?: object) => house.ask(path, { method: 'POST', ...(body && { body }) })

const phone = (number: string, ...[deed, body]: [PhoneDeed, Record<string, unknown>]) => house.phones.act(number, deed, body)

/** Sends a text and answers with its key. */
async function sent(number: string, text: string): Promise<string> {
  const { body } = await post(`/v1/messages/${number}`, { text })
  return String(body.key)
}
const wireIdOf = (key: string) => key.replace(/^true_[^_]+_/, '')

describe('where the first clients look for messages', () => {
  const number = '+14155550301'
  const chat = `/v1/chats/${encodeURIComponent(chatOf(number))}`

  test('a chat is opened before anything is said, once', async () => {
    expect((await house.ask(chat)).status).toBe(404)
    const opened = await post(`/v1/chats/${encodeURIComponent(number)}/open`)
    expect(opened).toMatchObject({ status: 200, body: { chatId: chatOf(number), chat_id: chatOf(number) } })
    expectOne(opened.body, ['chatId'])
    expect((await post(`/v1/chats/${number}/open`, {})).body).toEqual(opened.body)
    const shown = await house.ask(chat)
    expectOne(shown.body, CHAT)
    expect(shown.body).toMatchObject({ name: null, last_message_text: null, unread_count: 0, is_group: false, is_newsletter: false })
    expect((await house.ask('/v1/chats?searchToken=5550301')).body).toMatchObject({ total: 1 })
    expect((await house.ask('/v1/chats?search_token=5550301&include_without_name=false')).body).toMatchObject({ total: 0 })
  })

  test('list, send, get, ack, media, media_url, reactions, load_older, message_acks', async () => {
    const made = await post(`${chat}/messages`, { type: 'media', media: { url: `${web.url}/pixel.png`, caption: 'A pixel' } })
    expect(made.status).toBe(201)
    expectOne(made.body, STORED_MESSAGE)
    const listed = await eventually(async () => {
      const page = await house.ask(`${chat}/messages?mode=latest&query=pixel`)
      return rowsOf(page.body)[0]?.ack === 3 && page
    })
    expectPage(listed.body, CHAT_MESSAGE)
    const key = encodeURIComponent(String(rowsOf(listed.body)[0]?.key))
    const one = await house.ask(`${chat}/messages/${key}`)
    expectOne(one.body, CHAT_MESSAGE)
    expect(one.body.data).toEqual(rowsOf(listed.body)[0])
    expect((await house.ask(`${chat}/messages/${wireIdOf(decodeURIComponent(key))}`)).body).toEqual(one.body)
    expect((await house.ask(`${chat}/messages/${key}/ack`)).body).toMatchObject({ ack: 3 })
    const media = await house.ask(`${chat}/messages/${key}/media`)
    expectOne(media.body, MEDIA)
    const address = await house.ask(`${chat}/messages/${key}/media_url`)
    expectOne(address.body, ['url'])
    expect(address.body.url).toBe(media.body.url)
    expect((await house.ask(`/v1/messages/media_url/${key}`)).body).toEqual(address.body)
    expect(await post(`${chat}/messages/${key}/reactions`, { emoji: '🎉' })).toMatchObject({ status: 200, body: { ok: true } })
    const history = await post(`${chat}/messages/load_older`)
    expectOne(history.body, LOAD_OLDER)
    expect(history.body).toMatchObject({ canLoadMore: false, coverage: { oldestLoadedIso: expect.stringMatching(/Z$/) } })
    expect((await post(`/v1/messages/load_older/${chatOf(number)}`, { pages: 2, until_date: 1_700_000_000 })).status).toBe(200)
    const acks = await post('/v1/chats/message_acks', { message_keys: [decodeURIComponent(key), 'true_1@c.us_NONE'] })
    expect(rowsOf(acks.body).map(({ ack }) => ack)).toEqual([3, null])
    const elsewhere = `/v1/chats/${encodeURIComponent(chatOf('+14155550999'))}/messages/${key}`
    expect((await house.ask(elsewhere)).status).toBe(404)
  })
})

describe('lists of chats', () => {
  const [first, second, third] = ['+14155550311', '+14155550312', '+14155550313']
  const token = 'searchToken=1415555031'
  const ids = (body: Row) => rowsOf(body).map(({ chatId }) => chatId)

  test('what was said last, by either side, comes first; pages by skip and by cursor', async () => {
    for (const number of [first, second, third]) await sent(number, `Hello ${number}`)
    await sent(first, 'Once more')
    const whole = await eventually(async () => {
      const page = await house.ask(`/v1/chats?${token}`)
      return ids(page.body)[0] === chatOf(first) && page
    })
    expectPage(whole.body, CHAT)
    expect(ids(whole.body)).toEqual([first, third, second].map(chatOf))
    expect(rowsOf(whole.body)[0]).toMatchObject({ lastMessageText: 'Once more', lastMessageFromMe: true })
    expect(ids((await house.ask(`/v1/chats?${token}&order=asc`)).body)).toEqual([second, third, first].map(chatOf))
    expect((await house.ask(`/v1/chats?${token}&limit=1&skip=1`)).body).toMatchObject({ total: 3, data: [{ chatId: chatOf(third) }] })
    const page = await house.ask(`/v1/chats?${token}&limit=2`)
    const next = await house.ask(`/v1/chats?${token}&limit=2&cursor=${page.body.next_cursor}`)
    expect([...ids(page.body), ...ids(next.body)]).toEqual(ids(whole.body))
    expect(ids((await house.ask(`/v1/chats?${token}&since=2100-01-01T00:00:00Z`)).body)).toEqual([])
    expect(ids((await house.ask(`/v1/chats?${token}&kinds=group,newsletter`)).body)).toEqual([])
  })

  test('the latest chats with their messages: pinned ones first, archived ones left out', async () => {
    const found = await house.ask('/v2/conversations?search=1415555031', { key: house.keys.canonical })
    const ofAddress = new Map((found.body.data as Row[]).map(({ id, address }) => [address, id]))
    const change = (number: string, body: object) =>
      house.ask(`/v2/conversations/${ofAddress.get(number)}`, { key: house.keys.canonical, method: 'PATCH', body })
    expect(await change(second, { pinned: true })).toMatchObject({ status: 200, body: { pinned: true, archived: false } })
    await change(third, { archived: true })
    const { body } = await house.ask('/v1/latest-chats?numberOfChats=2&numberOfMessages=1')
    expectOne(body, ['chats', 'totalChats', 'numberOfChats', 'numberOfMessages'])
    expect(body).toMatchObject({
      number_of_chats: 2,
      numberOfMessages: 1,
      chats: [
        { chatId: chatOf(second), pinned: true, messages: [{ text: `Hello ${second}` }] },
        { chatId: chatOf(first), messages: [{ text: 'Once more', fromMe: true }] },
      ],
    })
    await change(second, { pinned: false })
    await change(third, { archived: false })
    expect((await house.ask('/v1/latest-chats?numberOfMessages=0')).body.chats).toMatchObject([{ messages: [] }, {}, {}, {}])
  })
})

describe('what phones do is seen', () => {
  test('a text that was edited and taken back is shown with its last words, and counts as one to read', async () => {
    const number = '+14155550321'
    const chatId = chatOf(number)
    const wireId = await phone(number, 'messages', { text: 'On my way' })
    await phone(number, 'edits', { wireId, text: 'Here' })
    const shown = () => house.ask(`/v1/messages/false_${chatId}_${wireId}`)
    await eventually(async () => (await shown()).body.text === 'Here')
    await phone(number, 'revocations', { wireId })
    expect((await house.ask(`/v1/chats/${encodeURIComponent(chatId)}`)).body).toMatchObject({ unreadCount: 1 })
  })

  test('a pin comes in, and is taken down', async () => {
    const number = '+14155550323'
    const chatId = chatOf(number)
    const key = await sent(number, 'Keep this')
    await phone(number, 'pins', { wireId: wireIdOf(key), seconds: 3600 })
    const pinned = async () => rowsOf((await house.ask(`/v1/messages/pinned/${encodeURIComponent(chatId)}`)).body)
    await eventually(async () => (await pinned()).length === 1)
    expect(await pinned()).toMatchObject([{ key, chatId, chat_id: chatId, text: 'Keep this' }])
    await phone(number, 'pins', { wireId: wireIdOf(key), pinned: false })
    await eventually(async () => (await pinned()).length === 0)
  })
})

sandboxTest('about a cloud number', 'a cloud number cannot pin, and says so', async () => {
  const key = house.keys.canonical
  const channelId = house.cloud?.id
  const to = '+14155550331'
  await house.ask(`/v2/simulator/phones/${to}/messages`, { key, body: { text: 'Hi', channelId } })
  const wireId = await eventually(async () => {
    const { body } = await house.ask(`/v2/conversations?channelId=${channelId}`, { key })
    const [first] = body.data as Row[]
    if (!first) return undefined
    const { body: messages } = await house.ask(`/v2/conversations/${first.id}/messages`, { key })
    return (messages.data as Row[])[0]?.wireId
  })
  const refused = await post(`/v1/messages/pin/${encodeURIComponent(`false_${chatOf(to)}_${wireId}`)}`)
  expect(refused).toMatchObject({ status: 422, body: { success: false, error: { code: 'invalid_request' } } })
})
