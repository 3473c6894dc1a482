import { Blueticks } from 'blueticks'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../house.ts'
import { openPlace } from '../places/open-place.ts'
import type { Place } from '../places/place.ts'
import { sandboxTest } from '../places/sandbox-test.ts'
import { openWeb, PNG, type Web } from '../web.ts'
import { ENGINE, ENGINE_ME, expectOne, LINK_PREVIEW, MEDIA, PHONE_VALIDATION, snake } from './shapes.ts'

let house: Place
let web: Web
let client: Blueticks

const HTML = '<html><head><meta property="og:title" content="Red shoes"><meta name="description" content="Size 42"></head></html>'

beforeAll(async () => {
  web = await openWeb({ '/shoes': { type: 'text/html', bytes: Buffer.from(HTML) }, '/pixel.png': { type: 'image/png', bytes: PNG } })
  house = await openPlace()
  client = new Blueticks({ apiKey: house.keys.blueticks, baseUrl: house.url })
})
afterAll(async () => {
  await house.close()
  await web.close()
})

const to = '+14155551234'
const state = async () => (await client.engines.list()).map(({ connected }) => connected)

describe('an engine', () => {
  test('says who it is, in the words of the first clients', async () => {
    const { body } = await house.ask('/v1/engines/me')
    expectOne(body, ENGINE_ME)
    expect(body).toMatchObject({ phone: house.number, platform: house.facts.platform })
    expect(Object.keys((await house.ask('/v1/engines')).body)).toEqual(expect.arrayContaining([...ENGINE, ...ENGINE.map(snake)]))
  })

  test('is logged out, and comes back; what was sent meanwhile goes', async () => {
    const out = await house.ask('/v1/engines/logout', { method: 'POST' })
    expectOne(out.body, ['ok'])
    expect(out).toMatchObject({ status: 200, body: { ok: true } })
    expect(await state()).toContain(false)
    const sent = await client.scheduledMessages.create(to, { type: 'text', text: 'While it is away' })
    expect(sent.status).toBe('pending')
    await house.comeBack()
    await eventually(async () => (await client.scheduledMessages.retrieve(String(sent.id))).status === 'received')
  })

  test('is reloaded', async () => {
    expect((await house.ask('/v1/engines/reload', { method: 'POST' })).body).toMatchObject({ ok: true, data: { ok: true } })
    await eventually(async () => !(await state()).includes(false))
  })

  sandboxTest('about an account without a number', 'is nobody where none is linked, and cannot be logged out', async () => {
    const key = house.other.keys.blueticks
    expect((await house.ask('/v1/engines/me', { key })).body).toMatchObject({ phone: null, name: null, platform: null })
    for (const path of ['/v1/engines/logout', '/v1/engines/reload'])
      expect(await house.ask(path, { method: 'POST', key })).toMatchObject({ status: 409, body: { error: { code: 'no_active_session' } } })
    const send = { key, body: { type: 'text', text: 'x' } }
    expect(await house.ask(`/v1/scheduled-messages/${to}`, send)).toMatchObject({
      status: 409,
      body: { error: { code: 'no_active_session' } },
    })
  })
})

test('phones, pictures and links have the shapes of the first clients', async () => {
  const phone = await house.ask('/v1/utils/validate_phone', { body: { phone_or_chat_id: to } })
  expectOne(phone.body, PHONE_VALIDATION)
  expect(phone.body).toMatchObject({ valid: true, formatted_chat_id: '14155551234@c.us' })
  const nobody = await house.ask('/v1/utils/validate_phone', { body: { phoneOrChatId: '+14155550002' } })
  expect(nobody.body).toMatchObject({ valid: false, formatted_chat_id: null, chatId: null })
  const link = await house.ask(`/v1/utils/link_preview?url=${encodeURIComponent(`${web.url}/shoes`)}`)
  expectOne(link.body, LINK_PREVIEW)
  expect(link.body).toMatchObject({ title: 'Red shoes', description: 'Size 42', canonical_url: `${web.url}/shoes`, thumbnail: null })
  const picture = await house.ask('/v1/contacts/14155551234%40c.us/profile_picture')
  expectOne(picture.body, ['url'])
})

test('the published client reads the preview of a message, and its files', async () => {
  const sent = await client.scheduledMessages.create(to, { type: 'text', text: `Look: ${web.url}/shoes` })
  const linkPreview = await eventually(async () => {
    const found = (await client.scheduledMessages.retrieve(String(sent.id))).linkPreview
    return found?.title != null && found
  })
  expect(linkPreview).toMatchObject({ title: 'Red shoes', description: 'Size 42', canonicalUrl: `${web.url}/shoes` })
  const { id: key } = await client.messages.send(to, { type: 'media', mediaUrl: `${web.url}/pixel.png` })
  expect(await client.messages.getMedia(String(key), { maxAttempts: 1 })).toMatchObject({
    mimetype: 'image/png',
    dataBase64: PNG.toString('base64'),
  })
  const address = await house.ask(`/v1/messages/media_url/${encodeURIComponent(String(key))}`)
  expectOne(address.body, ['url'])
  const file = await fetch(String(address.body.url), { headers: { authorization: `Bearer ${house.keys.blueticks}` } })
  expect(Buffer.from(await file.arrayBuffer())).toEqual(PNG)
  const words = await client.messages.send(to, { type: 'text', text: 'No file' })
  const none = await house.ask(`/v1/messages/media/${encodeURIComponent(String(words.id))}`)
  expectOne(none.body, MEDIA)
  expect(none.body).toMatchObject({ mediaUnavailable: 'no_media', url: null })
})
