import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Id, Path, readId, showId } from './ids.wire.ts'

const nil = '00000000-0000-0000-0000-000000000000'

test('an id that was shown is read again, and under no other prefix', () => {
  fc.assert(
    fc.property(fc.uuid({ version: 7 }), (uuid) => {
      expect(readId('msg', showId('msg', uuid))).toBe(uuid)
      expect(readId('con', showId('msg', uuid))).toBeUndefined()
    }),
  )
})

test('whatever stands in a path is an id that the core can look for', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const { id } = Path('msg').parse({ id: text })
      expect(id).toMatch(/^[0-9a-f-]{36}$/)
    }),
  )
  expect(Path('msg').parse({ id: 'msg_00000000000000000000000001' })).toEqual({ id: nil })
  expect(Id('msg').safeParse('msg_00000000000000000000000001').success).toBe(false)
})
