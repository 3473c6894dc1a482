import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually, openTestHouse, type TestHouse } from './house.ts'

let house: TestHouse
beforeAll(async () => {
  house = await openTestHouse()
})
afterAll(() => house.close())

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const LONG = `${'Read this. '.repeat(120)}End.`
const soon = () => new Date(Date.now() + 3_600_000).toISOString()

type Row = { id: string; type: string; text: string | null; status: string; sendAt: string | null; createdAt: string }
let last = 0
const person = () => `+120255502${String(last++).padStart(2, '0')}`
const ask = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  house.call(method, path, { key: house.firstRun.keys.blueticks, body, headers })
const post = (to: string, body: object, headers?: Record<string, string>) =>
  ask('POST', `/v1/scheduled-messages/${to}`, { type: 'media', mediaBase64: PNG, text: LONG, ...body }, headers)
const rows = async (to: string) => {
  const { body } = await ask('GET', `/v1/scheduled-messages?chatId=${to.slice(1)}@c.us&order=asc`)
  return body.data as Row[]
}

describe('words that no caption holds', () => {
  test('follow their file, in this order, once', async () => {
    const to = person()
    const sent = await post(to, {}, { 'idempotency-key': 'long-1' })
    expect(sent).toMatchObject({ status: 201, body: { type: 'media', mediaKind: 'image', text: null } })
    expect(await post(to, {}, { 'idempotency-key': 'long-1' })).toMatchObject({ status: 200, body: { id: sent.body.id } })
    expect((await post(to, { text: 'Another' }, { 'idempotency-key': 'long-1' })).status).toBe(409)
    expect(await rows(to)).toMatchObject([
      { id: sent.body.id, type: 'media', text: null },
      { type: 'text', text: LONG },
    ])
    await eventually(async () => (await rows(to)).every(({ status }) => status === 'read'))
    const phone = await house.call<{ bubbles: { content: { type: string } }[] }>('GET', `/v2/simulator/phones/${encodeURIComponent(to)}`)
    expect(phone.body.bubbles.map(({ content }) => content.type)).toEqual(['image', 'text'])
  })

  test('follow a direct send as well, asked twice at once', async () => {
    const to = person()
    const body = { type: 'media', mediaBase64: PNG, text: LONG }
    const both = await Promise.all([1, 2].map(() => ask('POST', `/v1/messages/${to}`, body)))
    expect(both.map(({ status }) => status)).toEqual([201, 201])
    const files = new Set(both.map(({ body: { id } }) => id)).size
    const { body: found } = await ask('GET', `/v1/messages?chatId=${to.slice(1)}@c.us&messageTypes=chat,image`)
    const kinds = (found.data as { type: string }[]).map(({ type }) => type)
    expect(kinds.filter((kind) => kind === 'image')).toHaveLength(files)
    await eventually(async () => {
      const { body: now } = await ask('GET', `/v1/messages?chatId=${to.slice(1)}@c.us&messageTypes=chat`)
      return (now.data as unknown[]).length === files
    })
  })

  test('are taken back with their file', async () => {
    const to = person()
    const { body } = await post(to, { sendAt: soon() })
    expect((await rows(to)).map(({ status }) => status)).toEqual(['pending', 'pending'])
    expect((await ask('DELETE', `/v1/scheduled-messages/${body.id}`)).status).toBe(200)
    expect(await rows(to)).toEqual([])
  })

  test('move with their file, and go when it has words of its own again', async () => {
    const to = person()
    const { body } = await post(to, { sendAt: soon() })
    const later = new Date(Date.now() + 7_200_000).toISOString()
    const edit = (changes: object) => ask('PATCH', `/v1/scheduled-messages/${body.id}`, changes)
    expect(await edit({ sendAt: later })).toMatchObject({ status: 200, body: { sendAt: later } })
    expect(await rows(to)).toMatchObject([
      { type: 'media', sendAt: later },
      { type: 'text', text: LONG, sendAt: later },
    ])
    expect((await edit({ mediaFilename: 'dot.png' })).status).toBe(200)
    expect(await rows(to)).toHaveLength(2)
    expect(await edit({ text: 'Short' })).toMatchObject({ body: { type: 'media', text: 'Short' } })
    expect(await rows(to)).toMatchObject([{ type: 'media', text: 'Short' }])
  })

  test('are refused before the file is kept when nothing can show them', async () => {
    const to = person()
    const sound = Buffer.from('ID3\x04\x00\x00\x00\x00\x00\x00', 'latin1').toString('base64')
    expect((await post(to, { mediaBase64: sound, mediaKind: 'audio' })).status).toBe(400)
    expect((await post(to, { text: 'x'.repeat(4_097) })).status).toBe(400)
    expect(await rows(to)).toEqual([])
  })
})

test('a message that waits can be told to answer none any more', async () => {
  const to = person()
  const first = await ask('POST', `/v1/messages/${to}`, { type: 'text', text: 'first' })
  const body = { type: 'text', text: 'second', replyTo: first.body.key, sendAt: soon() }
  const made = await ask('POST', `/v1/scheduled-messages/${to}`, body)
  const answered = async () => {
    const { data } = (
      await house.call<{ data: { content: { text: string }; replyTo: string | null }[] }>(
        'GET',
        `/v2/messages?address=${encodeURIComponent(to)}`,
      )
    ).body
    return data.find(({ content }) => content.text === 'second')?.replyTo
  }
  expect(await answered()).toMatch(/^msg_/)
  await ask('PATCH', `/v1/scheduled-messages/${made.body.id}`, { secret: 'tag' })
  expect(await answered()).toMatch(/^msg_/)
  expect((await ask('PATCH', `/v1/scheduled-messages/${made.body.id}`, { replyTo: '' })).status).toBe(200)
  expect(await answered()).toBeNull()
})
