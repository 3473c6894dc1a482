import { afterAll, beforeAll, expect, test } from 'vitest'
import { openListener } from '#kit/db-listen'
import { newId } from '#kit/ids'
import { openLog } from '#kit/log'
import { type TestDatabase, testDatabase } from '#test/database'
import { type EventHub, openEventHub } from './event-hub.ts'

const log = openLog('silent')
let house: TestDatabase
beforeAll(async () => {
  house = await testDatabase({ own: true }) // NOTIFY reaches a whole database
})
afterAll(() => house.close())

/** A node: its hub and its listening connection. */
async function openNode() {
  const hub: EventHub = openEventHub({ database: house.database, log })
  const payloads: string[] = []
  const hear = (_: string, payload: string) => {
    payloads.push(payload)
    hub.heard(payload)
  }
  const listener = await openListener(house.address, log, hear, ['chasqui_events'], () => hub.heard(''))
  return {
    hub,
    payloads,
    async close() {
      await hub.close()
      await listener.close()
    },
  }
}

const hinted = (subscribe: (listener: () => void) => () => void) =>
  new Promise<void>((done) => {
    const stop = subscribe(() => {
      stop()
      done()
    })
  })

test('a hint reaches readers here at once, and readers of another node by NOTIFY', async () => {
  const [here, there] = [await openNode(), await openNode()]
  const [workspaceId, other] = [newId(), newId()]
  let local = 0
  let foreign = 0
  here.hub.subscribe(workspaceId, () => local++)
  there.hub.subscribe(other, () => foreign++)
  const arrived = hinted((listener) => there.hub.subscribe(workspaceId, listener))
  here.hub.hint([{ workspaceId }, { workspaceId }])
  expect(local).toBe(1)
  await arrived
  expect(foreign).toBe(0)
  expect(local).toBe(1) // our own NOTIFY is not told twice
  await Promise.all([here.close(), there.close()])
})

test('hints of a few milliseconds are one NOTIFY, and more than 50 workspaces are everybody', async () => {
  const [here, there] = [await openNode(), await openNode()]
  const everybody = new Promise<void>((done) => there.hub.subscribeAll((id) => id === undefined && done()))
  for (let i = 0; i < 60; i++) here.hub.hint([{ workspaceId: newId() }])
  await everybody
  expect(there.payloads).toHaveLength(1)
  await Promise.all([here.close(), there.close()])
})

test('who stops is told no more, and after a gap in listening everybody looks', async () => {
  const node = await openNode()
  let told = 0
  const stop = node.hub.subscribe(newId(), () => told++)
  node.hub.heard('')
  expect(told).toBe(1)
  stop()
  node.hub.heard('')
  expect(told).toBe(1)
  await node.close()
})
