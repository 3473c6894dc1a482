import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { openInstallation, type RunningHouse } from './house-process.ts'

const installation = openInstallation()
afterAll(() => installation.clear())

type Message = { id: string; state: string }

const ask = async (house: RunningHouse, path: string, body?: object): Promise<Message> => {
  const answer = await fetch(`${house.url}/v2/messages${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${installation.firstRun().keys.canonical}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  })
  return (await answer.json()) as Message // the canonical answer
}

test('a copied folder is held before its first start: new messages flow, the old ones wait for a person', async () => {
  const original = await installation.start({ CHASQUI_ROLES: 'api' })
  const { id } = await ask(original, '', { to: '+12025550123', text: 'in the copy' })
  expect(await installation.chasqui(['hold'])).toMatchObject({ code: 1, errors: expect.stringMatching(/^Another Chasqui/) })
  await original.end()

  expect(await installation.chasqui(['hold'])).toMatchObject({ code: 0, out: expect.stringMatching(/^Messages on hold: 1\./) })
  const copy = await installation.start()
  expect(await ask(copy, '', { to: '+12025550123', text: 'new', awaitMs: 15_000 })).toMatchObject({ state: 'sent' })
  expect(await ask(copy, `/${id}`)).toMatchObject({ state: 'queued' })

  expect(await installation.chasqui(['resume', '--send'])).toMatchObject({ code: 0, out: 'Held messages that are due now: 1.\n' })
  let state = 'queued'
  for (let tries = 0; tries < 150 && state === 'queued'; tries++) {
    await sleep(100)
    state = (await ask(copy, `/${id}`)).state
  }
  expect(['sending', 'sent', 'delivered', 'read']).toContain(state)
  expect((await copy.end()).code).toBe(0)
})
