import { expect, test } from 'vitest'
import { Content } from '#core/content'
import type { Outgoing } from '#core/transport'
import { newId } from '#kit/ids'
import { toGraphMessage } from './wire.ts'

const mediaId = newId()
const file = (mimeType: string, filename?: string) => ({ id: 'm1', mimeType, filename })

const outgoing = (content: Record<string, unknown>, more: Partial<Outgoing> = {}): Outgoing => ({
  messageId: newId(),
  attempt: 1,
  to: '+4917012345678',
  content: Content.parse(content),
  media: undefined,
  wireId: undefined,
  targetWireId: undefined,
  callbackData: 'inst:msg:1',
  ...more,
})

const AROUND = { messaging_product: 'whatsapp', to: '+4917012345678', biz_opaque_callback_data: 'inst:msg:1' }

test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
  ['text', { type: 'text', text: 'Hi' }, { type: 'text', text: { body: 'Hi' } }],
  ['text with a preview', { type: 'text', text: 'Hi', previewUrl: true }, { type: 'text', text: { body: 'Hi', preview_url: true } }],
  [
    'location',
    { type: 'location', latitude: 52.5, longitude: 13.4, name: 'Berlin' },
    { type: 'location', location: { latitude: 52.5, longitude: 13.4, name: 'Berlin' } },
  ],
  [
    'card',
    {
      type: 'contacts',
      contacts: [{ name: { formatted: 'Ann B', last: 'B' }, phones: [{ phone: '+1', waId: '1' }], organization: { company: 'C' } }],
    },
    {
      type: 'contacts',
      contacts: [{ name: { formatted_name: 'Ann B', last_name: 'B' }, phones: [{ phone: '+1', wa_id: '1' }], org: { company: 'C' } }],
    },
  ],
  [
    'card with the whole name alone',
    { type: 'contacts', contacts: [{ name: { formatted: 'Ann' } }] },
    { type: 'contacts', contacts: [{ name: { formatted_name: 'Ann', first_name: 'Ann' } }] },
  ],
  [
    'buttons',
    { type: 'interactive', interactive: { kind: 'buttons', body: 'Well?', footer: 'f', buttons: [{ id: 'y', title: 'Yes' }] } },
    {
      type: 'interactive',
      interactive: {
        type: 'button',
        body: { text: 'Well?' },
        footer: { text: 'f' },
        action: { buttons: [{ type: 'reply', reply: { id: 'y', title: 'Yes' } }] },
      },
    },
  ],
  [
    'list',
    {
      type: 'interactive',
      interactive: {
        kind: 'list',
        header: { type: 'text', text: 'H' },
        body: 'B',
        button: 'Open',
        sections: [{ rows: [{ id: 'a', title: 'A', description: 'D' }] }],
      },
    },
    {
      type: 'interactive',
      interactive: {
        type: 'list',
        header: { type: 'text', text: 'H' },
        body: { text: 'B' },
        action: { button: 'Open', sections: [{ rows: [{ id: 'a', title: 'A', description: 'D' }] }] },
      },
    },
  ],
  [
    'link',
    { type: 'interactive', interactive: { kind: 'cta', body: 'B', label: 'Go', url: 'https://example.com/' } },
    {
      type: 'interactive',
      interactive: {
        type: 'cta_url',
        body: { text: 'B' },
        action: { name: 'cta_url', parameters: { display_text: 'Go', url: 'https://example.com/' } },
      },
    },
  ],
  [
    'template',
    { type: 'template', name: 'welcome', language: 'pt_BR', components: [{ type: 'body', parameters: [{ type: 'text', text: 'Ana' }] }] },
    {
      type: 'template',
      template: {
        name: 'welcome',
        language: { code: 'pt_BR' },
        components: [{ type: 'body', parameters: [{ type: 'text', text: 'Ana' }] }],
      },
    },
  ],
  [
    'template without values',
    { type: 'template', name: 'w', language: 'en' },
    { type: 'template', template: { name: 'w', language: { code: 'en' } } },
  ],
])('%s', (_, content, parts) => {
  expect(toGraphMessage(outgoing(content))).toEqual({ ...AROUND, ...parts })
})

