import { afterAll, expect, test } from 'vitest'
import { openInstallation, type RunningHouse } from './house-process.ts'

const installation = openInstallation()
afterAll(() => installation.clear())

async function post(house: RunningHouse, body: object): Promise<{ id: string; state: string }> {
  const answer = await fetch(`${house.url}/v2/messages`, {
    method: 'POST',
    headers: { authorization: `Bearer ${installation.firstRun().keys.canonical}`, 'content-type': 'application/json' },
    body: JSON.stringify({ to: '+12025550123', ...body }),
  })
  expect(answer.status).toBe(201)
  return (await answer.json()) as { id: string; state: string } // the canonical answer
}

async function stateOf(house: RunningHouse, id: string): Promise<string> {
  const headers = { authorization: `Bearer ${installation.firstRun().keys.canonical}` }
  return ((await (await fetch(`${house.url}/v2/messages/${id}`, { headers })).json()) as { state: string }).state
}

test('a killed house leaves its database running; the next one takes it over with what was accepted', async () => {
  const killed = await installation.start({ CHASQUI_ROLES: 'api' }) // it accepts and sends nothing
  const { id } = await post(killed, { text: 'Before the kill' })
  const database = installation.databasePid()
  expect(database).toBeDefined()
  const keys = installation.firstRun().keys
  expect(await killed.end('SIGKILL')).toMatchObject({ code: null })
  expect(installation.databasePid()).toBe(database)

  const next = await installation.start()
  expect(installation.databasePid()).toBe(database)
  expect(installation.firstRun()).toMatchObject({ url: next.url, keys })
  await expect.poll(() => stateOf(next, id), { timeout: 15_000 }).toMatch(/^(sent|delivered|read)$/)
  expect((await next.end()).code).toBe(0)
  expect(installation.databasePid()).toBeUndefined()
})
