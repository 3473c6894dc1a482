import { setTimeout as sleep } from 'node:timers/promises'
import { drive } from './driver.ts'
import { openStage } from './stage.ts'
import { readUnfinished } from './books.ts'
import { seeded } from './scenario.ts'
const random = seeded(5)
const t0 = performance.now()
const stage = await openStage({ random, nodes: 1, rate: 3000 })
console.log('open', performance.now() - t0)
const d = drive({ world: stage.world, key: stage.key, channelId: stage.channelId, total: 3000, random, url: () => stage.url })
let done = false
d.done.then(() => (done = true))
for (;;) {
  await sleep(500)
  const u = await readUnfinished(stage.rows)
  console.log(Math.round(performance.now() - t0), JSON.stringify(u), d.accepted, stage.world.arrivals.size, stage.world.told.size, JSON.stringify(stage.world.graph.stats().webhooks), stage.world.network.stats().onTheWay)
  if (done && Object.values(u).every((n) => n === 0)) break
}
await stage.stop(); await stage.clear()