test.each<[string, Record<string, unknown>, ReturnType<typeof file>, Record<string, unknown>]>([
  ['picture', { type: 'image', mediaId, caption: 'c' }, file('image/png'), { type: 'image', image: { id: 'm1', caption: 'c' } }],
  [
    'picture of a type that is not shown',
    { type: 'image', mediaId, caption: 'c' },
    file('image/gif', 'a.gif'),
    { type: 'document', document: { id: 'm1', caption: 'c', filename: 'a.gif' } },
  ],
  ['film', { type: 'video', mediaId }, file('video/mp4'), { type: 'video', video: { id: 'm1' } }],
  ['sound', { type: 'audio', mediaId }, file('audio/mpeg'), { type: 'audio', audio: { id: 'm1' } }],
  [
    'sound of a type that is not played',
    { type: 'audio', mediaId },
    file('audio/flac', 'a.flac'),
    { type: 'document', document: { id: 'm1', filename: 'a.flac' } },
  ],
  ['voice note', { type: 'voice', mediaId }, file('audio/ogg; codecs=opus'), { type: 'audio', audio: { id: 'm1', voice: true } }],
  ['voice note that is no opus', { type: 'voice', mediaId }, file('audio/mpeg'), { type: 'audio', audio: { id: 'm1' } }],
  [
    'document',
    { type: 'document', mediaId, filename: 'b.pdf', caption: 'c' },
    file('application/pdf', 'a.pdf'),
    { type: 'document', document: { id: 'm1', caption: 'c', filename: 'b.pdf' } },
  ],
  ['sticker', { type: 'sticker', mediaId }, file('image/webp'), { type: 'sticker', sticker: { id: 'm1' } }],
  [
    'picture over buttons',
    {
      type: 'interactive',
      interactive: { kind: 'buttons', header: { type: 'image', mediaId }, body: 'B', buttons: [{ id: 'y', title: 'Y' }] },
    },
    file('image/jpeg'),
    {
      type: 'interactive',
      interactive: {
        type: 'button',
        header: { type: 'image', image: { id: 'm1' } },
        body: { text: 'B' },
        action: { buttons: [{ type: 'reply', reply: { id: 'y', title: 'Y' } }] },
      },
    },
  ],
  [
    'picture over a link, of a type that is not shown',
    {
      type: 'interactive',
      interactive: { kind: 'cta', header: { type: 'image', mediaId }, body: 'B', label: 'Go', url: 'https://example.com/' },
    },
    file('image/gif', 'a.gif'),
    {
      type: 'interactive',
      interactive: {
        type: 'cta_url',
        header: { type: 'document', document: { id: 'm1', filename: 'a.gif' } },
        body: { text: 'B' },
        action: { name: 'cta_url', parameters: { display_text: 'Go', url: 'https://example.com/' } },
      },
    },
  ],
])('%s', (_, content, remote, parts) => {
  expect(toGraphMessage(outgoing(content), remote)).toEqual({ ...AROUND, ...parts })
})

test('a reply names its target beside the words, a reaction within', () => {
  expect(toGraphMessage(outgoing({ type: 'text', text: 'Hi' }, { targetWireId: 'wamid.1' }))).toEqual({
    ...AROUND,
    type: 'text',
    text: { body: 'Hi' },
    context: { message_id: 'wamid.1' },
  })
  const reaction = { type: 'reaction', messageId: newId(), emoji: '👍' }
  expect(toGraphMessage(outgoing(reaction, { targetWireId: 'wamid.1' }))).toEqual({
    ...AROUND,
    type: 'reaction',
    reaction: { message_id: 'wamid.1', emoji: '👍' },
  })
})

test('who it goes to', () => {
  const to = (address: string) => toGraphMessage(outgoing({ type: 'text', text: 'Hi' }, { to: address }))
  expect(to('+16505551234')).toMatchObject({ to: '+16505551234' })
  expect(to('US.13491208655302741918')).toMatchObject({ recipient: 'US.13491208655302741918' })
  expect(to('US.13491208655302741918')).not.toHaveProperty('to')
  expect(to('120363041234567890@g.us')).toMatchObject({ recipient_type: 'group', to: '120363041234567890' })
})

test('what the road cannot carry has no form', () => {
  expect(toGraphMessage(outgoing({ type: 'poll', question: 'q', options: ['a', 'b'] }))).toBeUndefined()
  expect(toGraphMessage(outgoing({ type: 'image', mediaId }))).toBeUndefined()
  expect(toGraphMessage(outgoing({ type: 'reaction', messageId: newId(), emoji: '' }))).toBeUndefined()
  expect(toGraphMessage(outgoing({ type: 'text', text: 'Hi' }, { to: '123456@lid' }))).toBeUndefined()
})
