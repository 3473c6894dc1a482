import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../house.ts'
import { openPlace } from '../places/open-place.ts'
import type { Place } from '../places/place.ts'
import { openWeb, PDF, PNG, type Web } from '../web.ts'
import { ACCOUNT, CHAT_MESSAGE, expectOne, expectPage, MEDIA, PING, STORED_MESSAGE } from './shapes.ts'

let house: Place
let web: Web

beforeAll(async () => {
  const sound = Buffer.concat([Buffer.from('ID3\x04\x00\x00\x00\x00\x00\x00', 'latin1'), Buffer.alloc(64)])
  web = await openWeb({
    '/pixel.png': { type: 'image/png', bytes: PNG },
    '/terms.pdf': { type: 'application/octet-stream', bytes: PDF },
    '/jingle.mp3': { type: 'audio/mpeg', bytes: sound },
  })
  house = await openPlace()
})
afterAll(async () => {
  await house.close()
  await web.close()
})

const SEND = '/v1/scheduled-messages'
const to = '+14155551234'
const CHAT = '14155551234@c.us'
const soon = (ms = 3_600_000) => new Date(Date.now() + ms).toISOString()
const send = (body: object, headers: Record<string, string> = {}) => house.ask(SEND, { body, headers })

test('every answer has the shape of every generation', async () => {
  expectOne((await house.ask('/v1/ping')).body, PING)
  expectOne((await house.ask('/v1/account')).body, ACCOUNT)
  await house.ask(`/v1/messages/${to}`, { body: { text: 'For the lists' } })
  const sent = await send({ to, text: 'For the lists' })
  expectOne(sent.body, STORED_MESSAGE)
  expectPage((await house.ask(SEND)).body, STORED_MESSAGE)
  const chats = await house.ask('/v1/messages')
  expectPage(chats.body, CHAT_MESSAGE)
  const [row] = chats.body.data as { key: string }[]
  const key = encodeURIComponent(String(row?.key))
  expectOne((await house.ask(`/v1/messages/${key}`)).body, CHAT_MESSAGE)
  expectOne((await house.ask(`/v1/messages/media/${key}`)).body, MEDIA)
  expectOne((await house.ask(`/v1/messages/ack/${key}`)).body, ['ack'])
  expectOne((await house.ask(`/v1/messages/${sent.body.id}`)).body, STORED_MESSAGE)
  expectPage((await house.ask('/v1/messages/acks', { body: { message_keys: [row?.key] } })).body, ['key', 'ack', 'found'])
})

describe('the first clients', () => {
  test('send with POST /v1/messages and page by cursor, scheduled ones included', async () => {
    const texts = ['one', 'two', 'three'].map((word) => `cursor ${word}`)
    for (const text of texts) {
      const { status, body } = await house.ask('/v1/messages', { body: { to, text, send_at: soon() } })
      expect({ status, body }).toMatchObject({
        status: 201,
        body: { status: 'scheduled', text, from: house.number },
      })
    }
    const agent = { 'user-agent': 'blueticks-python/3.3.2' }
    const seen: unknown[] = []
    let cursor = ''
    do {
      const { body } = await house.ask(`/v1/messages?limit=2&q=cursor${cursor && `&cursor=${cursor}`}`, { headers: agent })
      seen.push(...(body.data as { text: string }[]).map(({ text }) => text))
      cursor = String(body.next_cursor ?? '')
      expect(body.has_more).toBe(cursor !== '')
    } while (cursor)
    expect(seen).toEqual(texts.toReversed())
    const today = await house.ask('/v1/messages?q=cursor')
    expect(today.body.total).toBe(0)
  })

  test('send media and polls nested, snake_case throughout', async () => {
    const media = await send({
      to,
      type: 'media',
      media: { url: `${web.url}/terms.pdf`, kind: 'document', caption: 'Read me', filename: 'Terms.pdf' },
      send_at: soon(),
    })
    expect(media.body).toMatchObject({
      type: 'media',
      media_kind: 'document',
      media_filename: 'Terms.pdf',
      media_mime_type: 'application/pdf',
      media_caption: 'Read me',
      text: 'Read me',
    })
    const poll = await send({
      to,
      type: 'poll',
      poll: { question: 'Lunch?', options: ['Pizza', 'Soup'], allow_multiple: true },
      send_at: soon(),
    })
    expect(poll.body).toMatchObject({
      type: 'poll',
      poll_question: 'Lunch?',
      poll_options: ['Pizza', 'Soup'],
      poll_allow_multiple: true,
      text: null,
    })
  })
})

