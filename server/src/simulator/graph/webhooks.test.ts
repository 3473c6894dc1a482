import { createHmac } from 'node:crypto'
import { afterEach, expect, it } from 'vitest'
import { openEmulator, openReceiver, PHONE_ID, SECRET, SHOP, WABA } from './emulator.fixture.ts'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function open(options: Parameters<typeof openEmulator>[0] = {}, answer?: (count: number) => number) {
  const receiver = await openReceiver(answer)
  const house = await openEmulator({ webhookUrl: receiver.url, ...options })
  closing.push(receiver.close, house.close)
  return { ...house, receiver }
}
const ANN = '+491701234567'

it('tells sent, delivered and read in the shape of version 24, with the callback data', async () => {
  const { receiver, send } = await open()
  const { body } = await send({ text: { body: 'x' }, biz_opaque_callback_data: 'inst:m1:1' })
  await receiver.until(() => receiver.statuses().length === 3)
  expect(receiver.received.map(({ body }) => [body.object, body.entry.length, body.entry[0]?.id])).toEqual(
    Array(3).fill(['whatsapp_business_account', 1, WABA]),
  )
  expect(receiver.changes()[0]).toMatchObject({
    field: 'messages',
    value: { messaging_product: 'whatsapp', metadata: { display_phone_number: '15550001111', phone_number_id: PHONE_ID } },
  })
  const common = {
    id: body.messages[0].id,
    recipient_id: '491701234567',
    biz_opaque_callback_data: 'inst:m1:1',
    timestamp: expect.stringMatching(/^\d{10}$/),
  }
  const pricing = { billable: true, pricing_model: 'PMP', type: 'regular', category: 'service' }
  const byStatus = receiver.statuses().sort((a, b) => b.status.localeCompare(a.status)) // posts in flight may overtake each other
  expect(byStatus).toEqual([
    { ...common, status: 'sent', pricing },
    { ...common, status: 'read' },
    { ...common, status: 'delivered', pricing },
  ])
})

it('tells conversations before version 24, failures with their code, templates with their category', async () => {
  const { receiver, send } = await open({ webhookVersion: 23 })
  await send({ type: 'template', template: { name: 'hello_world', language: { code: 'en_US' } } })
  await receiver.until(() => receiver.statuses().length === 3)
  const sent = receiver.statuses().find(({ status }) => status === 'sent')
  expect(sent).toMatchObject({
    conversation: { id: expect.any(String), expiration_timestamp: expect.any(String), origin: { type: 'utility' } },
    pricing: { category: 'utility' },
  })
  await send({ to: '+491705550005', text: { body: 'x' } })
  await receiver.until(() => receiver.statuses().some(({ status }) => status === 'failed'))
  expect(receiver.statuses().find(({ status }) => status === 'failed')?.errors).toMatchObject([
    { code: 131026, title: expect.any(String), error_data: { details: expect.any(String) } },
  ])
})

it('signs the escaped bytes', async () => {
  const { receiver, network } = await open()
  network.changePhone(ANN, { profileName: 'Änne 🦊' })
  network.reply(ANN, SHOP, { content: { type: 'text', text: 'grüße 🦊 日本' } })
  await receiver.until(() => receiver.messages().length === 1)
  const [{ raw, signature } = { raw: '', signature: '' }] = receiver.received
  expect(signature).toBe(`sha256=${createHmac('sha256', SECRET).update(raw, 'latin1').digest('hex')}`)
  expect(raw).toMatch(/^[\x20-\x7e]*$/)
  expect(raw).toContain('gr\\u00fc\\u00dfe \\ud83e\\udd8a')
  expect(receiver.messages()[0]).toMatchObject({ from: '491701234567', type: 'text', text: { body: 'grüße 🦊 日本' } })
  expect(receiver.changes()[0]?.value.contacts).toEqual([{ profile: { name: 'Änne 🦊' }, wa_id: '491701234567' }])
})

it('posts again until it hears 200, and counts what it gave up', async () => {
  const { receiver, network, emulator } = await open({}, (count) => (count < 4 ? 500 : 204))
  network.reply(ANN, SHOP, { content: { type: 'text', text: 'hi' } })
  await receiver.until(() => receiver.received.length === 5)
  expect(new Set(receiver.received.map(({ raw }) => raw)).size).toBe(1)
  await expect.poll(() => emulator.stats().webhooks).toEqual({ posts: 5, delivered: 0, failedPosts: 5, retries: 4, lost: 1, waiting: 0 })
})

