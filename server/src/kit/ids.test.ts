import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromTypeId, isUuid, newId, typeId } from './ids.ts'

test('ids of one process grow, also within a millisecond, and are UUIDs of version 7', () => {
  let before = newId()
  for (let i = 0; i < 200_000; i++) {
    const id = newId()
    if (!(id > before)) expect.fail(`${id} came after ${before}`)
    before = id
  }
  expect(before).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(Math.abs(Number.parseInt(before.slice(0, 8) + before.slice(9, 13), 16) - Date.now())).toBeLessThan(1_000)
})

test('a type id leads back to its UUID, under its own prefix only', () => {
  fc.assert(
    fc.property(fc.uuid(), (uuid) => {
      const shown = typeId('msg', uuid)
      expect(shown).toMatch(/^msg_[0-7][0-9a-z]{25}$/)
      expect(fromTypeId('msg', shown)).toBe(uuid)
      expect(fromTypeId('con', shown)).toBeUndefined()
      expect(isUuid(uuid)).toBe(true)
    }),
  )
  for (const nonsense of ['', 'msg_', 'msg_8zzzzzzzzzzzzzzzzzzzzzzzzz', 'msg_0000000000000000000000000l', `msg_${'0'.repeat(27)}`]) {
    expect(fromTypeId('msg', nonsense)).toBeUndefined()
  }
})
