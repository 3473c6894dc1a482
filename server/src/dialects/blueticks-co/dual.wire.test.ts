import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DomainError } from '#kit/errors'
import { camel, dual, foldKeys, snake } from './dual.wire.ts'

/** Keys as this API spells them. */
const key = fc
  .stringMatching(/^[a-z][a-z0-9]{0,5}([A-Z][a-z0-9]{0,5}){0,3}$/)
  .filter((name) => name !== 'variables' && name !== 'waMessageKey')
const { json } = fc.letrec((tie) => ({
  json: fc.oneof({ maxDepth: 4 }, tie('leaf'), tie('list'), tie('object')),
  leaf: fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null)),
  list: fc.array(tie('json'), { maxLength: 4 }),
  object: fc.dictionary(key, tie('json'), { maxKeys: 5 }),
}))
const object = fc.dictionary(key, json, { maxKeys: 6 })

describe('dual', () => {
  test('says everything twice, and folding brings back what was said', () => {
    fc.assert(fc.property(object, (said) => void expect(foldKeys(dual(said))).toEqual(said)))
  })

  test('either spelling alone says the same', () => {
    fc.assert(
      fc.property(object, (said) => {
        const snakes = JSON.parse(JSON.stringify(said, (_, value: unknown) => (isObject(value) ? renamed(value, snake) : value)))
        expect(foldKeys(snakes)).toEqual(said)
        expect(foldKeys(said)).toEqual(said)
      }),
    )
  })

  test('spellings come back from each other', () => {
    fc.assert(fc.property(key, (name) => void expect(camel(snake(name))).toBe(name)))
  })

  test('callers own the insides of variables, WhatsApp those of a key', () => {
    const said = { variables: { firstName: 'Sam' }, waMessageKey: { fromMe: true, _serialized: 'x' } }
    expect(dual(said)).toEqual({ ...said, wa_message_key: said.waMessageKey })
    expect(foldKeys({ variables: { first_name: 'Sam' } })).toEqual({ variables: { first_name: 'Sam' } })
  })
})

describe('foldKeys', () => {
  test('takes both spellings when they agree, and refuses them when they differ', () => {
    expect(foldKeys({ send_at: 'x', sendAt: 'x', poll: { allow_multiple: true } })).toEqual({ sendAt: 'x', poll: { allowMultiple: true } })
    expect(() => foldKeys({ media: { fileName: 'a', file_name: 'b' } })).toThrow(
      expect.objectContaining({ code: 'invalid', issues: [expect.objectContaining({ path: 'media.fileName' })] }),
    )
  })

  test('whatever it is given, it answers or says invalid', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        try {
          foldKeys(value)
        } catch (error) {
          expect(error).toBeInstanceOf(DomainError)
        }
      }),
    )
  })

  test('a key named __proto__ stays a key', () => {
    const folded = foldKeys(JSON.parse('{"__proto__": {"admin": true}}'))
    expect(Object.keys(folded as object)).toEqual(['__proto__'])
    expect(({} as Record<string, unknown>).admin).toBeUndefined()
  })
})

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
const renamed = (value: Record<string, unknown>, spell: (name: string) => string) =>
  Object.fromEntries(Object.entries(value).map(([name, inner]) => [spell(name), inner]))