describe('a message', () => {
  test('goes its way: scheduled, sending, delivered, read, in the words of both generations', async () => {
    const { body } = await send({ to, text: 'On its way', sendAt: soon(10_500) })
    expect(body).toMatchObject({ status: 'scheduled', data: { status: 'pending' } })
    const read = await eventually(async () => {
      const { body: now } = await house.ask(`${SEND}/${body.id}`)
      return now.status === 'read' && now
    }, 25_000)
    expect(read).toMatchObject({ status: 'read', data: { status: 'read' }, key: expect.stringMatching(/^true_14155551234@c\.us_\w+$/) })
    for (const name of ['sent_at', 'deliveredAt', 'received_at', 'readAt', 'confirmedAt']) expect(read[name]).toMatch(/Z$/)
    expect(new Date(String(read.sent_at)).getTime()).toBeGreaterThanOrEqual(new Date(String(read.send_at)).getTime())
    expect(await house.ask(`${SEND}/${body.id}`, { method: 'PATCH', body: { text: 'Too late' } })).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_request' } },
    })
    expect(await house.ask(`${SEND}/${body.id}`, { method: 'DELETE' })).toMatchObject({ status: 404 })
  })

  test('keeps what an edit leaves out', async () => {
    const { body } = await send({ to, type: 'media', media_url: `${web.url}/pixel.png`, text: 'Before', secret: 'tag', sendAt: soon() })
    const path = `${SEND}/${body.id}`
    const edit = async (fields: object) => (await house.ask(path, { method: 'PATCH', body: fields })).body
    expect(await edit({ text: 'After' })).toMatchObject({ text: 'After', media_kind: 'image', media_url: body.media_url, secret: 'tag' })
    expect(await edit({ mediaUrl: `${web.url}/terms.pdf` })).toMatchObject({
      text: 'After',
      mediaKind: 'document',
      mediaFilename: 'terms.pdf',
    })
    expect(await edit({ mediaFilename: 'T.pdf' })).toMatchObject({ text: 'After', mediaKind: 'document', mediaFilename: 'T.pdf' })
    expect(await edit({ type: 'text', text: 'Just words' })).toMatchObject({ type: 'text', text: 'Just words', mediaUrl: null })
    expect(await edit({ type: 'poll', pollQuestion: 'Q?', pollOptions: ['a', 'b'] })).toMatchObject({ type: 'poll', pollQuestion: 'Q?' })
    expect(await edit({ pollOptions: ['c', 'd'] })).toMatchObject({ pollQuestion: 'Q?', pollOptions: ['c', 'd'], sendAt: body.sendAt })
  })

  test('is the same request in any spelling of its body, key or recipient', async () => {
    const headers = { 'idempotency-key': 'spelled' }
    const sendAt = soon()
    const first = await send({ to, text: 'Once', send_at: sendAt, reply_to: '' }, headers)
    const again = await house.ask(`${SEND}/${CHAT}`, { body: { sendAt, type: 'text', text: 'Once' }, headers })
    expect([first.status, again.status, again.body.id]).toEqual([201, 200, first.body.id])
    await house.ask(`${SEND}/${first.body.id}`, { method: 'PATCH', body: { text: 'Edited' } })
    const edited = await send({ to, text: 'Once', sendAt }, headers)
    expect(edited).toMatchObject({ status: 200, body: { id: first.body.id, text: 'Edited' } })
    expect(await send({ to: '+14155559999', text: 'Once', sendAt }, headers)).toMatchObject({
      status: 409,
      body: { error: { code: 'idempotency_key_conflict' } },
    })
  })

  test('with a file is replayed when the file is gone', async () => {
    const files = await openWeb({ '/a.png': { type: 'image/png', bytes: PNG } })
    const ask = () =>
      house.ask(`/v1/messages/${to}`, { body: { type: 'media', mediaUrl: `${files.url}/a.png` }, headers: { 'idempotency-key': 'file-1' } })
    const first = await ask()
    await files.close()
    expect(await ask()).toMatchObject({ status: 200, body: { id: first.body.id } })
  })

  test('is sent once when its first answer was lost and no key was given', async () => {
    const body = { text: `joined ${Date.now()}` }
    const [one, two] = await Promise.all([house.ask(`/v1/messages/${to}`, { body }), house.ask(`/v1/messages/${to}`, { body })])
    expect(one.body.id).toBe(two.body.id)
  })
})

