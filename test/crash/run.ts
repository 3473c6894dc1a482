import { type CampaignOptions, type CampaignReport, runCampaign } from './campaign-scenario.ts'
import { type Report, runScenario, type ScenarioOptions } from './scenario.ts'

const seed = Number(process.env.CRASH_SEED ?? Math.floor(Math.random() * 1_000_000))
const only = process.argv[2]

const SCENARIOS: Record<string, Omit<ScenarioOptions, 'seed'>> = {
  houses: { total: 20_000, kills: 22 },
  withheld: { total: 4_000, kills: 3, withheld: 0.3, patient: true },
  database: { total: 8_000, kills: 6, victim: 'database' },
  nodes: { total: 8_000, kills: 8, nodes: 2 },
}
const CAMPAIGNS: Record<string, Omit<CampaignOptions, 'seed'>> = {
  campaign: { recipients: 50_000, kills: 5, rate: 3_000 },
  'campaign-guarded': { recipients: 6_000, kills: 3, rate: 1_000, guarded: true },
  'campaign-cancelled': { recipients: 20_000, kills: 3, rate: 2_000, cancelled: true },
  'campaign-nodes': { recipients: 50_000, kills: 1, rate: 3_000, nodes: 2 },
}

let failures = 0
for (const [name, scenario] of Object.entries(SCENARIOS)) {
  if (only && only !== name) continue
  const total = Number(process.env.CRASH_TOTAL ?? scenario.total)
  const kills = Number(process.env.CRASH_KILLS ?? scenario.kills)
  console.log(`${name}: ${total} messages, ${kills} kills, CRASH_SEED=${seed}`)
  const report = await runScenario({ ...scenario, total, kills, seed })
  tell(report)
  failures += report.broken.length
}
for (const [name, scenario] of Object.entries(CAMPAIGNS)) {
  if (only && only !== name) continue
  const recipients = Number(process.env.CRASH_TOTAL ?? scenario.recipients)
  const kills = Number(process.env.CRASH_KILLS ?? scenario.kills)
  console.log(`${name}: ${recipients} recipients, ${kills} kills, CRASH_SEED=${seed}`)
  const report = await runCampaign({ ...scenario, recipients, kills, seed })
  tell(report)
  failures += report.broken.length
}
process.exit(failures > 0 ? 1 : 0)

function tell({ kills, broken, ...figures }: Report | CampaignReport): void {
  for (const kill of kills) console.log('  kill', JSON.stringify(kill))
  console.log('  ', JSON.stringify(figures))
  console.log(broken.length === 0 ? '  every law holds' : broken.map((line) => `  BROKEN ${line}`).join('\n'))
}
