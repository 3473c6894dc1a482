import { describe, expect, it } from 'vitest'
import { type CampaignOptions, type CampaignReport, runCampaign } from './campaign-scenario.ts'

const seed = Number(process.env.CRASH_SEED ?? Math.floor(Math.random() * 1_000_000))

/** Every law held, and every kill met work: recipients to freeze, or messages to send. */
async function play(options: Omit<CampaignOptions, 'seed'>): Promise<CampaignReport> {
  console.log(`CRASH_SEED=${seed}`)
  const report = await runCampaign({ ...options, seed })
  const { broken, kills, exits } = report
  expect(broken).toEqual([])
  for (const { during, isFrozen, outbox } of kills)
    if (during === 'freezing') expect(isFrozen, JSON.stringify(kills)).toBe(false)
    else expect(outbox, JSON.stringify(kills)).toBeGreaterThan(0)
  expect(exits.every((code) => code === 0)).toBe(true)
  return report
}

// mostly they wait: for leases, windows and a house that starts
describe.concurrent('kill -9 at random moments: a campaign writes to nobody twice and forgets nobody', () => {
  it('in freezing and in sending, with pauses between, its guard undisturbed', async () => {
    const { kills, pauses } = await play({ recipients: 2_000, kills: 2, rate: 400, guarded: true })
    expect(kills.map(({ during }) => during)).toEqual(['freezing', 'sending'])
    expect(pauses).toBe(2)
  })

  it('of the node that freezes, for good: the other one ends the campaign', async () => {
    const { counts, takenOverMs } = await play({ recipients: 2_000, kills: 1, rate: 1_000, nodes: 2 })
    expect(counts).toEqual({ read: 2_000 })
    expect(takenOverMs).toBeLessThan(10_000) // its turn is free again after 5 s
  })

  it('before and right after a cancel: nobody is written to after its answer', async () => {
    const { counts } = await play({ recipients: 1_500, kills: 2, rate: 400, cancelled: true })
    expect(counts.cancelled).toBeGreaterThan(0)
  })
})
