import { expect, test } from 'vitest'
import { findMount, pathOf } from './mount.ts'

const mounts = ['/v2', '/api/v1/whatsapp', '/api/v1', '/api', '/v1', '/messages'].map((prefix) => ({ prefixes: [prefix] }))
const prefixOf = (url: string) => findMount(mounts, url)?.prefixes[0]

test.each([
  ['/v2', '/v2'],
  ['/v2/messages', '/v2'],
  ['/v2?x=/api', '/v2'],
  ['/v2x', undefined],
  ['/api-docs', undefined],
  ['/api/v1x/y', '/api'],
  ['/api/v1', '/api/v1'],
  ['/api/v1/contacts', '/api/v1'],
  ['/api/v1/whatsapp/send', '/api/v1/whatsapp'],
  ['/api/v1/whatsappx', '/api/v1'],
  ['/messages/', '/messages'],
  ['/', undefined],
])('%s belongs to %s', (url, prefix) => expect(prefixOf(url)).toBe(prefix))

test('a path is shown without its query', () => {
  expect(pathOf('/v2/messages?key=1#x')).toBe('/v2/messages')
  expect(pathOf('/v2/messages;key=1')).toBe('/v2/messages')
})
