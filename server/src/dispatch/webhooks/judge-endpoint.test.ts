import { describe, expect, test } from 'vitest'
import { testStyle } from '#test/webhook-teller'
import { type Health, judgeEndpoint, retryDelay, type Tried } from './judge-endpoint.ts'

const well: Health = { failures: 0, failingSince: undefined, probeAt: undefined, probes: 0 }
const at = (seconds: number) => new Date(Date.UTC(2030, 0, 1) + seconds * 1_000)
const failure = (seconds: number, more: Partial<Tried> = {}): Tried => ({
  succeeded: false,
  status: 500,
  at: at(seconds),
  probe: false,
  ...more,
})
const success = (seconds: number): Tried => ({ succeeded: true, status: 200, at: at(seconds), probe: false })
const failures = (count: number) => Array.from({ length: count }, (_, i) => failure(i))
const inARow = { ...testStyle, disableAfter: { kind: 'failuresInARow', failures: 8 } as const }
const judge = (health: Health, tried: Tried[], { style = testStyle, waiting = 0 } = {}) => judgeEndpoint(health, tried, { style, waiting })

describe('judgeEndpoint', () => {
  test('counts failures in a row by their time, whatever order they were written in', () => {
    expect(judge(well, [failure(3), success(2), failure(1)])).toMatchObject({ failures: 1, failingSince: at(3) })
    expect(judge({ ...well, failures: 5, failingSince: at(0) }, [failure(9)])).toMatchObject({ failures: 6, failingSince: at(0) })
  })

  test('opens the circuit at 20 in a row or 100 waiting, not before', () => {
    expect(judge(well, failures(19)).probeAt).toBeUndefined()
    const open = judge(well, failures(20)).probeAt?.getTime() ?? 0
    expect(open - at(19).getTime()).toBeGreaterThanOrEqual(4_500)
    expect(open - at(19).getTime()).toBeLessThanOrEqual(5_500)
    expect(judge(well, [failure(0)], { waiting: 99 }).probeAt).toBeUndefined()
    expect(judge(well, [failure(0)], { waiting: 100 }).probeAt).toBeDefined()
    expect(judge(well, [success(0)], { waiting: 100 }).probeAt).toBeUndefined()
  })

  test('a probe that fails waits by the next step, the last one stays; one success closes', () => {
    let health: Health = { failures: 20, failingSince: at(0), probeAt: at(5), probes: 0 }
    const waits = [60, 300, 300, 300].map((expected, i) => {
      health = judge(health, [failure(i * 1_000, { probe: true })])
      return Math.abs(((health.probeAt?.getTime() ?? 0) - at(i * 1_000).getTime()) / 1_000 / expected - 1)
    })
    expect(Math.max(...waits)).toBeLessThanOrEqual(0.1001)
    expect(judge(health, [failure(9_000)]).probeAt).toEqual(health.probeAt) // not the probe: what was on the wire
    expect(judge(health, [success(9_000)])).toEqual({ ...well, disable: undefined })
  })

  test('disables by the rule of the door, and at a 410 whatever the rule', () => {
    expect(judge(well, failures(7), { style: inARow }).disable).toBeUndefined()
    expect(judge(well, failures(8), { style: inARow }).disable).toBe('failures_in_a_row')
    expect(judge(well, failures(19)).disable).toBeUndefined()
    expect(judge({ ...well, failures: 3, failingSince: at(0) }, [failure(86_399)]).disable).toBeUndefined()
    expect(judge({ ...well, failures: 3, failingSince: at(0) }, [failure(86_400)]).disable).toBe('failing_too_long')
    expect(judge(well, [failure(0, { status: 410 })]).disable).toBe('gone')
  })
})

test('retryDelay jitters by a tenth and ends with the schedule', () => {
  const delays = Array.from({ length: 200 }, () => retryDelay(testStyle, 1) ?? 0)
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(54_000)
  expect(Math.max(...delays)).toBeLessThanOrEqual(66_000)
  expect(new Set(delays).size).toBeGreaterThan(20)
  expect(retryDelay(testStyle, 3)).toBeUndefined()
})
