import { describe, expect, it } from 'vitest'
import { openNumberWorld } from './number-world.ts'
import { runScenario } from './scenario.ts'

const seed = Number(process.env.CRASH_SEED ?? Math.floor(Math.random() * 1_000_000))
const HABITS = { perPhone: 1.3, policies: ['retry'], inboundShare: 1 } as const

describe.concurrent('an own number, and kill -9', () => {
  it('of the house, while the network holds its answers back and phones write: nothing is lost, doubled or linked anew', async () => {
    console.log(`CRASH_SEED=${seed}`)
    const report = await runScenario({
      ...{ seed, total: 250, kills: 5, habits: HABITS },
      openWorld: (random) => openNumberWorld(random, { unrest: true }),
    })
    console.log(JSON.stringify(report))
    expect(report.broken).toEqual([])
  })
})
