import { afterAll, beforeAll, expect, test } from 'vitest'
import { findWorkspace, getWorkspace, openWorkspaceDirectory } from '#core/workspaces'
import { testWorkspace } from '../../../test/context.ts'
import { type TestDatabase, testDatabase } from '../../../test/database.ts'
import { createOrganization, hasOrganization } from './index.ts'

let open: TestDatabase
beforeAll(async () => {
  open = await testDatabase()
})
afterAll(() => open.close())

test('an organization comes with a live and a test workspace, each with its plan', async () => {
  const { db } = open.database
  const { organization, live, test } = await createOrganization(db, { name: 'Acme', plan: 'free', defaultCountry: 'IN' })
  expect(organization).toMatchObject({ name: 'Acme', plan: 'free' })
  for (const [workspace, environment] of [[live, 'live'] as const, [test, 'test'] as const]) {
    const found = await findWorkspace(db, workspace.id)
    expect(found).toMatchObject({ ...workspace, environment, organizationName: 'Acme', defaultCountry: 'IN' })
    expect(found.plan).toMatchObject({ name: 'free', requestsPerMinute: 60, scheduledWaiting: 1, subscribers: undefined })
    expect(found.plan.footer).toBeTruthy()
  }
  expect(await hasOrganization(db)).toBe(true)
})

test('an unknown plan leaves nothing behind', async () => {
  await expect(createOrganization(open.database.db, { name: 'Acme', plan: 'gold' })).rejects.toMatchObject({ code: 'invalid' })
})

test('a key sees its own workspace, organization and plan under row-level security', async () => {
  const { ctx, workspace } = await testWorkspace(open)
  await testWorkspace(open) // somebody else
  expect(await getWorkspace(ctx, {})).toMatchObject({ id: workspace.id, organizationName: 'Test', plan: { name: 'unlimited' } })
})

test('a verb needs its scope', async () => {
  const { ctx } = await testWorkspace(open, { scopes: ['messages:read'] })
  await expect(getWorkspace(ctx, {})).rejects.toMatchObject({ code: 'forbidden', facts: { scope: 'organization:read' } })
})

test('the directory remembers, forgets, and does not remember failures', async () => {
  const { workspace } = await testWorkspace(open)
  const directory = openWorkspaceDirectory({ db: open.database.db })
  const found = await directory.get(workspace.id)
  expect(await directory.get(workspace.id)).toBe(found)
  directory.forget(workspace.id)
  expect(await directory.get(workspace.id)).not.toBe(found)
  const nobody = '00000000-0000-7000-8000-000000000000'
  await expect(directory.get(nobody)).rejects.toMatchObject({ code: 'not_found' })
  await expect(directory.get(nobody)).rejects.toMatchObject({ code: 'not_found' })
})
