import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { InboundContent } from '#core/content'
import { hmacSha256 } from '#kit/crypto'
import { createGraphEmulator, createNetwork, type FaultRule } from '../src/simulator/index.ts'
import { eventually, openTestHouse, type TestHouse } from './house.ts'

const [WABA, PHONE_ID, SHOP, SECRET, TOKEN] = ['1029384756', '5566778899', '+15550001111', 'app secret', 'EAAtoken']
const RECONCILE_SECONDS = 2

const network = createNetwork({ delays: { sentMs: 5, deliveredMs: 10, readMs: 30, answerMs: 20, lateMs: 200 } })
const emulator = createGraphEmulator({
  network,
  accounts: [
    {
      wabaId: WABA,
      accessToken: TOKEN,
      appSecret: SECRET,
      verifyToken: 'unused',
      phoneNumbers: [{ id: PHONE_ID, number: SHOP, verifiedName: 'Shop' }],
    },
  ],
  templateReviewMs: 5,
  webhooks: { retry: { firstMs: 20, factor: 2, mostMs: 200, attempts: 10 } },
})
let house: TestHouse
let channel: { id: string; webhookUrl: string }

type Message = {
  id: string
  state: string
  attempt: number
  conversationId: string
  failure: { code: string; reason: string } | null
  content: Record<string, unknown>
}

const call = async <Body = Record<string, unknown>>(method: string, path: string, body?: unknown) =>
  house.call<Body>(method, path, { key: house.firstRun.live.keys.canonical, ...(body !== undefined && { body }) })
const send = async (body: Record<string, unknown>) => {
  const answer = await call<Message>('POST', '/v2/messages', { channelId: channel.id, outsideWindow: 'attempt', ...body })
  expect(answer).toMatchObject({ status: 201 })
  return answer.body.id
}
const reach = (id: string, state: string) =>
  eventually(async () => {
    const { body } = await call<Message>('GET', `/v2/messages/${id}`)
    return body.state === state && body
  }, 15_000)
const bubbles = (phone: string) => [...(network.chat(SHOP, phone)?.bubbles.values() ?? [])]
const fault = (rule: Omit<FaultRule, 'business'>) => network.faults.set({ business: SHOP, ...rule })
let last = 3_000_100
const person = () => `+1202${last++}`

beforeAll(async () => {
  const graph = await emulator.listen()
  house = await openTestHouse({
    CHASQUI_GRAPH_URL: graph,
    CHASQUI_RECONCILE_SECONDS: String(RECONCILE_SECONDS),
    CHASQUI_RECONCILE_MOST_SECONDS: '3',
  })
  const made = await call<typeof channel>('POST', '/v2/channels', {
    kind: 'cloud',
    name: 'Shop',
    phone: SHOP,
    phoneNumberId: PHONE_ID,
    wabaId: WABA,
    accessToken: TOKEN,
    appSecret: SECRET,
    verifyToken: 'verify me',
    settings: { rate: 200 },
  })
  channel = made.body
  const subscribed = await fetch(`${graph}/v23.0/${WABA}/subscribed_apps`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ override_callback_uri: channel.webhookUrl, verify_token: 'verify me' }),
  })
  expect(await subscribed.json()).toEqual({ success: true }) // the handshake went through
})
afterAll(async () => {
  await house?.close()
  await emulator.close()
  network.close()
})

describe('a channel over the Cloud API', () => {
  it('works, says the network', async () => {
    const { body } = await call('POST', `/v2/channels/${channel.id}/test`)
    expect(body).toMatchObject({ ok: true, facts: { display_phone_number: SHOP, quality_rating: 'GREEN' } })
  })

  it('sends a text once and follows it to read', async () => {
    const to = person()
    const read = await reach(await send({ to, text: 'hello' }), 'read')
    expect(read).toMatchObject({ attempt: 1, failure: null })
    expect(bubbles(to)).toMatchObject([{ content: { type: 'text', text: 'hello' }, arrivals: 1, state: 'read' }])
  })

  it('settles receipts that come before the answer', async () => {
    const to = person()
    fault({ kind: 'status_first', phone: to, times: 1 })
    await reach(await send({ to, text: 'first the receipt' }), 'read')
    expect(bubbles(to)).toHaveLength(1)
  })

  it('answers a message and reacts to it', async () => {
    const to = person()
    const wireId = network.reply(to, SHOP, { content: { type: 'text', text: 'a question' } })
    const asked = await received(to, 'text')
    await reach(await send({ to, text: 'an answer', replyTo: asked.id }), 'read')
    await reach(await send({ to, content: { type: 'reaction', messageId: asked.id, emoji: '👍' } }), 'sent')
    const [question, answer] = bubbles(to)
    expect(answer).toMatchObject({ contextWireId: wireId })
    expect(question?.reactions).toEqual({ business: '👍' })
  })
})

