import { execFileSync } from 'node:child_process'
import { loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { describeMachine } from './machine.ts'
import { type Findings, markdownOf, writeSection } from './report.ts'
import { accept } from './scenarios/accept.ts'
import { campaign } from './scenarios/campaign.ts'
import { drain } from './scenarios/drain.ts'
import { fairness } from './scenarios/fairness.ts'
import { held } from './scenarios/held.ts'
import { lateness } from './scenarios/lateness.ts'
import { ownNumber } from './scenarios/own-number.ts'
import { peers } from './scenarios/peers.ts'
import { rest } from './scenarios/rest.ts'

export type Scale = {
  rounds: number
  quick: boolean /** Of a campaign, instead of what its scenario takes. */
  recipients: number | undefined
}
type Scenario = (scale: Scale) => Promise<Findings>

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  rest,
  accept,
  drain,
  peers,
  lateness,
  held,
  fairness,
  campaign,
  'own-number': ownNumber,
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    quick: { type: 'boolean', default: false },
    recipients: { type: 'string' },
    out: { type: 'string', default: fileURLToPath(new URL('./RESULTS.md', import.meta.url)) },
  },
})
const unknown = positionals.filter((name) => !(name in SCENARIOS))
if (unknown.length > 0) throw new Error(`no scenario ${unknown.join(', ')}: there are ${Object.keys(SCENARIOS).join(', ')}`)
const names = positionals.length > 0 ? positionals : Object.keys(SCENARIOS)
const recipients = values.recipients === undefined ? undefined : Number(values.recipients)
const scale: Scale = { rounds: values.quick ? 1 : Number(values.rounds), quick: values.quick, recipients }

/** Quick runs prove that the bench works; they say nothing, so they are not kept. */
const keep = (name: string, section: string) => {
  console.log(`\n${section}\n`)
  if (!values.quick) writeSection(values.out, name, section)
}

const commit = () => {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
  } catch {
    return 'no commit'
  }
}

async function runScenario(name: string): Promise<boolean> {
  const begun = performance.now()
  const load = loadavg()[0]?.toFixed(1)
  const section = name === 'campaign' && recipients !== undefined ? `${name} ${recipients}` : name
  const note = () =>
    `${new Date().toISOString().slice(0, 16)} UTC, ${commit()}, ${scale.rounds} rounds, ${Math.round((performance.now() - begun) / 1000)} s, load when begun ${load}`
  try {
    const findings = await SCENARIOS[name]?.(scale)
    if (!findings) return false
    keep(section, markdownOf(findings, note()))
    return findings.gates.every(({ passed }) => passed)
  } catch (error) {
    console.error(error)
    keep(section, `## ${section}\n\n**The run failed: ${error instanceof Error ? error.message : error}**\n\n_${note()}_`)
    return false
  }
}

keep('machine', describeMachine())
let passed = true
for (const name of names) passed = (await runScenario(name)) && passed
process.exit(passed ? 0 : 1)
