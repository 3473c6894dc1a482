import { rmSync } from 'node:fs'
import { openWorld } from './world.ts'
import { acceptBulk } from './messages.ts'
rmSync('/tmp/prof', { recursive: true, force: true })
const world = await openWorld({ node: process.argv[2] === 'cpu' ? ['--cpu-prof', '--cpu-prof-dir=/tmp/prof', '--cpu-prof-interval', '300'] : [] })
const channel = await world.channel({ told: false, rate: 80 })
const sendAt = () => new Date(Date.now() + 86_400_000)
await acceptBulk(world, channel, { count: 20_000, sendAt })
for (let i = 0; i < 3; i++) {
  const read = world.meter()
  const me = process.cpuUsage()
  const { seconds } = await acceptBulk(world, channel, { count: 40_000, sendAt })
  const c = read(); const m = process.cpuUsage(me)
  console.log(Math.round(40_000 / seconds), '/s house', ((c.house ?? 0) / 0.04).toFixed(1), 'pg', ((c.postgres ?? 0) / 0.04).toFixed(1), 'load', ((m.user + m.system) / 40_000).toFixed(1))
}
await world.close()
