import { expect, it } from 'vitest'
import { createNetwork } from './network.ts'
import type { NetworkInbound } from './network.types.ts'
import { createPhoneView, PhoneAct } from './phone-view.ts'
import { createManualTime } from './time.ts'

const SHOP = '+15550001111'
const ANN = '+491701234567'

function open() {
  const time = createManualTime(Date.UTC(2026, 0, 1))
  const network = createNetwork({ time })
  const inbound: NetworkInbound[] = []
  network.on('message', (message) => inbound.push(message))
  return { time, network, inbound, view: createPhoneView(network) }
}

it('shows the phones of a number and a chat as it grows', () => {
  const { time, network, view } = open()
  const seen: string[] = []
  const off = view.watch({ business: SHOP, phone: ANN }, ({ phone, message }) => seen.push(`${phone} ${message.state}`))
  network.deliver(SHOP, ANN, { content: { type: 'text', text: 'hello' }, wireId: 'W1', callbackData: 'd' })
  network.deliver(SHOP, '+4911111', { content: { type: 'text', text: 'other' } })
  time.advance(500)
  expect(view.phones(SHOP)).toMatchObject([
    { phone: { number: ANN }, bubbles: 1, unread: 1, windowUntil: null, last: { wireId: 'W1' } },
    { phone: { number: '+4911111' } },
  ])
  expect(view.act(SHOP, ANN, { act: 'write', text: 'hi', repliesTo: 'W1' })).toEqual({ wireId: expect.any(String) })
  expect(view.chat(SHOP, '491701234567')).toMatchObject({
    windowUntil: '2026-01-02T00:00:00.500Z',
    typing: false,
    messages: [
      {
        wireId: 'W1',
        state: 'delivered',
        content: { text: 'hello' },
        times: { sent: '2026-01-01T00:00:00.000Z', delivered: '2026-01-01T00:00:00.500Z' },
        callbackData: 'd',
      },
      { direction: 'from_phone', content: { text: 'hi' }, repliesTo: 'W1' },
    ],
  })
  expect(seen).toEqual([`${ANN} accepted`, `${ANN} sent`, `${ANN} delivered`, `${ANN} sent`])
  off()
  time.advance(5000)
  expect(seen).toHaveLength(4)
  expect(view.chat(SHOP, ANN, 1).messages).toHaveLength(1)
  expect(view.chat(SHOP, '+4922222')).toMatchObject({ bubbles: 0, messages: [] })
})

it('presses buttons, rows and quick replies as they were sent', () => {
  const { network, inbound, view } = open()
  const put = (wireId: string, content: Parameters<typeof network.deliver>[2]['content']) => network.deliver(SHOP, ANN, { content, wireId })
  put('B', { type: 'interactive', interactive: { kind: 'buttons', body: 'b', buttons: [{ id: 'yes', title: 'Yes' }] } })
  put('L', {
    type: 'interactive',
    interactive: { kind: 'list', body: 'b', button: 'Open', sections: [{ rows: [{ id: 'r', title: 'Row', description: 'd' }] }] },
  })
  put('T', {
    type: 'template',
    name: 't',
    language: 'en',
    components: [{ type: 'button', sub_type: 'quick_reply', index: '0', parameters: [{ type: 'payload', payload: 'STOP' }] }],
  })
  put('X', { type: 'text', text: 'x' })
  for (const [wireId, id] of [
    ['B', 'yes'],
    ['L', 'r'],
    ['T', '0'],
  ] as const)
    view.act(SHOP, ANN, { act: 'press', wireId, id })
  expect(inbound.map(({ content, contextWireId }) => ({ content, contextWireId }))).toEqual([
    { contextWireId: 'B', content: { type: 'reply', kind: 'button', id: 'yes', title: 'Yes' } },
    { contextWireId: 'L', content: { type: 'reply', kind: 'list', id: 'r', title: 'Row', description: 'd' } },
    { contextWireId: 'T', content: { type: 'reply', kind: 'quick_reply', title: 'STOP', payload: 'STOP' } },
  ])
  const press = (wireId: string, id: string) => () => view.act(SHOP, ANN, { act: 'press', wireId, id })
  expect(press('B', 'no')).toThrow('no such button')
  expect(press('X', 'a')).toThrow('nothing to press')
  expect(press('nothing', 'a')).toThrow('No such message')
})

it('sends files and places, votes within the poll, reacts, reads and blocks', () => {
  const { time, network, inbound, view } = open()
  network.deliver(SHOP, ANN, { content: { type: 'poll', question: 'q', options: ['a', 'b'], allowMultiple: false }, wireId: 'P' })
  time.advance(600)
  const act = (body: unknown) => view.act(SHOP, ANN, PhoneAct.parse(body))
  act({ act: 'send_file', kind: 'document', base64: Buffer.from('abc').toString('base64'), mimeType: 'text/plain', filename: 'a.txt' })
  act({ act: 'send_location', latitude: 1, longitude: 2, name: 'Here' })
  act({ act: 'vote', wireId: 'P', options: ['b'] })
  act({ act: 'react', wireId: 'P', emoji: '👍' })
  act({ act: 'read' })
  act({ act: 'block', blocked: true })
  const [file] = inbound
  const id = file && 'remoteMedia' in file.content ? file.content.remoteMedia.id : undefined
  expect(network.files.get(id ?? '')?.bytes.toString()).toBe('abc')
  expect(inbound.slice(1).map(({ content }) => content)).toEqual([
    { type: 'location', latitude: 1, longitude: 2, name: 'Here' },
    { type: 'poll_vote', wireId: 'P', options: ['b'] },
    { type: 'reaction', wireId: 'P', emoji: '👍' },
  ])
  expect(view.chat(SHOP, ANN)).toMatchObject({ blocked: true, unread: 0 })
  expect(view.chat(SHOP, ANN).messages[0]).toMatchObject({ state: 'read', votes: ['b'], reactions: { phone: '👍' } })
  expect(() => act({ act: 'vote', wireId: 'P', options: ['c'] })).toThrow('no option c')
  expect(() => act({ act: 'vote', wireId: 'P', options: ['a', 'b'] })).toThrow('one answer')
  expect(() => act({ act: 'dance' })).toThrow()
})
