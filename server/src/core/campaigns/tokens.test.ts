import { expect, test } from 'vitest'
import type { Content } from '#core/content'
import { render, tokensOf, wordsOf } from './tokens.ts'

const text = (words: string): Content => ({ type: 'text', text: words })

test.each([
  ['Hello {name}', ['name']],
  ['{ Name } and {NAME}', ['name']],
  ['{{name}} is no token', []],
  ['{first name} {1st} {} { }', []],
  ['{a}{b}', ['a', 'b']],
  [`{${'x'.repeat(33)}}`, []],
])('%s', (words, tokens) => expect(tokensOf(text(words))).toEqual(tokens))

test('in every text of a content, in no name of a thing', () => {
  const content: Content = {
    type: 'interactive',
    interactive: {
      kind: 'buttons',
      body: 'For {name}',
      footer: '{shop}',
      buttons: [{ id: '{id}', title: '{yes}' }],
    },
  }
  expect(tokensOf(content)).toEqual(['name', 'shop', 'yes'])
  expect(render(content, wordsOf({ Name: 'Ana', shop: 'Shop', yes: 'Yes' }, {}))).toMatchObject({
    interactive: { body: 'For Ana', footer: 'Shop', buttons: [{ id: '{id}', title: 'Yes' }] },
  })
  const template: Content = {
    type: 'template',
    name: '{name}',
    language: 'en',
    components: [{ type: 'body', parameters: [{ type: 'text', text: '{name}' }] }],
  }
  expect(render(template, wordsOf({ name: 'Ana' }, {}))).toMatchObject({
    name: '{name}',
    components: [{ type: 'body', parameters: [{ type: 'text', text: 'Ana' }] }],
  })
})

test('a word is put in once: what it says is no token of its own, nor a pattern', () => {
  expect(render(text('{a} {b}'), wordsOf({ a: '{b}', b: '$& $1' }, {}))).toEqual(text('{b} $& $1'))
})

test('what somebody says of a person goes before what everybody has', () => {
  expect(render(text('{phone}'), wordsOf({ Phone: 'call me' }, { phone: '+14155550123' }))).toEqual(text('call me'))
})

test('a token without a word stays; words that make it too long make it none', () => {
  expect(render(text('Hi {name}'), new Map())).toEqual(text('Hi {name}'))
  expect(render(text('{name}'.repeat(5)), wordsOf({ name: 'n'.repeat(1_000) }, {}))).toBeUndefined()
})