const inbound = async (address: string) => {
  const { body } = await call<{ data: Message[] }>('GET', `/v2/messages?direction=in&address=${encodeURIComponent(address)}`)
  return body.data
}
const received = (from: string, type: string) => eventually(async () => (await inbound(from)).find(({ content }) => content.type === type))

const base64 = (bytes: readonly number[]) => Buffer.from(bytes).toString('base64')
const PNG = base64([
  0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 0, 0, 0, 1, 0, 0, 0, 1, 8, 6, 0, 0, 0,
])
const PDF = Buffer.from('%PDF-1.4\n%%EOF\n').toString('base64')
const OGG = Buffer.concat([Buffer.from('OggS\0\x02'), Buffer.alloc(22), Buffer.from('OpusHead'), Buffer.alloc(11)]).toString('base64')
const WEBP = Buffer.concat([Buffer.from('RIFF'), Buffer.from([20, 0, 0, 0]), Buffer.from('WEBPVP8 '), Buffer.alloc(16)]).toString('base64')
const MP4 = Buffer.concat([
  Buffer.from([0, 0, 0, 24]),
  Buffer.from('ftypmp42'),
  Buffer.alloc(4),
  Buffer.from('mp42isom'),
  Buffer.alloc(8),
]).toString('base64')
const MP3 = Buffer.concat([Buffer.from('ID3\x04\0\0\0\0\0\0'), Buffer.from([0xff, 0xfb, 0x90, 0]), Buffer.alloc(400)]).toString('base64')

const KINDS: [what: string, content: Record<string, unknown>, shown: Record<string, unknown>][] = [
  ['a picture', { type: 'image', media: { base64: PNG }, caption: 'C' }, { type: 'image', caption: 'C' }],
  ['a film', { type: 'video', media: { base64: MP4 }, caption: 'C' }, { type: 'video', caption: 'C' }],
  ['a sound', { type: 'audio', media: { base64: MP3 } }, { type: 'audio' }],
  ['a voice note', { type: 'voice', media: { base64: OGG } }, { type: 'voice' }],
  [
    'a document',
    { type: 'document', media: { base64: PDF, filename: 'x.pdf' }, filename: 'offer.pdf', caption: 'C' },
    { type: 'document', filename: 'offer.pdf', caption: 'C' },
  ],
  ['a sticker', { type: 'sticker', media: { base64: WEBP } }, { type: 'sticker' }],
  [
    'a place',
    { type: 'location', latitude: 52.5, longitude: 13.4, name: 'Office' },
    { type: 'location', latitude: 52.5, longitude: 13.4, name: 'Office' },
  ],
  [
    'a card',
    { type: 'contacts', contacts: [{ name: { formatted: 'Ann' }, phones: [{ phone: '+49 170 1234567' }] }] },
    { type: 'contacts', contacts: [{ name: { formatted_name: 'Ann', first_name: 'Ann' } }] },
  ],
  [
    'buttons under a picture',
    {
      type: 'interactive',
      interactive: { kind: 'buttons', header: { type: 'image', media: { base64: PNG } }, body: 'B', buttons: [{ id: 'y', title: 'Yes' }] },
    },
    { type: 'interactive', interactive: { kind: 'buttons', body: 'B', header: { type: 'image' } } },
  ],
  [
    'a list',
    { type: 'interactive', interactive: { kind: 'list', body: 'B', button: 'Open', sections: [{ rows: [{ id: 'r', title: 'R' }] }] } },
    { type: 'interactive', interactive: { kind: 'list', button: 'Open', sections: [{ rows: [{ id: 'r', title: 'R' }] }] } },
  ],
  [
    'a link',
    { type: 'interactive', interactive: { kind: 'cta', body: 'B', label: 'Go', url: 'https://example.com' } },
    { type: 'interactive', interactive: { kind: 'cta', url: 'https://example.com' } },
  ],
]

