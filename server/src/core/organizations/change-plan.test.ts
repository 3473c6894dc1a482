import { afterAll, beforeAll, expect, test } from 'vitest'
import { findWorkspace } from '#core/workspaces'
import { run, sql } from '#kit/db'
import { openListener } from '#kit/db-listen'
import { newId } from '#kit/ids'
import { openLog } from '#kit/log'
import { testContext, testWorkspace } from '../../../test/context.ts'
import { type TestDatabase, testDatabase } from '../../../test/database.ts'
import { changePlan, changePlanAsOperator, createOrganization, findOrganizations } from './index.ts'

let open: TestDatabase
beforeAll(async () => {
  open = await testDatabase()
})
afterAll(() => open.close())

test('a live key changes the plan of both workspaces, and the next look sees it', async () => {
  const { ctx, live, test } = await testWorkspace(open)
  expect((await ctx.ports.workspaces.get(live.id)).plan.name).toBe('unlimited')
  expect(await changePlan(ctx, { name: 'free' })).toMatchObject({ name: 'free', scheduledWaiting: 1, requestsPerMinute: 60 })
  expect((await ctx.ports.workspaces.get(live.id)).plan.name).toBe('free')
  expect((await findWorkspace(open.database.db, test.id)).plan.name).toBe('free')
})

test('who may not, and what is not there', async () => {
  const { ctx, live, test } = await testWorkspace(open)
  await expect(changePlan(ctx, { name: 'gold' })).rejects.toMatchObject({
    code: 'invalid',
    message: expect.stringMatching(/free.*pro.*unlimited/),
    issues: [{ path: 'name' }],
  })
  await expect(changePlan(testContext(open, test), { name: 'free' })).rejects.toMatchObject({ code: 'forbidden' })
  const reader = testContext(open, live, { scopes: ['organization:read'] })
  await expect(changePlan(reader, { name: 'free' })).rejects.toMatchObject({ code: 'forbidden', facts: { scope: 'organization:write' } })
  expect((await findWorkspace(open.database.db, live.id)).plan.name).toBe('unlimited')
})

test('the operator names the organization', async () => {
  const { db } = open.database
  const name = `Acme ${newId()}`
  const { live } = await createOrganization(db, { name })
  expect(await changePlanAsOperator(db, { organization: name, plan: 'pro' })).toMatchObject({ name, plan: 'pro' })
  expect((await findWorkspace(db, live.id)).plan.name).toBe('pro')
  expect(await findOrganizations(db, name)).toMatchObject([{ name, plan: 'pro' }])
  await expect(changePlanAsOperator(db, { organization: name, plan: 'gold' })).rejects.toMatchObject({ code: 'invalid' })
  await expect(changePlanAsOperator(db, { organization: `${name}?`, plan: 'pro' })).rejects.toMatchObject({ code: 'not_found' })
  await createOrganization(db, { name })
  await expect(changePlanAsOperator(db, { organization: name, plan: 'free' })).rejects.toMatchObject({ code: 'conflict' })
})

test('every node is told', async () => {
  const { ctx, live, test } = await testWorkspace(open)
  const told: string[] = []
  const hear = (_: string, payload: string) => told.push(payload)
  const listener = await openListener(open.address, openLog('silent'), hear, ['chasqui_changed'], () => undefined)
  await changePlan(ctx, { name: 'pro' })
  await run(open.database.db, sql`select pg_notify('chasqui_changed', 'end')`)
  await expect.poll(() => told).toContain('end')
  expect(told).toEqual(expect.arrayContaining([`workspace:${live.id}`, `workspace:${test.id}`]))
  await listener.close()
})
