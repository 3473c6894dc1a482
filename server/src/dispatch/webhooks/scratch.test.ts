import { fork } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, test } from 'vitest'
import { all, sql } from '#kit/db'
import { type TestDatabase, testDatabase } from '#test/database'
import { openWebhookWorld, type WebhookWorld } from '#test/webhook-teller'

let house: TestDatabase
let world: WebhookWorld
beforeAll(async () => {
  house = await testDatabase({ own: true })
  world = await openWebhookWorld(house)
})
afterAll(async () => {
  await world.close()
  await house.close()
})
const N = Number(process.env.N ?? 40000)
const E = Number(process.env.E ?? 1)
test('x', async () => {
  const child = fork('/tmp/d-receiver.mjs', { stdio: 'inherit' })
  const port = await new Promise<number>((d) => child.once('message', (m) => d(m as number)))
  const ctx = await world.workspace()
  for (let i = 0; i < E; i++) await world.endpoint(ctx, { url: `http://127.0.0.1:${port}/x` })
  const per = E ? N / E : N
  const t0 = performance.now()
  for (let i = 0; i < per / 1000; i++)
    await world.raise(
      ctx,
      Array.from({ length: 1000 }, () => ({
        subjects: { messageId: ctx.workspaceId, channelId: ctx.workspaceId, conversationId: ctx.workspaceId },
        facts: { state: 'sent', a: 1 },
        ...(E === 0 && { callback: { url: `http://127.0.0.1:${port}/x`, style: 'canonical' } }),
      })),
    )
  const t1 = performance.now()
  const cpu0 = process.cpuUsage()
  world.teller()
  const begun = performance.now()
  for (;;) {
    await new Promise((d) => setTimeout(d, 100))
    const [row] = await all(
      house.database.db,
      E
        ? sql<{ c: number }>`select min(cursor_seq) as c from endpoints`
        : sql<{ c: number }>`select ${N} - count(*) as c from outbox_deliveries`,
    )
    if ((row?.c ?? 0) >= per) break
  }
  const took = performance.now() - begun
  const cpu = process.cpuUsage(cpu0)
  const [rows] = await all(house.database.db, sql<{ c: number }>`select count(*) as c from deliveries`)
  const got = await new Promise((d) => {
    child.once('message', d)
    child.send('?')
  })
  writeFileSync(
    '/tmp/d-perf.txt',
    JSON.stringify({
      append_per_s: Math.round(per / ((t1 - t0) / 1000)),
      per_s: Math.round(N / (took / 1000)),
      took,
      cpu_us_per: (cpu.user + cpu.system) / N,
      deliveries: rows,
      got,
    }),
  )
  child.kill()
}, 200000)