it('outlives a receiver that is away', async () => {
  const { receiver, network, emulator } = await open({ webhooks: { retry: { firstMs: 10, factor: 1, mostMs: 10, attempts: 1000 } } })
  emulator.setWebhook(WABA, 'http://127.0.0.1:1/away')
  network.reply(ANN, SHOP, { content: { type: 'text', text: 'lost?' } })
  await expect.poll(() => emulator.stats().webhooks.retries).toBeGreaterThan(2)
  expect(emulator.stats().webhooks.waiting).toBe(1)
  emulator.setWebhook(WABA, receiver.url)
  network.reply(ANN, SHOP, { content: { type: 'text', text: 'back' } })
  await receiver.until(() => receiver.messages().length === 1)
})

it('puts many changes into one post, those of a number into one value', async () => {
  const { receiver, send, network, emulator } = await open({ webhooks: { batch: 50, lingerMs: 60_000 }, phones: { scale: 0 } })
  emulator.addAccount({
    wabaId: '99',
    accessToken: 't2',
    appSecret: SECRET,
    verifyToken: 'v',
    webhookUrl: receiver.url,
    phoneNumbers: [{ id: '98', number: '+15559999999' }],
  })
  for (let i = 0; i < 15; i++) await send({ text: { body: `${i}` } })
  await expect.poll(() => network.stats().receipts).toBe(45)
  for (let i = 0; i < 3; i++) network.reply(ANN, SHOP, { content: { type: 'text', text: `${i}` } })
  network.reply(ANN, '+15559999999', { content: { type: 'text', text: 'a' } })
  network.reply(ANN, '+15559999999', { content: { type: 'text', text: 'b' } })
  await receiver.until(() => receiver.received.length === 1)
  expect(
    receiver.received[0]?.body.entry.map(({ id, changes }) => [
      id,
      changes.map(({ value }) => [value.statuses?.length, value.messages?.length, value.contacts?.length]),
    ]),
  ).toEqual([
    [
      WABA,
      [
        [45, undefined, undefined],
        [undefined, 3, 1],
      ],
    ],
    ['99', [[undefined, 2, 1]]],
  ])
})

it('bounds what waits', async () => {
  const { network, emulator } = await open({ webhooks: { batch: 1000, lingerMs: 60_000, mostQueued: 5 } })
  for (let i = 0; i < 8; i++) network.reply(ANN, SHOP, { content: { type: 'text', text: `${i}` } })
  expect(emulator.stats().webhooks).toMatchObject({ waiting: 5, lost: 3 })
})

it('tells the first status before the answer when asked to', async () => {
  const { receiver, send, network } = await open({ phones: { delays: { deliveredMs: 60_000, readMs: 60_000 } } })
  network.faults.set({ kind: 'status_first', times: 1 })
  const { body } = await send({ text: { body: 'x' } })
  expect(receiver.statuses()).toMatchObject([{ id: body.messages[0].id, status: 'sent' }])
})

it('tells who hides the number by the business-scoped id alone', async () => {
  const { receiver, send, network } = await open()
  network.changePhone(ANN, { bsuid: 'DE.12345', username: 'ann', hidesNumber: true })
  network.reply(ANN, SHOP, { content: { type: 'text', text: 'hi' } })
  await send({ to: undefined, recipient: 'DE.12345', text: { body: 'x' } })
  await receiver.until(() => receiver.statuses().length === 3 && receiver.messages().length === 1)
  const contact = { profile: { name: 'Phone 4567', username: 'ann' }, user_id: 'DE.12345' }
  expect(receiver.messages()[0]).not.toHaveProperty('from')
  expect(receiver.messages()[0]).toMatchObject({ from_user_id: 'DE.12345' })
  expect(receiver.statuses()[0]).not.toHaveProperty('recipient_id')
  expect(receiver.changes().map(({ value }) => value.contacts)).toEqual(Array(4).fill([contact]))
})

