import { expect, test } from 'vitest'
import { Content } from '#core/content'
import { showContent, toCoreContent } from './content.wire.ts'
import { showId } from './ids.wire.ts'

const uuid = '0192f3a4-5b6c-7d8e-9f00-112233445566'
const media = { id: showId('med', uuid) }

const CONTENTS: { type: string; [more: string]: unknown }[] = [
  { type: 'text', text: 'Hi' },
  { type: 'image', media, caption: 'A dot' },
  { type: 'sticker', media },
  { type: 'document', media, filename: 'a.pdf' },
  { type: 'reaction', messageId: showId('msg', uuid), emoji: '👍' },
  {
    type: 'interactive',
    interactive: { kind: 'cta', header: { type: 'image', media }, body: 'Look', label: 'Open', url: 'https://example.com' },
  },
  {
    type: 'interactive',
    interactive: { kind: 'buttons', header: { type: 'text', text: 'Head' }, body: 'Choose', buttons: [{ id: 'a', title: 'A' }] },
  },
  { type: 'template', name: 'hello', language: 'en', components: [] },
]

test.each(CONTENTS)('$type goes in as the core takes it, and comes out as it went in', (wire) => {
  const before = structuredClone(wire)
  const { content, places, wrong } = toCoreContent(wire)
  expect(wrong).toBeUndefined()
  for (const { source, put } of places) put('id' in source ? source.id : '')
  expect(JSON.stringify(content)).not.toMatch(/med_|msg_/)
  expect(showContent(Content.parse(content))).toEqual(wire)
  expect(wire).toEqual(before)
})

test('odd shapes are left for the verb to refuse', () => {
  for (const odd of [
    { type: 'interactive', interactive: 7 },
    { type: 'interactive', interactive: { header: 'x' } },
    { type: 'reaction', messageId: 5 },
  ]) {
    const { content } = toCoreContent(odd)
    expect(Content.safeParse(content).success).toBe(false)
  }
  expect(toCoreContent({ type: 'image', media: 'x' }).wrong).toMatchObject({ path: 'content.media' })
  const uuid = '0192f3a4-5b6c-7d8e-9f00-112233445566' // ids go by their typed form at this door
  expect(toCoreContent({ type: 'reaction', messageId: uuid, emoji: '👍' }).wrong).toMatchObject({ path: 'content.messageId' })
})

test('a file that still lies with the network has no id yet', () => {
  const shown = showContent({
    type: 'image',
    remoteMedia: { id: 'meta-id', url: 'https://secret.example', mimeType: 'image/png', size: 3 },
    caption: 'x',
  })
  expect(shown).toEqual({ type: 'image', caption: 'x', media: { id: null, mimeType: 'image/png', size: 3 } })
})
