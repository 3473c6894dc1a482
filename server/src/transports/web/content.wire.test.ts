import { proto } from 'baileys'
import { expect, test } from 'vitest'
import type { Content } from '#core/content'
import type { Outgoing } from '#core/transport'
import { toContext, toMessage, withContext } from './content.wire.ts'
import { readMentions } from './mentions.ts'
import { fromVcard, toVcard } from './vcard.wire.ts'

const ANN = '14155550123@s.whatsapp.net'
const GROUP = '120363021234567890@g.us'
const ME = '14155550100@s.whatsapp.net'

const outgoing = (content: Content, more: Partial<Outgoing> = {}): Outgoing => ({
  messageId: 'm',
  attempt: 1,
  to: '+14155550123',
  content,
  media: undefined,
  wireId: '3EB01',
  targetWireId: undefined,
  callbackData: '',
  ...more,
})

/** As it is after its way over the wire. */
function written(message: Outgoing, jid = ANN) {
  const setting = { jid, meJid: ME, now: 1 }
  const part = toMessage(message, setting)
  if ('refused' in part) return part
  const whole = withContext(part.message, toContext(message, part.mentions ?? [], setting))
  return proto.Message.toObject(proto.Message.decode(proto.Message.encode(whole).finish()), { longs: Number })
}

test('a text, with those it mentions', () => {
  const text = 'Hi @[Ann](14155550123@c.us) and @[Bo Li](777@lid), @[who](nobody) @[Cy](+60123456789)'
  expect(written(outgoing({ type: 'text', text }), GROUP)).toEqual({
    extendedTextMessage: {
      text: 'Hi @14155550123 and @777, @[who](nobody) @60123456789',
      contextInfo: { mentionedJid: [ANN, '777@lid', '60123456789@s.whatsapp.net'] },
    },
  })
})

test('a text shows what is known of its link, unless it is told not to', () => {
  const linkPreview = { title: 'A shop', description: 'Of things' }
  const text = 'See https://shop.example/1.'
  expect(written(outgoing({ type: 'text', text }, { linkPreview }))).toEqual({
    extendedTextMessage: { text, matchedText: 'https://shop.example/1', ...linkPreview },
  })
  for (const told of [outgoing({ type: 'text', text }), outgoing({ type: 'text', text, previewUrl: false }, { linkPreview })])
    expect(written(told)).toEqual({ extendedTextMessage: { text } })
})

test('mentions are bounded, and a text of nothing but brackets is quick to read', () => {
  const many = Array.from({ length: 300 }, (_, i) => `@[n](${1_000_000 + i}@lid)`).join(' ')
  expect(readMentions(many).jids).toHaveLength(256)
  const begun = performance.now()
  readMentions('@['.repeat(50_000))
  expect(performance.now() - begun).toBeLessThan(1_000)
})

test('a reply quotes what is known of what it answers', () => {
  const target = { fromMe: false, author: '777@lid', content: { type: 'text', text: 'When?' } as const }
  const reply = outgoing({ type: 'text', text: 'Now' }, { targetWireId: '3EB0T', target })
  expect(written(reply, GROUP)).toMatchObject({
    extendedTextMessage: { contextInfo: { stanzaId: '3EB0T', participant: '777@lid', quotedMessage: { conversation: 'When?' } } },
  })
  expect(written({ ...reply, target: { ...target, author: undefined } })).toMatchObject({
    extendedTextMessage: { contextInfo: { participant: ANN } },
  })
  expect(written({ ...reply, target: { ...target, fromMe: true } })).toMatchObject({
    extendedTextMessage: { contextInfo: { participant: ME } },
  })
  expect(written(outgoing({ type: 'text', text: 'Now' }, { targetWireId: '3EB0T' }))).toMatchObject({
    extendedTextMessage: { contextInfo: { stanzaId: '3EB0T' } },
  })
})

test('a reaction names its message, and in a group its author', () => {
  const target = { fromMe: false, author: '+14155550123', content: { type: 'text', text: 'x' } as const }
  const reaction = outgoing({ type: 'reaction', messageId: crypto.randomUUID(), emoji: '👍' }, { targetWireId: '3EB0T', target })
  expect(written(reaction)).toEqual({
    reactionMessage: { key: { remoteJid: ANN, id: '3EB0T', fromMe: false }, text: '👍', senderTimestampMs: 1 },
  })
  expect(written(reaction, GROUP)).toMatchObject({ reactionMessage: { key: { remoteJid: GROUP, participant: ANN } } })
  expect(written({ ...reaction, targetWireId: undefined })).toMatchObject({ refused: { code: 'unsupported' } })
})

test('a place, a poll, cards', () => {
  expect(written(outgoing({ type: 'location', latitude: 1, longitude: 2, name: 'Here' }))).toEqual({
    locationMessage: { degreesLatitude: 1, degreesLongitude: 2, name: 'Here' },
  })
  const poll = { type: 'poll' as const, question: 'When?', options: ['Now', 'Later'] }
  expect(written(outgoing({ ...poll, allowMultiple: false }))).toMatchObject({ pollCreationMessageV3: { selectableOptionsCount: 1 } })
  expect(written(outgoing({ ...poll, allowMultiple: true }))).toMatchObject({
    pollCreationMessage: { name: 'When?', selectableOptionsCount: 0, options: [{ optionName: 'Now' }, { optionName: 'Later' }] },
  })
  const card = { name: { formatted: 'Bo' }, phones: [{ phone: '+60 12' }] }
  expect(written(outgoing({ type: 'contacts', contacts: [card] }))).toMatchObject({ contactMessage: { displayName: 'Bo' } })
  expect(written(outgoing({ type: 'contacts', contacts: [card, card] }))).toMatchObject({ contactsArrayMessage: { contacts: [{}, {}] } })
})

test('what the road does not carry is refused', () => {
  const template: Content = { type: 'template', name: 'hi', language: 'en', components: [] }
  expect(written(outgoing(template))).toMatchObject({ refused: { code: 'unsupported' } })
})

test('a card comes back as it went, and no value breaks out of its line', () => {
  const card = {
    name: { formatted: 'Bo; Li, PhD\nEND:VCARD', first: 'Bo', last: 'Li' },
    phones: [{ phone: '+60123456789', type: 'WORK', waId: '60123456789' }],
    emails: [{ email: 'bo@example.com' }],
    organization: { company: 'A;B', title: 'Cook' },
    birthday: '1990-01-02',
  }
  expect(fromVcard(toVcard(card), undefined)).toEqual(card)
})