it('writes every kind of message as Meta does', async () => {
  const { receiver, network, call, url } = await open({ webhooks: { batch: 14, lingerMs: 60_000 } })
  const file = network.files.put({ bytes: Buffer.from('abc'), mimeType: 'audio/ogg; codecs=opus', owner: SHOP })
  const media = { remoteMedia: { id: file.id } }
  const say = (content: Parameters<typeof network.reply>[2]['content'], contextWireId?: string) =>
    network.reply(ANN, SHOP, { content, contextWireId })
  say({ type: 'voice', ...media })
  say({ type: 'document', ...media, filename: 'a.pdf', caption: 'c' })
  say({ type: 'sticker', ...media })
  say({ type: 'location', latitude: 1, longitude: 2 })
  say({ type: 'contacts', contacts: [{ name: { formatted: 'Ann', first: 'Ann' }, phones: [{ phone: '+1', waId: '1' }] }] })
  say({ type: 'reaction', wireId: 'w', emoji: '' })
  say({ type: 'reply', kind: 'button', id: 'a', title: 'A' }, 'wamid.q')
  say({ type: 'reply', kind: 'list', id: 'a', title: 'A', description: 'd' })
  say({ type: 'reply', kind: 'quick_reply', title: 'Stop', payload: 'STOP' })
  say({ type: 'reply', kind: 'form', payload: { a: 1 } })
  say({ type: 'order', catalogId: 'c', items: [{ retailerId: 'r', quantity: 1, price: 2, currency: 'EUR' }] })
  say({ type: 'revoke', wireId: 'w' })
  say({ type: 'poll_vote', wireId: 'w', options: ['a'] })
  say({ type: 'unknown', kind: 'hologram', raw: { depth: 3 } })
  await receiver.until(() => receiver.messages().length === 14)
  const part = { id: file.id, mime_type: 'audio/ogg; codecs=opus', sha256: 'ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=' }
  expect(receiver.messages()).toMatchObject([
    { type: 'audio', audio: { ...part, voice: true } },
    { type: 'document', document: { ...part, filename: 'a.pdf', caption: 'c' } },
    { type: 'sticker', sticker: { ...part, animated: false } },
    { type: 'location', location: { latitude: 1, longitude: 2 } },
    { type: 'contacts', contacts: [{ name: { formatted_name: 'Ann', first_name: 'Ann' }, phones: [{ phone: '+1', wa_id: '1' }] }] },
    { type: 'reaction', reaction: { message_id: 'w', emoji: '' } },
    {
      type: 'interactive',
      interactive: { type: 'button_reply', button_reply: { id: 'a', title: 'A' } },
      context: { from: '15550001111', id: 'wamid.q' },
    },
    { type: 'interactive', interactive: { type: 'list_reply', list_reply: { id: 'a', title: 'A', description: 'd' } } },
    { type: 'button', button: { payload: 'STOP', text: 'Stop' } },
    { type: 'interactive', interactive: { type: 'nfm_reply', nfm_reply: { name: 'flow', body: 'Sent', response_json: '{"a":1}' } } },
    {
      type: 'order',
      order: { catalog_id: 'c', product_items: [{ product_retailer_id: 'r', quantity: 1, item_price: 2, currency: 'EUR' }] },
    },
    { type: 'revoke', revoke: { original_message_id: 'w' } },
    { type: 'unsupported', errors: [{ code: 131051 }] },
    { type: 'hologram', hologram: { depth: 3 } },
  ])
  const { body: facts } = await call('GET', file.id)
  const bytes = await fetch(facts.url, { headers: { authorization: 'Bearer EAAtoken' } }).then((response) => response.text())
  expect([bytes, facts.url.startsWith(url)]).toEqual(['abc', true])
})

it('tells nobody once nobody is subscribed', async () => {
  const { call, send, network, emulator, receiver } = await open({ phones: { scale: 0 } })
  await send({ text: { body: 'x' } })
  await receiver.until(() => receiver.statuses().length === 3)
  await call('DELETE', `v23.0/${WABA}/subscribed_apps`)
  await send({ text: { body: 'x' } })
  network.reply(ANN, SHOP, { content: { type: 'text', text: 'hi' } })
  await expect.poll(() => network.stats().receipts).toBe(6)
  expect(emulator.stats().webhooks).toMatchObject({ posts: 3, waiting: 0 })
  await call('POST', `v23.0/${WABA}/subscribed_apps`)
  network.reply(ANN, SHOP, { content: { type: 'text', text: 'hi' } })
  await receiver.until(() => receiver.messages().length === 1)
})
