import { describe, expect, test } from 'vitest'
import { flatten, toDraft } from './draft.wire.ts'
import { type SaidBody, StoredBody } from './send-body.wire.ts'

const draft = (body: SaidBody) => toDraft(flatten(body))
const issuesOf = (body: SaidBody): unknown => {
  try {
    draft(body)
  } catch (error) {
    return (error as { issues: { path: string }[] }).issues.map(({ path }) => path)
  }
  return 'no refusal'
}

describe('every generation says the same', () => {
  test('text', () => {
    expect(draft({ type: 'text', text: 'Hi' })).toEqual({ type: 'text', text: 'Hi' })
    expect(draft({ text: 'Hi' })).toEqual({ type: 'text', text: 'Hi' })
  })

  test('a file', () => {
    const url = 'https://example.com/a.png'
    const wanted = { type: 'media', source: { url }, kind: 'image', caption: 'Look', filename: undefined }
    expect(draft({ type: 'media', mediaUrl: url, mediaKind: 'image', text: 'Look' })).toEqual(wanted)
    expect(draft({ type: 'media', media: { url, kind: 'image', caption: 'Look' } })).toEqual(wanted)
    expect(draft({ mediaUrl: url, mediaKind: 'image', mediaCaption: 'Look' })).toEqual(wanted)
    expect(draft({ mediaUrl: url, mediaBase64: 'AAAA', mediaKind: 'image', text: 'Look' })).toEqual(wanted)
  })

  test('a poll', () => {
    const wanted = { type: 'poll', question: 'Lunch?', options: ['Pizza', 'Soup'], allowMultiple: true }
    expect(draft({ type: 'poll', pollQuestion: 'Lunch?', pollOptions: ['Pizza', 'Soup'], pollAllowMultiple: true })).toEqual(wanted)
    expect(draft({ poll: { question: 'Lunch?', options: ['Pizza', 'Soup'], allowMultiple: true } })).toEqual(wanted)
  })
})

describe('refused with the fields that are wrong', () => {
  test.each<[string, SaidBody, string[]]>([
    ['nothing', {}, ['text']],
    ['text without words', { type: 'text' }, ['text']],
    ['a file without a file', { type: 'media', text: 'x' }, ['mediaUrl']],
    ['half a poll', { type: 'poll' }, ['pollQuestion', 'pollOptions']],
    ['a text with a file', { type: 'text', text: 'x', mediaUrl: 'https://e.com/a' }, ['mediaUrl']],
    ['a poll with words', { type: 'poll', pollQuestion: 'q', pollOptions: ['a', 'b'], text: 'x' }, ['text']],
    ['two captions', { type: 'media', mediaUrl: 'https://e.com/a', text: 'a', mediaCaption: 'b' }, ['text']],
    ['two questions', { type: 'poll', pollQuestion: 'a', poll: { question: 'b', options: ['a', 'b'] } }, ['pollQuestion']],
  ])('%s', (_, body, paths) => {
    expect(issuesOf(body)).toEqual(paths)
  })
})

describe('bounds', () => {
  const fits = (body: object) => StoredBody.safeParse(body).success
  test('are the documented ones, and one more is too much', () => {
    const text = (length: number) => 'x'.repeat(length)
    expect([fits({ text: text(4096) }), fits({ text: text(4097) }), fits({ text: '' })]).toEqual([true, false, false])
    expect([fits({ pollQuestion: text(255) }), fits({ pollQuestion: text(256) })]).toEqual([true, false])
    expect([2, 12, 1, 13].map((count) => fits({ pollOptions: Array.from({ length: count }, (_, i) => `o${i}`) }))).toEqual([
      true,
      true,
      false,
      false,
    ])
    expect([fits({ pollOptions: ['a', text(100)] }), fits({ pollOptions: ['a', text(101)] })]).toEqual([true, false])
    expect([fits({ secret: text(256) }), fits({ secret: text(257) }), fits({ replyTo: '' }), fits({ replyTo: text(257) })]).toEqual([
      true,
      false,
      true,
      false,
    ])
    expect([fits({ mediaUrl: `https://e.com/${text(2034)}` }), fits({ mediaUrl: `https://e.com/${text(2035)}` })]).toEqual([true, false])
    expect([fits({ sendAt: '2031-01-01T00:00:00+02:00' }), fits({ sendAt: '2031-01-01T00:00:00' }), fits({ sendAt: 'tomorrow' })]).toEqual([
      true,
      false,
      false,
    ])
    expect(fits({ text: 'x', priority: 1 })).toBe(false)
  })
})