describe('every kind of content', () => {
  it.each(KINDS)('%s arrives as what it is', async (_, content, shown) => {
    const to = person()
    await reach(await send({ to, content }), 'read')
    expect(bubbles(to)).toMatchObject([{ content: shown, arrivals: 1 }])
  })

  it('a template, outside the window', async () => {
    const graph = `${emulator.url()}/v23.0/${WABA}/message_templates`
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' }
    const components = [{ type: 'BODY', text: 'Hello {{1}}, welcome.', example: { body_text: [['Ann']] } }]
    await fetch(graph, {
      method: 'POST',
      headers,
      body: JSON.stringify({ name: 'welcome', language: 'en_US', category: 'UTILITY', components }),
    })
    await eventually(async () => (await (await fetch(graph, { headers })).text()).includes('APPROVED'))
    const to = person()
    const template = (values: string[]) => ({
      type: 'template',
      name: 'welcome',
      language: 'en_US',
      components: [{ type: 'body', parameters: values.map((text) => ({ type: 'text', text })) }],
    })
    await reach(await send({ to, content: template(['Ann']), outsideWindow: 'refuse' }), 'read')
    expect(await reach(await send({ to, content: template(['Ann', 'Bob']) }), 'failed')).toMatchObject({ failure: { code: '132000' } })
  })

  it('a file goes up once for many messages', async () => {
    const { body: media } = await call<{ id: string }>('POST', '/v2/media', { base64: PDF, filename: 'twice.pdf' })
    const people = [person(), person(), person()]
    const ids = await Promise.all(people.map((to) => send({ to, content: { type: 'document', media: { id: media.id } } })))
    await Promise.all(ids.map((id) => reach(id, 'read')))
    const remote = people.map((to) => bubbles(to).map(({ content }) => (content as { remoteMedia?: { id?: string } }).remoteMedia?.id))
    expect(new Set(remote.flat()).size).toBe(1)
    const file = network.files.get(remote[0]?.[0] ?? '')
    expect(file).toMatchObject({ mimeType: 'application/pdf', filename: 'twice.pdf' })
    expect(file?.bytes.toString('base64')).toBe(PDF)
  })
})

describe('when it goes wrong', () => {
  it.each([
    ['not on WhatsApp', 131026, '131026'],
    ['outside the window', 131047, 'window_closed'],
    ['a code nobody knows', 424242, '424242'],
  ])('%s: failed at once, and the phone has nothing', async (_, code, told) => {
    const to = person()
    fault({ kind: 'refuse', phone: to, code })
    expect(await reach(await send({ to, text: 'x' }), 'failed')).toMatchObject({ attempt: 1, failure: { code: told } })
    expect(bubbles(to)).toEqual([])
  })

  it('a failure told later ends it as well', async () => {
    const to = '+12025550005'
    expect(await reach(await send({ to, text: 'x' }), 'failed')).toMatchObject({ failure: { code: '131026' } })
  })

  it('a fault in the network’s own words: tried again', async () => {
    const to = person()
    fault({ kind: 'error', status: 503, code: 131016, phone: to, times: 1 })
    expect(await reach(await send({ to, text: 'x' }), 'read')).toMatchObject({ attempt: 2 })
    expect(bubbles(to)).toMatchObject([{ arrivals: 1 }])
  })

  it('cut after it left: the receipt proves it, and it is not sent again', async () => {
    const to = person()
    fault({ kind: 'cut_after', phone: to, times: 1 })
    expect(await reach(await send({ to, text: 'x' }), 'read')).toMatchObject({ attempt: 1 })
    expect(bubbles(to)).toHaveLength(1)
  })

  it('a 5xx that is not the network’s own, after it left: the same', async () => {
    const to = person()
    fault({ kind: 'error_after', status: 502, phone: to, times: 1 })
    expect(await reach(await send({ to, text: 'x' }), 'read')).toMatchObject({ attempt: 1 })
    expect(bubbles(to)).toHaveLength(1)
  })

  it('cut before it left: after the window it is sent again, once', async () => {
    const to = person()
    fault({ kind: 'cut_before', phone: to, times: 1 })
    expect(await reach(await send({ to, text: 'x' }), 'read')).toMatchObject({ attempt: 2 })
    expect(bubbles(to)).toHaveLength(1)
  })

  it('throttled: slower, and through', async () => {
    const to = person()
    fault({ kind: 'refuse', code: 130429, phone: to, times: 2 })
    await reach(await send({ to, text: 'x' }), 'read')
    const { body } = await call<{ rate: number; rateCeiling: number }>('GET', `/v2/channels/${channel.id}`)
    expect(body.rate).toBeLessThan(body.rateCeiling)
  })

  it('a token that is no longer valid holds the queue and burns nothing; a good test lets it go', async () => {
    const to = person()
    const rule = fault({ kind: 'refuse', code: 190, status: 401, phone: to })
    const id = await send({ to, text: 'x' })
    const closed = await eventually(async () => {
      const { body } = await call<{ state: string; stateReason: string }>('GET', `/v2/channels/${channel.id}`)
      return body.state === 'closed' && body
    })
    expect(closed.stateReason).toBe('bad_credentials')
    const { body: waiting } = await call<Message>('GET', `/v2/messages/${id}`)
    expect(waiting).toMatchObject({ state: 'queued', attempt: 0 })
    network.faults.clear(rule.id)
    await call('POST', `/v2/channels/${channel.id}/test`)
    expect(await reach(id, 'read')).toMatchObject({ attempt: 1 })
  })
})

