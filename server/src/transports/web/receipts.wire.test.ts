import { expect, test } from 'vitest'
import { outcomeOfAck } from './outcomes.ts'
import { toLateRefusal, toReceipts } from './receipts.wire.ts'

const ME = { id: '14155550100:7@s.whatsapp.net', lid: '900:7@lid' }
const receipt = (attrs: Record<string, string>, content?: Parameters<typeof toReceipts>[0]['content']) =>
  toReceipts(
    { tag: 'receipt', attrs: { id: '3EB01', t: '1760000000', from: '14155550123@s.whatsapp.net', ...attrs }, ...(content && { content }) },
    ME,
  )
const AT = new Date(1_760_000_000_000)
const ANN = { phone: '+14155550123', waId: '14155550123' }

test('a message reached somebody, was read, was played', () => {
  expect(receipt({})).toEqual([{ wireId: '3EB01', state: 'delivered', at: AT, recipient: ANN }])
  expect(receipt({ type: 'inactive' })).toMatchObject([{ state: 'delivered' }])
  expect(receipt({ type: 'read' })).toMatchObject([{ state: 'read' }])
  expect(receipt({ type: 'played' })).toMatchObject([{ state: 'played' }])
})

test('several at once', () => {
  const content = [{ tag: 'list', attrs: {}, content: ['3EB02', '3EB03', '3EB01'].map((id) => ({ tag: 'item', attrs: { id } })) }]
  expect(receipt({ type: 'read' }, content).map(({ wireId }) => wireId)).toEqual(['3EB01', '3EB02', '3EB03'])
})

test('in a group: who', () => {
  expect(receipt({ from: '1@g.us', participant: '777:2@lid', participant_pn: '14155550123@s.whatsapp.net' })).toMatchObject([
    { recipient: ANN },
  ])
  expect(receipt({ from: '1@g.us', participant: '777@lid' })[0]).not.toHaveProperty('recipient')
  const content = [
    {
      tag: 'participants',
      attrs: { key: '3EB09' },
      content: [{ tag: 'user', attrs: { jid: '14155550123@s.whatsapp.net', t: '1760000001' } }],
    },
  ]
  expect(receipt({ from: '1@g.us', type: 'read' }, content)).toEqual([
    { wireId: '3EB09', state: 'read', at: new Date(1_760_000_001_000), recipient: ANN },
  ])
})

test('what says nothing of our messages', () => {
  for (const type of ['retry', 'sender', 'read-self', 'played-self', 'server-error', 'hist_sync', 'peer_msg', 'toString'])
    expect(receipt({ type })).toEqual([])
  expect(receipt({ from: '900:3@lid' })).toEqual([]) // another device of ours has it
  expect(receipt({ from: '14155550100:0@s.whatsapp.net', recipient: '14155550123@s.whatsapp.net', type: 'read' })).toEqual([])
  expect(receipt({ id: 'a b' })).toEqual([])
})

test('the network took it, or said why not', () => {
  expect(outcomeOfAck({ id: '3EB01' })).toEqual({ kind: 'accepted', wireId: '3EB01' })
  expect(outcomeOfAck({ id: '3EB01', error: '463' })).toMatchObject({ kind: 'rejected', code: 'reachout_locked', effect: { cold: {} } })
  expect(outcomeOfAck({ id: '3EB01', error: '479' })).toMatchObject({ kind: 'retry', slow: 'none' })
  expect(outcomeOfAck({ id: '3EB01', error: '429' })).toMatchObject({ kind: 'retry', slow: 'channel' })
  expect(outcomeOfAck({ id: '3EB01', error: '999' })).toMatchObject({ kind: 'rejected', code: 'refused' })
  expect(outcomeOfAck({ id: '3EB01', error: 'toString' })).toMatchObject({ kind: 'rejected', code: 'refused' })
})

test('a refusal after the fact is a failure; what may be tried again, and a plain yes, are not', () => {
  const ack = (error?: string) => toLateRefusal({ id: '3EB01', class: 'message', t: '1760000000', ...(error !== undefined && { error }) })
  expect(ack('406')).toEqual([{ wireId: '3EB01', state: 'failed', at: AT, failure: { code: 'refused', reason: expect.any(String) } }])
  expect(ack('463')).toMatchObject([{ failure: { code: 'reachout_locked', advice: expect.any(String) } }])
  expect([ack('503'), ack(), toLateRefusal({ error: '406' })]).toEqual([[], [], []])
})
