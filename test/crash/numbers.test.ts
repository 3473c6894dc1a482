import { describe, expect, it } from 'vitest'
import { runCrowd, runFlow } from './number-flow.ts'
import { runLog } from './number-log.ts'
import { runNodes } from './number-nodes.ts'
import { type NumberWorld, openNumberWorld } from './number-world.ts'
import { type Report, runScenario, type ScenarioOptions } from './scenario.ts'

const seed = Number(process.env.CRASH_SEED ?? Math.floor(Math.random() * 1_000_000))
/** Of a session whose last keys a kill took, each message asks once. */
const ASKED_A_KILL = 3
const HABITS = { perPhone: 1.3, policies: ['retry'], inboundShare: 1 } as const

async function play(options: Pick<ScenarioOptions, 'total' | 'kills' | 'victim'>): Promise<Report> {
  console.log(`CRASH_SEED=${seed}`)
  const worlds: NumberWorld[] = []
  const openWorld = async (random: () => number) => {
    const world = await openNumberWorld(random, { unrest: true })
    worlds.push(world)
    return world
  }
  const report = await runScenario({ ...options, seed, habits: HABITS, openWorld })
  const askedAgain = worlds.reduce((sum, { server }) => sum + server.askedAgain(), 0)
  console.log(JSON.stringify({ ...report, askedAgain }))
  expect(askedAgain, 'phones could open what was not in the air at a kill').toBeLessThanOrEqual(options.kills * ASKED_A_KILL)
  expect(report.broken).toEqual([])
  expect(report.unknown).toBe(0)
  return report
}

// mostly they wait: a session is free again 15 s after its holder was killed
describe.concurrent('an own number', () => {
  it('kill -9 of its house, while the network holds answers back and phones write: all arrives once, and is linked still', async () => {
    const { kills, inbound } = await play({ total: 250, kills: 5 })
    expect(kills.reduce((sum, { sending }) => sum + sending, 0)).toBeGreaterThan(0)
    expect(inbound).toBeGreaterThan(150)
  })

  it('its line is cut again and again: the same', async () => {
    await play({ total: 250, kills: 5, victim: 'line' })
  })

  it('kill -9 of the node that holds it: the other one has it within 20 s, and never were both connected', async () => {
    const { broken, takenOverMs, overlaps } = await runNodes({ seed, total: 150, holder: 'killed' })
    console.log(`taken over in ${takenOverMs} ms`)
    expect(broken).toEqual([])
    expect(takenOverMs).toBeLessThan(20_000)
    expect(overlaps).toBe(0)
  })

  it('the node that holds it stands still for 25 s and wakes up: what it does then counts for nothing', async () => {
    const { broken, takenOverMs } = await runNodes({ seed, total: 150, holder: { frozenMs: 25_000 } })
    console.log(`taken over in ${takenOverMs} ms`)
    expect(broken).toEqual([])
    expect(takenOverMs).toBeLessThan(20_000)
  })

  it('nothing secret is printed, whatever happens, however much is logged', async () => {
    const { leaked, printed, secrets } = await runLog()
    expect(leaked).toEqual([])
    expect(printed).toBeGreaterThan(1_000)
    expect(secrets).toBeGreaterThan(500)
  })
})

describe('many messages, many numbers', () => {
  it('100 messages a second over one number for a minute: all arrive once, and the memory stays', async () => {
    const report = await runFlow({ seconds: 60, perSecond: 100 })
    console.log(JSON.stringify(report))
    expect(report).toMatchObject({ sent: 6_700, arrived: 6_700, twice: 0, unread: 0, received: 600 })
    expect(report.growth).toBeLessThan(30)
  })

  it('50 numbers in one process stay under 400 MB', async () => {
    const report = await runCrowd({ sessions: 50, each: 3, restMs: 2_000 })
    console.log(JSON.stringify(report))
    expect(report).toMatchObject({ sessions: 50, sent: 150, read: 150, received: 150 })
    expect(report.resident).toBeLessThan(400)
  })
})