describe('what people write', () => {
  const SAID: [what: string, content: InboundContent][] = [
    ['words', { type: 'text', text: 'Grüße 👋🏽' }],
    ['a place', { type: 'location', latitude: 1.5, longitude: 2.5, name: 'There' }],
    ['a button', { type: 'reply', kind: 'button', id: 'y', title: 'Yes' }],
    ['a form', { type: 'reply', kind: 'form', payload: { size: 'M' } }],
    ['an order', { type: 'order', catalogId: 'C', items: [{ retailerId: 'S', quantity: 2, price: 1.5, currency: 'EUR' }] }],
  ]
  it.each(SAID)('%s: one row', async (_, content) => {
    const from = person()
    network.reply(from, SHOP, { content })
    const { content: told } = await received(from, content.type)
    expect(told).toMatchObject(content)
    expect(await inbound(from)).toHaveLength(1)
  })

  it('a webhook that comes twice adds nothing, a batch of five adds five', async () => {
    const from = person().slice(1)
    const messages = [1, 2, 3, 4, 5].map((n) => ({
      from,
      id: `wamid.batch${n}`,
      timestamp: String(Math.floor(Date.now() / 1000)),
      ...(n === 5 ? { type: 'hologram', hologram: { depth: 3 } } : { type: 'text', text: { body: `number ${n}` } }),
    }))
    const value = {
      messaging_product: 'whatsapp',
      metadata: { phone_number_id: PHONE_ID },
      contacts: [{ wa_id: from, profile: { name: 'Ann' } }],
      messages,
    }
    const body = JSON.stringify({ object: 'whatsapp_business_account', entry: [{ id: WABA, changes: [{ field: 'messages', value }] }] })
    const post = (signature: string) =>
      fetch(channel.webhookUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` },
        body,
      })
    const good = hmacSha256(SECRET, body).toString('hex')
    expect((await post(hmacSha256('another secret', body).toString('hex'))).status).toBe(401)
    expect((await post(good)).status).toBe(200)
    const rows = () => inbound(`+${from}`)
    await eventually(async () => (await rows()).length === 5)
    expect((await rows()).map(({ content }) => content.type).sort()).toEqual(['text', 'text', 'text', 'text', 'unknown'])
    expect((await post(good)).status).toBe(200)
    const marker = person()
    network.reply(marker, SHOP, { content: { type: 'text', text: 'after the repeat' } }) // one channel's events are read in order
    await received(marker, 'text')
    expect(await rows()).toHaveLength(5)
  })

  it('a conversation that is marked as read is read on the phone', async () => {
    const from = person()
    network.reply(from, SHOP, { content: { type: 'text', text: 'read me' } })
    const { conversationId } = await received(from, 'text')
    expect((await call('POST', `/v2/conversations/${conversationId}/read`)).status).toBe(200)
    await eventually(async () => bubbles(from)[0]?.state === 'read')
  })

  it('nobody got anything twice', () => {
    expect(network.stats().sends.twice).toBe(0)
  })
})

it('pauses a campaign whose sends end without an answer, before the window of the first is over', async () => {
  const cut = fault({ kind: 'cut_before' })
  const content = { type: 'template', name: 'hello_world', language: 'en_US' }
  const recipients = Array.from({ length: 60 }, () => ({ to: person() }))
  const guard = { failurePercent: 30, least: 20 }
  const made = await call<{ id: string }>('POST', '/v2/campaigns', { name: 'Cut', channelId: channel.id, recipients, content, guard })
  const ended = await eventually(async () => {
    const { body } = await call<{ state: string; reason: string | null }>('GET', `/v2/campaigns/${made.body.id}`)
    return !['scheduled', 'running'].includes(body.state) && body
  }, 15_000)
  expect(ended).toMatchObject({ state: 'paused', reason: expect.stringContaining('failed') })
  network.faults.clear(cut.id)
})