test('a key of another workspace finds nothing by ids or keys', async () => {
  const { body } = await house.ask(`/v1/messages/${to}`, { body: { text: 'Mine' } })
  const key = house.other.keys.blueticks
  const name = encodeURIComponent(String(body.key))
  expect((await house.ask(`/v1/messages/${name}`, { key })).status).toBe(404)
  expect((await house.ask(`/v1/messages/media/${name}`, { key })).status).toBe(404)
  expect((await house.ask(`/v1/messages/ack/${name}`, { key })).body.data).toEqual({ ack: null })
  expect((await house.ask('/v1/messages/acks', { key, body: { messageKeys: [body.key] } })).body.data).toMatchObject([
    { ack: null, found: false },
  ])
  expect((await house.ask('/v1/messages', { key })).body.total).toBe(0)
})

test('chats are searched by words, files, senders and times', async () => {
  const chatId = '14155550003@c.us'
  const direct = (body: object) => house.ask(`/v1/messages/${chatId}`, { body })
  const first = await direct({ text: 'A green parrot, 100%' })
  await direct({ type: 'media', mediaUrl: `${web.url}/terms.pdf`, text: 'Small print' })
  await direct({ type: 'media', mediaUrl: `${web.url}/pixel.png` })
  await eventually(async () => (await house.ask(`/v1/messages?chatId=${chatId}&limit=200`)).body.total === 6) // and three answers
  const found = async (query: string) => {
    const { body } = await house.ask(`/v1/messages?chatId=${chatId}&order=asc&${query}`)
    return (body.data as { text: string | null; type: string }[]).map(({ text, type }) => text ?? type)
  }
  expect(await found('searchToken=PARROT')).toEqual(['A green parrot, 100%'])
  expect(await found('q=100%25')).toEqual(['A green parrot, 100%'])
  expect(await found('query_any=parrot,print')).toEqual(['A green parrot, 100%', 'Small print'])
  expect(await found('queryAny=parrot&queryAny=print')).toEqual(['A green parrot, 100%', 'Small print'])
  expect(await found('hasMedia=true')).toEqual(['Small print', 'image'])
  expect(await found('mime=image/')).toEqual(['image'])
  expect(await found('filenameContains=TERMS')).toEqual(['Small print'])
  expect(await found('messageTypes=image,document')).toEqual(['Small print', 'image'])
  expect(await found(`sender=${encodeURIComponent('+14155550003')}`)).toEqual(['OK', 'OK', 'OK'])
  expect(await found(`sender=${chatId}`)).toEqual(['OK', 'OK', 'OK'])
  expect(await found(`until=${first.body.created_at}`)).toEqual(['A green parrot, 100%'])
  expect(await found('since=2031-01-01T00:00:00Z')).toEqual([])
})

