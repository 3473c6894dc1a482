import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openEmulator, PHONE_ID, SHOP } from './emulator.fixture.ts'

let house: Awaited<ReturnType<typeof openEmulator>>
beforeAll(async () => {
  house = await openEmulator()
})
afterAll(() => house.close())

const code = (value: number) =>
  expect.objectContaining({ body: { error: expect.objectContaining({ code: value, fbtrace_id: expect.any(String) }) } })
const OK = expect.objectContaining({ status: 200 })

const button = (id: string, title: string) => ({ type: 'reply', reply: { id, title } })
const interactive = (value: Record<string, unknown>) => ({ type: 'interactive', interactive: { body: { text: 'Choose' }, ...value } })
const rows = (count: number) => Array.from({ length: count }, (_, i) => ({ id: `r${i}`, title: `Row ${i}` }))
const card = (name: Record<string, unknown>) => ({ name, phones: [{ phone: '+1 555' }] })

describe('messages', () => {
  it.each([
    ['text without a type', { text: { body: 'hi' } }],
    ['text with a preview', { type: 'text', text: { body: 'https://example.com', preview_url: true }, context: { message_id: 'wamid.x' } }],
    ['image by link', { type: 'image', image: { link: 'https://example.com/a.png', caption: 'a' } }],
    ['document', { type: 'document', document: { link: 'https://example.com/a.pdf', filename: 'a.pdf', caption: 'a' } }],
    ['voice', { type: 'audio', audio: { link: 'https://example.com/a.ogg', voice: true } }],
    ['sticker', { type: 'sticker', sticker: { link: 'https://example.com/a.webp' } }],
    ['location in strings', { type: 'location', location: { latitude: '52.5', longitude: '13.4', name: 'Berlin' } }],
    ['contacts', { type: 'contacts', contacts: [card({ formatted_name: 'Ann B', first_name: 'Ann' })] }],
    ['reaction', { type: 'reaction', reaction: { message_id: 'wamid.x', emoji: '' } }],
    ['buttons', interactive({ type: 'button', action: { buttons: [button('a', 'A'), button('b', 'B')] }, footer: { text: 'f' } })],
    ['list', interactive({ type: 'list', action: { button: 'Open', sections: [{ rows: rows(10) }] } })],
    ['link', interactive({ type: 'cta_url', action: { name: 'cta_url', parameters: { display_text: 'Go', url: 'https://example.com' } } })],
    ['location request', interactive({ type: 'location_request_message', action: { name: 'send_location' } })],
    ['product', { type: 'interactive', interactive: { type: 'product', action: { catalog_id: '1', product_retailer_id: 'x' } } }],
    [
      'flow',
      interactive({ type: 'flow', action: { name: 'flow', parameters: { flow_message_version: '3', flow_id: '1', flow_cta: 'Go' } } }),
    ],
    ['template', { type: 'template', template: { name: 'hello_world', language: { code: 'en_US' } } }],
  ])('takes a %s', async (_, message) => {
    expect(await house.send(message)).toMatchObject({
      status: 200,
      body: {
        messaging_product: 'whatsapp',
        contacts: [{ input: '+491701234567', wa_id: '491701234567' }],
        messages: [{ id: expect.stringMatching(/^wamid\./) }],
      },
    })
  })

  it.each([
    ['no product', 131008, { messaging_product: undefined, text: { body: 'x' } }],
    ['another product', 131009, { messaging_product: 'sms', text: { body: 'x' } }],
    ['no recipient', 131008, { to: undefined, text: { body: 'x' } }],
    ['a recipient in words', 131009, { to: 'Ann', text: { body: 'x' } }],
    ['the sender itself', 131021, { to: SHOP, text: { body: 'x' } }],
    ['an unknown type', 131051, { type: 'fax', fax: {} }],
    ['no object of its type', 131008, { type: 'image' }],
    ['an empty text', 131008, { text: { body: '' } }],
    ['a text too long', 100, { text: { body: 'x'.repeat(4097) } }],
    ['callback data too long', 100, { text: { body: 'x' }, biz_opaque_callback_data: 'x'.repeat(513) }],
    ['media by id and link', 100, { type: 'image', image: { id: '1', link: 'https://example.com' } }],
    ['unknown media', 100, { type: 'image', image: { id: '1' } }],
    ['a caption on audio', 100, { type: 'audio', audio: { link: 'https://example.com/a', caption: 'x' } }],
    ['a place off the Earth', 131009, { type: 'location', location: { latitude: 91, longitude: 0 } }],
    ['a contact with half a name', 131009, { type: 'contacts', contacts: [card({ formatted_name: 'Ann' })] }],
    ['no emoji', 131008, { type: 'reaction', reaction: { message_id: 'x' } }],
    ['four buttons', 131009, interactive({ type: 'button', action: { buttons: 'abcd'.split('').map((id) => button(id, id)) } })],
    ['equal buttons', 131009, interactive({ type: 'button', action: { buttons: [button('a', 'A'), button('a', 'B')] } })],
    [
      'eleven rows',
      131009,
      interactive({
        type: 'list',
        action: {
          button: 'Open',
          sections: [
            { title: 'a', rows: rows(10) },
            { title: 'b', rows: rows(1) },
          ],
        },
      }),
    ],
    ['a footer too long', 100, interactive({ type: 'button', action: { buttons: [button('a', 'A')] }, footer: { text: 'f'.repeat(61) } })],
    [
      'products without a header',
      131008,
      interactive({ type: 'product_list', action: { catalog_id: '1', sections: [{ product_items: [{ product_retailer_id: 'a' }] }] } }),
    ],
    ['one card', 131009, interactive({ type: 'carousel', action: { cards: [{}] } })],
    ['an unknown interactive', 131009, interactive({ type: 'game', action: {} })],
    ['a template of no name', 132001, { type: 'template', template: { name: 'nothing', language: { code: 'en_US' } } }],
    ['a number without WhatsApp', 131026, { to: '+491705550002', text: { body: 'x' } }],
    ['a closed window', 131047, { to: '+491705550009', text: { body: 'x' } }],
    ['a throttled number', 130429, { to: '+491705550006', text: { body: 'x' } }],
  ])('refuses %s', async (_, expected, message) => {
    const before = house.network.stats().sends.total
    expect(await house.send(message)).toEqual(code(expected))
    expect(house.network.stats().sends.total).toBe(before)
  })

  it('shows them on the phone in neutral words, with the path in either form', async () => {
    const to = '+491701110011'
    await house.call('POST', `${PHONE_ID}/messages`, {
      messaging_product: 'whatsapp',
      to: '49 (170) 111-0011',
      text: { body: 'plain' },
      context: { message_id: 'wamid.q' },
      biz_opaque_callback_data: 'i:m:1',
    })
    await house.send({
      to,
      type: 'interactive',
      interactive: { type: 'list', body: { text: 'b' }, action: { button: 'Open', sections: [{ rows: rows(1) }] } },
    })
    await house.send({
      to,
      type: 'interactive',
      interactive: { type: 'catalog_message', body: { text: 'b' }, action: { name: 'catalog_message' } },
    })
    expect([...(house.network.chat(SHOP, to)?.bubbles.values() ?? [])]).toMatchObject([
      { content: { type: 'text', text: 'plain' }, contextWireId: 'wamid.q', callbackData: 'i:m:1' },
      {
        content: {
          type: 'interactive',
          interactive: { kind: 'list', body: 'b', button: 'Open', sections: [{ rows: [{ id: 'r0', title: 'Row 0' }] }] },
        },
      },
      { content: { type: 'unknown', kind: 'interactive.catalog_message' } },
    ])
  })

  it('sends to a business-scoped id alone', async () => {
    house.network.changePhone('+491701110012', { bsuid: 'DE.1234567' })
    expect(await house.send({ to: undefined, recipient: 'DE.1234567', text: { body: 'x' } })).toMatchObject({
      status: 200,
      body: { contacts: [{ input: 'DE.1234567', user_id: 'DE.1234567' }] },
    })
    expect(await house.send({ to: undefined, recipient: 'DE.7654321', text: { body: 'x' } })).toEqual(code(131026))
  })

  it('marks as read, with typing', async () => {
    const id = house.network.reply('+491701110013', SHOP, { content: { type: 'text', text: 'hi' } })
    const mark = (more: object) =>
      house.call('POST', `v23.0/${PHONE_ID}/messages`, { messaging_product: 'whatsapp', status: 'read', message_id: id, ...more })
    expect(await mark({ typing_indicator: { type: 'text' } })).toMatchObject({ status: 200, body: { success: true } })
    expect(house.network.chat(SHOP, '+491701110013')).toMatchObject({ typingUntil: expect.any(Number) })
    expect(house.network.chat(SHOP, '+491701110013')?.bubbles.get(id)?.state).toBe('read')
    expect(await mark({ message_id: 'wamid.nothing' })).toEqual(code(131009))
    expect(await mark({ typing_indicator: { type: 'dance' } })).toEqual(code(131009))
  })

  it('breaks on demand: 5xx with and without words, a cut connection', async () => {
    const with_ = async (rule: Parameters<typeof house.network.faults.set>[0]) => {
      house.network.faults.set({ times: 1, ...rule })
      const before = house.network.stats().sends.total
      const answer = await house.send({ text: { body: 'x' } }).catch(() => 'cut')
      house.network.faults.clear()
      return [answer, house.network.stats().sends.total - before]
    }
    expect(await with_({ kind: 'error', status: 502 })).toEqual([
      expect.objectContaining({ status: 502, body: expect.stringMatching(/^<html>/) }),
      0,
    ])
    expect(await with_({ kind: 'error_after', code: 131000, status: 500 })).toMatchObject([
      { status: 500, body: { error: { code: 131000 } } },
      1,
    ])
    expect(await with_({ kind: 'cut_before' })).toEqual(['cut', 0])
    expect(await with_({ kind: 'cut_after' })).toEqual(['cut', 1])
  })

  it('answers after its latency', async () => {
    house.emulator.setLatency(60)
    const start = performance.now()
    expect(await house.send({ text: { body: 'x' } })).toEqual(OK)
    expect(performance.now() - start).toBeGreaterThanOrEqual(59)
    house.emulator.setLatency(0)
  })
})
