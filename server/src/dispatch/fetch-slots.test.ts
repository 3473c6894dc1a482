import { afterAll, beforeAll, expect, test } from 'vitest'
import { run, sql } from '#kit/db'
import { newId } from '#kit/ids'
import { testWorkspace } from '../../test/context.ts'
import { type TestDatabase, testDatabase } from '../../test/database.ts'
import { leaseFetches } from './fetch-files.store.ts'
import { openFetchSlots } from './fetch-slots.ts'

let open: TestDatabase
beforeAll(async () => {
  open = await testDatabase()
  await forgetAll() // what other tests have left
})
afterAll(async () => {
  await forgetAll()
  await open.close()
})

const forgetAll = () => run(open.database.db, sql`delete from outbox where kind = 'task'`)

/** So many files of a workspace, waiting since so many seconds. */
async function waiting(count: number, seconds: number): Promise<string> {
  const { workspace } = await testWorkspace(open)
  await run(
    open.database.db,
    sql`insert into outbox (kind, subject, workspace_id, order_at, due_at)
      select 'task', s, ${workspace.id}, now(), ${open.clock.now()}::timestamptz - ${seconds} * interval '1 second' from unnest(${Array.from({ length: count }, () => newId())}::uuid[]) as t(s)`,
  )
  return workspace.id
}

test('whoever waits with thousands of files keeps nobody else waiting', async () => {
  const slots = openFetchSlots((asked) => {
    const now = open.clock.now()
    return leaseFetches(open.database.db, { ...asked, now, until: new Date(now.getTime() + 60_000) })
  })
  const all = async () => {
    const found = []
    for (let some = await slots.take(); some.length > 0; some = await slots.take()) found.push(...some)
    return found
  }
  const crowd = await waiting(300, 3600)
  expect((await all()).map(({ workspaceId }) => workspaceId)).toEqual([crowd, crowd])
  const others = [await waiting(50, 60), await waiting(50, 30), await waiting(1, 10)]
  const begun = await all()
  expect(begun).toHaveLength(4)
  expect(new Set(begun.map(({ workspaceId }) => workspaceId))).toEqual(new Set(others))
  const late = await waiting(1, 0) // when all slots are taken
  expect(await all()).toEqual([])
  const next = []
  for (const fetch of begun) {
    slots.ended(fetch)
    next.push(...(await all()))
  }
  expect(next.map(({ workspaceId }) => workspaceId)).toContain(late)
})
