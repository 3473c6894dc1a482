import { createServer } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually, openTestHouse, type TestHouse } from './house.ts'
import { listen } from './loopback.ts'

let house: TestHouse
beforeAll(async () => {
  house = await openTestHouse()
})
afterAll(() => house.close())

const blueticks = (method: string, path: string, body?: unknown) => house.call(method, path, { key: house.firstRun.keys.blueticks, body })
const live = <Body = Record<string, unknown>>(method: string, path: string, body?: unknown) =>
  house.call<Body>(method, path, { key: house.firstRun.live.keys.canonical, body })

type Preview = Record<'title' | 'description' | 'canonicalUrl' | 'thumbnail', string | null>
const NOTHING = { title: null, description: null, canonicalUrl: null, thumbnail: null }

/** Pages of the test by their path; the rest is 404. */
async function openPages(pages: Record<string, { type?: string; body: string; to?: string }>) {
  const asked: string[] = []
  const server = await listen(
    createServer((request, response) => {
      asked.push(request.url ?? '')
      const page = pages[request.url ?? '']
      if (page?.to !== undefined) return response.writeHead(302, { location: page.to }).end()
      response.writeHead(page ? 200 : 404, { 'content-type': page?.type ?? 'text/html' }).end(page?.body ?? '')
    }),
  )
  return { url: server.url, asked }
}

describe('a phone number', () => {
  const validate = (phone: string) => house.call('POST', '/v2/contacts/validate-phone', { body: { phone } })
  test('is what the network says of it, where the channel can ask', async () => {
    expect((await validate('(202) 555-0123')).body).toEqual({ valid: true, phone: '+12025550123', onWhatsApp: true })
    expect((await validate('+12025550002')).body).toEqual({ valid: false, phone: '+12025550002', onWhatsApp: false })
    expect((await validate('+1202555')).body).toEqual({ valid: false, phone: '+1202555', onWhatsApp: null })
    expect((await validate('hello')).body).toEqual({ valid: false, phone: null, onWhatsApp: null })
    expect((await validate('')).status).toBe(422)
  })

  test('is what its country gives out, where nobody can be asked', async () => {
    const check = async (phone: string) => (await live('POST', '/v2/contacts/validate-phone', { phone })).body
    expect(await check('+442071838750')).toEqual({ valid: true, phone: '+442071838750', onWhatsApp: null })
    expect(await check('+15550001234')).toEqual({ valid: false, phone: '+15550001234', onWhatsApp: null })
  })

  test('and so is nobody while the number that could ask is away', async () => {
    await house.call('POST', `/v2/channels/${house.firstRun.channels.ownNumber.id}/logout`)
    expect((await validate('+442071830002')).body).toMatchObject({ valid: true, onWhatsApp: null })
    await house.call('POST', `/v2/channels/${house.firstRun.channels.ownNumber.id}/reload`)
    await eventually(async () => (await validate('+442071830002')).body.onWhatsApp === false)
  })

  test('by the words of Blueticks, a chat id as well', async () => {
    const ask = (body: object) => blueticks('POST', '/v1/utils/validate_phone', body)
    const yes = { valid: true, chatId: '12025550123@c.us', formatted_chat_id: '12025550123@c.us' }
    expect(await ask({ phoneOrChatId: '+12025550123' })).toMatchObject({ status: 200, body: { ...yes, success: true, data: yes } })
    expect(await ask({ phone_or_chat_id: '12025550123@c.us' })).toMatchObject({ status: 200, body: yes })
    const no = { valid: false, chatId: null, formattedChatId: null }
    for (const nobody of ['12025550002@c.us', 'hello', '120363000000000000@g.us', '77@broadcast'])
      expect((await ask({ phone_or_chat_id: nobody })).body).toMatchObject(no)
    expect((await ask({ phoneOrChatId: 'x'.repeat(129) })).status).toBe(400)
    expect((await ask({ phoneOrChatId: '+1', more: 1 })).body).toMatchObject({ error: { details: [{ code: 'unrecognized_keys' }] } })
  })
})

test('a picture is there for who is on WhatsApp and can be asked about', async () => {
  const { body } = await blueticks('GET', '/v1/contacts/12025550123@c.us/profile_picture')
  expect(body).toMatchObject({ success: true, url: expect.stringMatching(/^data:image\/svg\+xml;base64,/) })
  expect((await blueticks('GET', '/v1/contacts/+12025550123/profile_picture')).body.url).toBe(body.url)
  const picture = await (await fetch(String(body.url))).text()
  expect(picture).toMatch(/^<svg .*>P0<\/text><\/svg>$/)
  expect((await blueticks('GET', '/v1/contacts/+12025550002/profile_picture')).body).toMatchObject({ url: null })
  expect((await blueticks('GET', '/v1/contacts/120363000000000000@g.us/profile_picture')).body).toMatchObject({ url: null })
  expect((await blueticks('GET', '/v1/contacts/nobody/profile_picture')).status).toBe(400)
  const contact = await house.call('POST', '/v2/contacts', { body: { phone: '+12025550123' } })
  expect((await house.call('GET', `/v2/contacts/${contact.body.id}/picture`)).body).toEqual({ url: body.url })
  const cloud = await live('POST', '/v2/contacts', { phone: '+12025550123' })
  expect((await live('GET', `/v2/contacts/${cloud.body.id}/picture`)).body).toEqual({ url: null })
})

