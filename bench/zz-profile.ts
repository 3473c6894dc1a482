import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { drainOnce } from './scenarios/drain-once.ts'
import { openWorld } from './world.ts'

const mode = process.argv[2] ?? 'cpu'
const count = Number(process.argv[3] ?? 10000)
const told = process.argv[4] !== 'silent'
const endpoint = process.argv[4] === 'endpoint'
rmSync('/tmp/prof', { recursive: true, force: true })
const world = await openWorld({ node: mode === 'cpu' ? ['--cpu-prof', '--cpu-prof-dir=/tmp/prof', '--cpu-prof-interval', '400'] : [] })
try {
  const channel = await world.channel({ told, rate: 100_000 })
  const v = { endpoint, latencyMs: 0 }
  await drainOnce({ world, channel, count: 2000 }, v)
  if (mode === 'sql') {
    await world.house.db.query(`alter system set log_min_duration_statement = 0`)
    await world.house.db.query(`select pg_reload_conf()`)
    await new Promise((d) => setTimeout(d, 300))
  }
  if (mode === 'plan') {
    for (const q of [
      `session_preload_libraries = 'auto_explain'`,
      `auto_explain.log_min_duration = 60`,
      `auto_explain.log_analyze = on`,
      `auto_explain.log_buffers = on`,
      `auto_explain.log_timing = on`,
    ])
      await world.house.db.query(`alter system set ${q}`)
    await world.house.db.query(`select pg_reload_conf()`)
    await new Promise((d) => setTimeout(d, 300))
    await world.house.db.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'chasqui' and pid <> pg_backend_pid() and query not like 'listen%' and query not ilike '%advisory%'`,
    )
    await new Promise((d) => setTimeout(d, 1500))
  }
  const r = await drainOnce({ world, channel, count }, v)
  if (mode === 'plan') {
    const { copyFileSync } = await import('node:fs')
    copyFileSync(join(world.house.folder, 'postgres', 'postgres.log'), '/tmp/prof.plan.log')
  }
  console.log(JSON.stringify(r))
  if (mode === 'sql') {
    await world.house.db.query(`alter system reset log_min_duration_statement`)
    await world.house.db.query(`select pg_reload_conf()`)
    const log = readFileSync(join(world.house.folder, 'postgres', 'postgres.log'), 'utf8')
    const by = new Map<string, { n: number; ms: number; parse: number }>()
    const cur = ''
    const re = /LOG: {2}duration: ([\d.]+) ms {2}(statement|parse|bind|execute)[^:]*: ([\s\S]*?)(?=\n\d{4}-|$)/g
    for (const m of log.matchAll(re)) {
      const text = (m[3] ?? '').replace(/\s+/g, ' ').slice(0, 110)
      const one = by.get(text) ?? { n: 0, ms: 0, parse: 0 }
      if (m[2] === 'execute' || m[2] === 'statement') {
        one.n++
        one.ms += Number(m[1])
      } else one.parse += Number(m[1])
      by.set(text, one)
    }
    for (const [t, o] of [...by].sort((a, b) => b[1].ms + b[1].parse - a[1].ms - a[1].parse).slice(0, 30))
      console.log(
        `${(((o.ms + o.parse) / count) * 1000).toFixed(1)}us/msg exec ${(o.ms).toFixed(0)}ms bind ${(o.parse).toFixed(0)}ms n=${o.n} ${t}`,
      )
  }
} finally {
  await world.close()
}