describe('a multipart body', () => {
  test('brings its file along', async () => {
    const form = new FormData()
    form.set('text', 'From a form')
    form.set('secret', 'form-1')
    form.set('mediaFile', new Blob([new Uint8Array(PNG)], { type: 'image/png' }), 'photo.png')
    const { status, body } = await house.ask(`${SEND}/${to}`, { body: form })
    expect({ status, body }).toMatchObject({
      status: 201,
      body: { type: 'media', mediaKind: 'image', mediaFilename: 'photo.png', text: 'From a form', secret: 'form-1' },
    })
  })

  test('may be a poll, sent directly', async () => {
    const form = new FormData()
    for (const [name, value] of [
      ['type', 'poll'],
      ['poll_question', 'Lunch?'],
      ['pollOptions', 'Pizza'],
      ['pollOptions', 'Soup'],
      ['poll_allow_multiple', 'true'],
      ['withTyping', 'false'],
    ] as const)
      form.append(name, value)
    const { status, body } = await house.ask(`/v1/messages/${to}`, { body: form })
    expect({ status, body }).toMatchObject({
      status: 201,
      body: { type: 'poll', pollOptions: ['Pizza', 'Soup'], pollAllowMultiple: true, data: { status: 'confirmed' } },
    })
  })
})

describe('the first API', () => {
  test('takes its key from the header too, and from either if they agree', async () => {
    const apiKey = house.keys.blueticks
    for (const asked of [
      { key: apiKey, body: { to, message: 'a' } },
      { key: null, body: { apiKey, to, message: 'b' } },
      { key: apiKey, body: { apiKey, to, message: 'c' } },
    ])
      expect((await house.ask('/messages', asked)).status).toBe(200)
  })

  test('sends words that no caption holds after their file', async () => {
    const chatId = '14155550177@c.us'
    const message = 'Listen to this.'
    const { status, body } = await house.ask('/messages', {
      body: { to: '+14155550177', message, fileUrl: `${web.url}/jingle.mp3`, mimeType: 'audio/mpeg' },
    })
    expect({ status, body }).toMatchObject({ status: 200, body: { mediaKind: 'audio', text: null } })
    const texts = await eventually(async () => {
      const { data } = (await house.ask(`/v1/messages?chatId=${chatId}&order=asc`)).body as { data: { type: string; text: string }[] }
      return data.length === 2 && data.map(({ type, text }) => [type, text])
    })
    expect(texts).toEqual([
      ['audio', null],
      ['chat', message],
    ])
  })
})

test('the reference of this door names every route', async () => {
  const document = (await house.ask('/docs/blueticks-co/openapi.json')).body as { openapi: string; paths: Record<string, object> }
  expect(document.openapi).toBe('3.1.0')
  const routes = Object.entries(document.paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`))
  expect(routes).toEqual(
    expect.arrayContaining([
      'post /v1/scheduled-messages',
      'post /v1/scheduled-messages/{chatId}',
      'post /v1/messages',
      'post /v1/messages/acks',
      'get /v1/ping',
      'post /v1/webhooks/{id}/rotate-secret',
      'post /messages/',
    ]),
  )
})

test("without a connected number: the first clients hear it at once, today's message would wait", async () => {
  const canonical = house.keys.canonical
  const { data } = (await house.ask('/v2/channels', { key: canonical })).body as { data: { id: string }[] }
  const pending = await send({ to, text: 'Still here', sendAt: soon() })
  for (const { id } of data) expect((await house.ask(`/v2/channels/${id}`, { method: 'DELETE', key: canonical })).status).toBeLessThan(300)
  expect(await house.ask('/v1/messages', { body: { to, text: 'x' } })).toMatchObject({
    status: 409,
    body: { error: { code: 'no_active_session' } },
  })
  const shown = await house.ask(`${SEND}/${pending.body.id}`)
  expect(shown.body).toMatchObject({ from: house.number, data: { status: 'pending' } })
  expect((await house.ask('/v1/ping')).body).toMatchObject({ whatsappConnections: [], message: expect.stringMatching(/\w/) })
})
