import { readdirSync, readFileSync, statSync } from 'node:fs'
import pg from 'pg'
import { fairness } from './scenarios/fairness.ts'
const before = new Set(readdirSync('/tmp').filter((n) => n.startsWith('chasqui-bench-')))
const running = fairness({ rounds: 1, quick: process.argv[2] === 'quick' })
let log = ''
const watch = (async () => {
  let folder = ''
  for (;;) {
    await new Promise((d) => setTimeout(d, 500))
    folder ||= readdirSync('/tmp').find((n) => n.startsWith('chasqui-bench-') && !before.has(n)) ?? ''
    if (!folder) continue
    try {
      const c = new pg.Client({ host: `/tmp/${folder}/postgres/cluster`, user: 'chasqui', password: readFileSync(`/tmp/${folder}/postgres.password`, 'utf8').trim(), database: 'postgres' })
      await c.connect()
      await c.query(`alter system set log_min_duration_statement = 3`)
      await c.query(`select pg_reload_conf()`)
      await c.end()
      break
    } catch {}
  }
  const t = setInterval(() => { try { log = readFileSync(`/tmp/${folder}/postgres/postgres.log`, 'utf8') } catch {} }, 1000)
  t.unref()
})()
const f = await running.catch((e) => { console.error(e); return undefined })
console.log(f?.text[0]); console.log(JSON.stringify(f?.tables[0]?.rows))
const by = new Map<string, { n: number; ms: number; most: number }>()
for (const m of log.matchAll(/LOG:  duration: ([\d.]+) ms  (statement|parse|bind|execute)[^:]*: ([\s\S]*?)(?=\n\d{4}-|$)/g)) {
  const text = (m[3] ?? '').replace(/\s+/g, ' ').slice(0, 150)
  const o = by.get(text) ?? { n: 0, ms: 0, most: 0 }
  o.n++; o.ms += Number(m[1]); o.most = Math.max(o.most, Number(m[1])); by.set(text, o)
}
for (const [t, o] of [...by].sort((a, b) => b[1].ms - a[1].ms).slice(0, 22)) console.log(`${o.ms.toFixed(0)}ms n=${o.n} most=${o.most.toFixed(0)} ${t}`)
void watch; void statSync
process.exit(0)
