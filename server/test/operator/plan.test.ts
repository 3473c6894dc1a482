import { afterAll, expect, test } from 'vitest'
import { openInstallation } from './house-process.ts'

const installation = openInstallation()
afterAll(() => installation.clear())

test('a plan is given beside a running house, which goes by it at once', async () => {
  const house = await installation.start()
  const planNow = async () => {
    const answer = await fetch(`${house.url}/v2/plan`, { headers: { authorization: `Bearer ${installation.firstRun().keys.canonical}` } })
    return ((await answer.json()) as { name: string }).name
  }
  expect(await planNow()).toBe('unlimited')
  expect(await installation.chasqui(['plan'])).toMatchObject({ code: 0, out: 'My organization: unlimited\n' })
  expect(await installation.chasqui(['plan', 'My organization', 'free'])).toMatchObject({
    code: 0,
    out: 'My organization is on the plan free now.\n',
  })
  await expect.poll(planNow, { timeout: 2_000 }).toBe('free')
  expect(await installation.chasqui(['plan', 'My organization', 'gold'])).toMatchObject({
    code: 1,
    errors: expect.stringContaining('free, pro, unlimited'),
  })
  expect(await installation.chasqui(['plan', 'Nobody', 'free'])).toMatchObject({
    code: 1,
    errors: 'There is no organization named Nobody.\n',
  })
  expect(await installation.chasqui(['plan', 'free'])).toMatchObject({ code: 1, errors: expect.stringContaining('Usage:') })
  expect((await house.end()).code).toBe(0)
})
