import { expect, test } from 'vitest'
import { openAcks } from './acks.ts'

test('an ack is heard from before a message is written; its time begins when it is', async () => {
  const acks = openAcks()
  const early = acks.wait('A')
  expect(acks.heard({ id: 'A', t: '1' })).toBe(true)
  early.within(1)
  expect(await early.answer).toEqual({ id: 'A', t: '1' })
  const missed = acks.wait('B')
  missed.within(1)
  expect(await missed.answer).toBeUndefined()
  expect(acks.silence).toBe(1)
  acks.alive()
  expect(acks.silence).toBe(0)
})

test('what was not written, and what a connection takes with it, is no silence', async () => {
  const acks = openAcks()
  const unwritten = acks.wait('A')
  unwritten.within(0)
  const open = acks.wait('B')
  acks.end()
  expect([await unwritten.answer, await open.answer]).toEqual([undefined, undefined])
  expect(acks.silence).toBe(0)
  expect(acks.heard({ id: 'A' })).toBe(false)
})
