// Runs the import law and proves that the cruiser saw every file: without its TypeScript it sees none and reports green.
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'

const cruise = spawnSync('depcruise', ['--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'server/src', 'mcp/src'], {
  encoding: 'utf8',
  maxBuffer: 2 ** 30,
})
if (!cruise.stdout) {
  console.error(cruise.stderr || 'dependency-cruiser printed nothing')
  process.exit(1)
}
const { modules, summary } = JSON.parse(cruise.stdout)
const resolved = new Set(modules.filter((module) => !module.couldNotResolve).map((module) => module.source))
const unseen = globSync('{server,mcp}/src/**/*.ts').filter((file) => !resolved.has(file))

const complaints = summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`)
if (resolved.size === 0) complaints.push('the cruiser saw no modules at all')
if (unseen.length > 0) complaints.push(`the cruiser missed ${unseen.length} files, the first is ${unseen[0]}`)
for (const complaint of complaints) console.error(complaint)
process.exit(complaints.length > 0 || cruise.status !== 0 ? 1 : 0)