describe('a link', () => {
  const preview = (url: string) => house.call<Preview>('GET', `/v2/links/preview?url=${encodeURIComponent(url)}`)

  test('is what its page says, asked once', async () => {
    const { url, asked } = await openPages({
      '/go': { body: '', to: '/shoes' },
      '/shoes': { body: '<meta property="og:title" content="Shoes"><meta property="og:image" content="/red.png"><title>no</title>' },
    })
    const found = { ...NOTHING, title: 'Shoes', canonicalUrl: `${url}/shoes`, thumbnail: `${url}/red.png` }
    const [one, two] = await Promise.all([preview(`${url}/go`), preview(`${url}/go`)])
    expect([one.body, two.body]).toEqual([found, found])
    const { body } = await blueticks('GET', `/v1/utils/link_preview?url=${encodeURIComponent(`${url}/go`)}`)
    expect(body).toMatchObject({ ...found, canonical_url: found.canonicalUrl, data: found })
    expect(asked).toEqual(['/go', '/shoes'])
  })

  test('that leads to no page is nothing, and no error', async () => {
    const { url } = await openPages({ '/a.pdf': { type: 'application/pdf', body: '%PDF' }, '/round': { body: '', to: '/round' } })
    for (const path of ['/a.pdf', '/round', '/missing']) expect(await preview(url + path)).toMatchObject({ status: 200, body: NOTHING })
    expect(await preview('http://127.0.0.1:1/')).toMatchObject({ status: 200, body: NOTHING })
  })

  test('that must not be called is refused in the voice of its door', async () => {
    const { url } = await openPages({ '/inside': { body: '', to: 'http://10.0.0.1/' } })
    for (const bad of ['not a url', 'ftp://example.com/', 'http://10.1.2.3/', 'https://user:pass@example.com/', `${url}/inside`, '']) {
      expect(await preview(bad), bad).toMatchObject({ status: 422, body: { code: 'invalid', errors: [{ path: 'url' }] } })
      const told = await blueticks('GET', `/v1/utils/link_preview?url=${encodeURIComponent(bad)}`)
      expect(told, bad).toMatchObject({ status: 400, body: { error: { code: 'invalid_request', details: [{ path: 'url' }] } } })
    }
    expect((await blueticks('GET', '/v1/utils/link_preview')).status).toBe(400)
  })
})

describe('a message with a link', () => {
  const send = async (body: object) => (await house.call('POST', '/v2/messages', { body: { to: '+12025550123', ...body } })).body
  const find = async (id: unknown) => (await house.call('GET', `/v2/messages/${id}`)).body as { linkPreview: Preview | null; state: string }
  const titled = (id: unknown) => eventually(async () => (await find(id)).linkPreview?.title)

  test('gets its preview after it was accepted, and tells it at each door', async () => {
    const { url } = await openPages({ '/shoes': { body: '<title>Shoes</title><meta name="description" content="Red">' } })
    const link = `${url}/shoes`
    const sent = await blueticks('POST', '/v1/scheduled-messages/+12025550123', { type: 'text', text: `See ${link}.` })
    expect(sent.body).toMatchObject({ linkPreview: { ...NOTHING, canonicalUrl: link } })
    await titled(sent.body.id)
    const found = { title: 'Shoes', description: 'Red', canonicalUrl: link, thumbnail: null }
    const stored = await eventually(async () => {
      const { body } = await blueticks('GET', `/v1/scheduled-messages/${sent.body.id}`)
      return body.key !== null && body
    })
    expect(stored).toMatchObject({ linkPreview: found, link_preview: { canonical_url: link } })
    expect((await blueticks('GET', `/v1/messages/${encodeURIComponent(String(stored.key))}`)).body).toMatchObject({ linkPreview: found })
  })

  test('keeps it through its life, loses it with its link', async () => {
    const { url } = await openPages({ '/a': { body: '<title>A</title>' }, '/b': { body: '<title>B</title>' } })
    const sendAt = new Date(Date.now() + 3_600_000).toISOString()
    const { id } = await send({ text: `${url}/a`, sendAt })
    expect(await titled(id)).toBe('A')
    const edit = (body: object) => house.call('PATCH', `/v2/messages/${id}`, { body })
    await edit({ tag: 'kept' })
    expect((await find(id)).linkPreview?.title).toBe('A')
    await edit({ text: `now ${url}/b` })
    await eventually(async () => (await find(id)).linkPreview?.title === 'B')
    await edit({ text: 'nothing any more' })
    expect((await find(id)).linkPreview).toBeNull()
  })

  test('has none when it asks for none; a bulk gets one for each', async () => {
    const { url, asked } = await openPages({ '/a': { body: '<title>A</title>' }, '/off': { body: '<title>Off</title>' } })
    const off = await send({ content: { type: 'text', text: `${url}/off`, previewUrl: false } })
    const { body } = await house.call<{ results: { message: { id: string } }[] }>('POST', '/v2/messages/bulk', {
      body: { messages: [1, 2, 3].map((n) => ({ to: '+12025550123', text: `${n}: ${url}/a` })) },
    })
    for (const { message } of body.results) expect(await titled(message.id)).toBe('A')
    expect((await find(off.id)).linkPreview).toBeNull()
    expect(asked).toEqual(['/a'])
  })

  test('is not held up by a page that does not answer', async () => {
    const silent = await listen(createServer(() => undefined))
    const sent = await send({ text: `${silent.url}/never`, awaitMs: 4_000 })
    expect(sent).toMatchObject({ state: 'sent', linkPreview: null })
  })
})
