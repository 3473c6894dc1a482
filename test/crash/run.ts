import { type CampaignOptions, type CampaignReport, runCampaign } from './campaign-scenario.ts'
import { runFlow } from './number-flow.ts'
import { runNodes } from './number-nodes.ts'
import { openNumberWorld } from './number-world.ts'
import { type Report, runScenario, type ScenarioOptions } from './scenario.ts'

const seed = Number(process.env.CRASH_SEED ?? Math.floor(Math.random() * 1_000_000))
const only = process.argv[2]

const OWN_NUMBER: Pick<ScenarioOptions, 'habits' | 'openWorld'> = {
  habits: { perPhone: 1.3, policies: ['retry'], inboundShare: 1 },
  openWorld: (random) => openNumberWorld(random, { unrest: true }),
}
const SCENARIOS: Record<string, Omit<ScenarioOptions, 'seed'>> = {
  houses: { total: 20_000, kills: 22 },
  withheld: { total: 4_000, kills: 3, withheld: 0.3, patient: true },
  database: { total: 8_000, kills: 6, victim: 'database' },
  nodes: { total: 8_000, kills: 8, nodes: 2 },
  'own-number': { total: 1_500, kills: 10, ...OWN_NUMBER },
  'own-number-line': { total: 1_500, kills: 15, victim: 'line', ...OWN_NUMBER },
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
for (const frozenMs of [25_000, 60_000]) {
  if (only && only !== 'own-number-frozen') continue
  console.log(`own-number-frozen: for ${frozenMs / 1000} s, CRASH_SEED=${seed}`)
  const { broken, ...figures } = await runNodes({ seed, total: 600, holder: { frozenMs } })
  tell({ kills: [], broken, ...figures })
  failures += broken.length
}
if (!only || only === 'own-number-flow') {
  const flow = { seconds: 60, perSecond: 100 }
  console.log(`own-number-flow: ${flow.perSecond} messages a second for ${flow.seconds} s`)
  const figures = await runFlow(flow)
  const whole = figures.arrived === figures.sent && figures.twice === 0 && figures.unread === 0
  tell({ kills: [], broken: whole ? [] : ['not every message arrived once and was read'], ...figures })
  failures += whole ? 0 : 1
}
process.exit(failures > 0 ? 1 : 0)

function tell({ kills, broken, ...figures }: Pick<Report | CampaignReport, 'kills' | 'broken'> & object): void {
  for (const kill of kills) console.log('  kill', JSON.stringify(kill))
  console.log('  ', JSON.stringify(figures))
  console.log(broken.length === 0 ? '  every law holds' : broken.map((line) => `  BROKEN ${line}`).join('\n'))
}
