import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createChannel } from '#core/channels'
import { newId } from '#kit/ids'
import { testWorkspace } from '../../../test/context.ts'
import { type TestDatabase, testDatabase } from '../../../test/database.ts'
import { type Calls, openCalls } from './calls.ts'
import { takeOver } from './owners.store.ts'

let place: TestDatabase
let opened: Calls[] = []
beforeAll(async () => {
  place = await testDatabase({ own: true })
})
afterEach(async () => {
  await Promise.all(opened.map((calls) => calls.close()))
  opened = []
})
afterAll(() => place.close())

const DEED = { name: 'people.greet', args: ['Ann'] }
type Run = Parameters<typeof openCalls>[0]['run']

/** A number that one process holds, which does what `run` does, and another process that asks. */
async function twoProcesses(run: Run | undefined) {
  const { db } = place.database
  const { ctx } = await testWorkspace(place)
  const { id } = await createChannel(ctx, { kind: 'web', name: 'Shop' })
  const epoch = (await takeOver(db, { channelId: id, workspaceId: ctx.workspaceId }, newId())) ?? 0
  const errors: unknown[] = []
  const failed = (error: unknown) => void errors.push(error)
  const holder = run && openCalls({ db, held: () => [{ channelId: id, epoch }], run, failed })
  const asker = openCalls({ db, held: () => [], run: async () => undefined, failed })
  opened.push(asker, ...(holder ? [holder] : []))
  return { asker, errors, ask: () => asker.ask({ id, workspaceId: ctx.workspaceId }, DEED) }
}

test('what is asked is done by the holder, and the answer comes without a notification as well', async () => {
  const { ask } = await twoProcesses(async (_, { name, args }) => ({ name, args }))
  expect(await ask()).toEqual({ value: DEED })
})

test('a fault of the holder is a refusal, and the holder logs it', async () => {
  const fault = new Error('a slip')
  const { ask, errors } = await twoProcesses(async () => {
    throw fault
  })
  await expect(ask()).rejects.toMatchObject({ code: 'unavailable' })
  expect(errors).toEqual([fault])
})

test('begun and not answered: it may have been done; never begun: nobody is connected', async () => {
  const begun = Promise.withResolvers<void>()
  const done = Promise.withResolvers<void>()
  const busy = await twoProcesses(async () => {
    begun.resolve()
    await done.promise
  })
  const asking = busy.ask()
  await begun.promise
  const unanswered = expect(asking).rejects.toMatchObject({ code: 'unavailable', message: expect.stringMatching(/may have been done/) })
  await busy.asker.close()
  await unanswered
  done.resolve()
  const idle = await twoProcesses(undefined)
  const nobody = idle.ask()
  await idle.asker.close()
  expect(await nobody).toBeUndefined()
})
