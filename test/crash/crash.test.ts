import { describe, expect, it } from 'vitest'
import { type Report, runScenario, type ScenarioOptions } from './scenario.ts'

const seed = Number(process.env.CRASH_SEED ?? Math.floor(Math.random() * 1_000_000))

/** Every law held, and every kill met work: what was accepted and not sent, on the wire, or not yet told. */
async function play(options: Omit<ScenarioOptions, 'seed'>): Promise<Report> {
  console.log(`CRASH_SEED=${seed}`)
  const report = await runScenario({ ...options, seed })
  const { broken, kills, exits } = report
  expect(broken).toEqual([])
  expect(kills).toHaveLength(options.kills)
  for (const kill of kills) expect(kill.outbox, JSON.stringify(kills)).toBeGreaterThan(0)
  expect(sum(kills.map(({ sending }) => sending))).toBeGreaterThan(0)
  expect(sum(kills.map(({ untold }) => untold))).toBeGreaterThan(0)
  expect(exits.every((code) => code === 0)).toBe(true)
  return report
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)

describe('kill -9 at random moments loses, doubles and forgets nothing', () => {
  it('of the house, while messages go out, phones write, webhooks are told and a door awaits', async () => {
    const { kills, inbound, messages } = await play({ total: 4_500, kills: 3 })
    expect(messages).toBe(4_500)
    expect(inbound).toBeGreaterThan(100)
    expect(sum(kills.map(({ asking }) => asking))).toBeGreaterThan(0)
    expect(sum(kills.map(({ awaiting }) => awaiting))).toBeGreaterThan(0)
  })

  it('of the house, while receipts never come: what is sent twice was unknown, may be repeated, and is counted', async () => {
    const { twice, surplus, again, againMetric } = await play({ total: 1_500, kills: 2, withheld: 0.9, patient: true })
    console.log(JSON.stringify({ twice, surplus, again }))
    expect(twice).toBeGreaterThan(0)
    expect(surplus).toBeLessThanOrEqual(again)
    expect(againMetric).toBe(again)
  })

  it('of the embedded database: the house goes on', async () => {
    await play({ total: 1_500, kills: 2, victim: 'database' })
  })

  it('of one of two nodes on one database', async () => {
    await play({ total: 1_500, kills: 2, nodes: 2 })
  })
})
