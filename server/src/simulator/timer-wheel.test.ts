import { expect, it } from 'vitest'
import { createManualTime, systemTime } from './time.ts'
import { createTimerWheel } from './timer-wheel.ts'

it('rings in the order of time, never early, with one timer for all', () => {
  const time = createManualTime(1000)
  let timers = 0
  const wheel = createTimerWheel({
    now: time.now,
    after(ms, run) {
      timers++
      return time.after(ms, run)
    },
  })
  const rung: string[] = []
  for (let i = 0; i < 1000; i++) wheel.at(1501, () => rung.push(`late@${time.now()}`))
  wheel.at(1100, () => {
    rung.push(`early@${time.now()}`)
    wheel.at(1100, () => rung.push(`overdue@${time.now()}`))
  })
  expect(wheel.size()).toBe(1001)
  time.advance(500)
  expect(rung).toEqual(['early@1100', 'overdue@1100'])
  time.advance(10)
  expect(rung.length).toBe(1002)
  expect(rung.at(-1)).toBe('late@1510')
  expect(wheel.size()).toBe(0)
  expect(timers).toBeLessThan(6)
})

it('rings in real time', async () => {
  const wheel = createTimerWheel(systemTime)
  const due = Date.now() + 30
  expect(await new Promise<number>((resolve) => wheel.at(due, () => resolve(Date.now())))).toBeGreaterThanOrEqual(due)
  wheel.close()
})
