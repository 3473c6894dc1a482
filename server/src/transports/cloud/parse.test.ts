import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Incoming } from '#core/transport'
import { isReceiptsOnly, parseBody, parseEnvelope } from './parse.ts'

/** Expected by phone number id; '' stands for none. */
type Expected = Record<string, Partial<Record<keyof Incoming, Record<string, unknown>[]>>>
type Fixture = { name: string; does: string; envelope: unknown; expect: Expected }

const FOLDER = join(import.meta.dirname, 'fixtures')
const NOW = new Date('2026-01-02T03:04:05.000Z')
const LISTS = ['messages', 'receipts', 'notices', 'optOuts'] as const

const fixtures: Fixture[] = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.json'))
  .map((name) => ({ name, ...JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) }))

/** As a reader of JSON sees it: times are texts, what is undefined is not there. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

test('there are fixtures for everything that Meta is known to send', () => {
  expect(fixtures.length).toBeGreaterThanOrEqual(110)
})

test.each(fixtures)('$name: $does', ({ envelope, expect: expected }) => {
  const body = Buffer.from(JSON.stringify(envelope))
  const { byPhoneNumberId } = parseBody(body, NOW)
  expect([...byPhoneNumberId.keys()].map((id) => id ?? '')).toEqual(Object.keys(expected))
  for (const [id, incoming] of byPhoneNumberId) {
    const lists = expected[id ?? ''] ?? {}
    for (const list of LISTS) {
      const found = incoming[list] ?? []
      expect(found, list).toHaveLength(lists[list]?.length ?? 0)
      expect(plain(found), list).toMatchObject(lists[list] ?? [])
    }
  }
})

test('every message has an id, also one that came without: the same for the same content', () => {
  for (const { envelope } of fixtures) {
    const read = () =>
      [...parseBody(Buffer.from(JSON.stringify(envelope)), NOW).byPhoneNumberId.values()].flatMap(({ messages }) => messages)
    const first = read()
    expect(first.every(({ wireId }) => wireId.length > 0)).toBe(true)
    expect(first).toEqual(read())
  }
})

test('receipts alone are told apart from all the rest', () => {
  const only = (name: string) => {
    const found = fixtures.find((fixture) => fixture.name === `${name}.json`)
    return isReceiptsOnly(parseEnvelope(structuredClone(found?.envelope), NOW))
  }
  expect(['status-sent', 'status-three-in-one', 'status-failed'].map(only)).toEqual([true, true, true])
  expect(['status-and-message', 'message-text', 'status-deleted', 'status-failed-opted-out', 'entries-empty'].map(only)).toEqual(
    Array.from({ length: 5 }, () => false),
  )
})

test.each(['', 'null', '[]', '{}', '{"object":"page","entry":[]}', '{"object":"whatsapp_business_account"}', 'not JSON'])(
  'no envelope is an error: %s',
  (body) => {
    expect(() => parseBody(Buffer.from(body), NOW)).toThrow(SyntaxError)
  },
)

/** Ways into a tree: each picks a key, and the last one is replaced. */
function mutate(root: unknown, way: readonly number[], value: unknown): void {
  let place = root as Record<string, unknown> // an envelope
  for (const [depth, step] of way.entries()) {
    const keys = Object.keys(place)
    const key = keys[step % Math.max(1, keys.length)]
    if (key === undefined) return
    const next = place[key]
    if (depth === way.length - 1 || typeof next !== 'object' || next === null) {
      place[key] = value
      return
    }
    place = next as Record<string, unknown> // neither null nor plain
  }
}

test('whatever stands in an envelope is read without an error, and what it holds can be stored', () => {
  const anything = fc.anything({ maxDepth: 3, withNullPrototype: true })
  const json = fc.oneof(fc.jsonValue(), anything, fc.constantFrom('', '\0', '\ud800', -1, 1e300, '__proto__', 'constructor', null, [], {}))
  const change = fc.record({ way: fc.array(fc.nat(20), { minLength: 1, maxLength: 9 }), value: json })
  fc.assert(
    fc.property(fc.constantFrom(...fixtures), fc.array(change, { minLength: 1, maxLength: 4 }), ({ envelope }, changes) => {
      const body = structuredClone(envelope) as { entry: unknown[] } // every fixture has entries
      for (const { way, value } of changes) mutate(body.entry, way, value)
      const text = JSON.stringify(body)
      const { byPhoneNumberId } = parseEnvelope(JSON.parse(text), NOW)
      for (const incoming of byPhoneNumberId.values()) {
        const written = JSON.stringify(incoming)
        expect(written).not.toContain('\\u0000')
        expect(written.isWellFormed()).toBe(true)
        for (const { at } of [...incoming.messages, ...incoming.receipts]) expect(Number.isNaN(at.getTime())).toBe(false)
      }
    }),
    { numRuns: 2_000 },
  )
})

test('endless nesting is cut', () => {
  const deep = `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`
  const body = `{"object":"whatsapp_business_account","entry":[{"changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"1"},"messages":[{"id":"w","type":"x","x":${deep}}]}}]}]}`
  const [message] = parseBody(Buffer.from(body), NOW).byPhoneNumberId.get('1')?.messages ?? []
  expect(message?.content.type).toBe('unknown')
  expect(JSON.stringify(message).length).toBeLessThan(2_000)
})
