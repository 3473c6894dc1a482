import { afterAll, beforeAll, expect, test } from 'vitest'
import { openListener } from '#kit/db-listen'
import { openLog } from '#kit/log'
import { type TestDatabase, testDatabase } from '#test/database'
import { bareChannel } from '#test/engine-fixture'
import { openQueueTouches } from './touch-queues.ts'

let house: TestDatabase
beforeAll(async () => {
  house = await testDatabase({ own: true })
})
afterAll(() => house.close())

test('a node is woken by its own touches once, and by those of others no sooner than something is due', async () => {
  const { database, address } = house
  const channel = await bareChannel(database, { rate: 1, capacity: 1, at: house.clock.now() })
  const queueId = channel.queues[0] ?? 0
  const woken: { node: string; due: Date | undefined }[] = []
  const node = (name: string) =>
    openQueueTouches({ database, wake: (dues) => woken.push({ node: name, due: dues && [...dues.values()][0] }) })
  const [here, there] = [node('here'), node('there')]
  const heard = Promise.withResolvers<void>()
  const listener = await openListener(
    address,
    openLog('silent'),
    (_, word) => {
      for (const touches of [here, there]) touches.heard(word)
      heard.resolve()
    },
    ['chasqui_due'],
    () => undefined,
  )
  const tomorrow = new Date(Date.now() + 86_400_000)
  here.touch(queueId, tomorrow)
  await Promise.all([here.drain(), heard.promise])
  expect(woken.toSorted((a, b) => a.node.localeCompare(b.node))).toEqual([
    { node: 'here', due: tomorrow },
    { node: 'there', due: tomorrow },
  ])
  there.heard('*') // a channel was opened: look now
  expect(woken.at(-1)).toEqual({ node: 'there', due: undefined })
  await listener.close()
})
