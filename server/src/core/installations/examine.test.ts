import { afterAll, beforeAll, expect, test } from 'vitest'
import { closeChannel, createChannel, moveSession } from '#core/channels'
import { createEndpoint, updateEndpoint } from '#core/webhooks'
import { openSecretBox } from '#kit/crypto'
import { run, sql } from '#kit/db'
import { testSecretBox, testWorkspace } from '../../../test/context.ts'
import { type TestDatabase, testDatabase } from '../../../test/database.ts'
import { holdSession } from '../../../test/hold-session.ts'
import { CLOUD } from '../../../test/rows.ts'
import { examine, hasOwnNumbers } from './index.ts'

let open: TestDatabase
beforeAll(async () => {
  open = await testDatabase({ own: true })
})
afterAll(() => open.close())

const db = () => open.database.db
const look = async (box = testSecretBox) =>
  (await examine(db(), box)).map(({ ok, what, advice = '' }) => `${ok ? 'ok' : 'LOOK'} ${what} -> ${advice}`)
/** Beside those of the tests' database, which is allowed to forget. */
const worries = async () => (await look()).filter((line) => /^LOOK (?!fsync|full_page)/.test(line))

test('an empty house is well', async () => {
  expect(await worries()).toEqual([])
  expect(await look()).toContainEqual(expect.stringMatching(/^ok nothing is sealed yet/))
  expect(await hasOwnNumbers(db())).toBe(false)
})

test('each channel that is not open is a sentence with what to do', async () => {
  const { ctx } = await testWorkspace(open)
  const { events } = ctx.ports
  const cloud = await createChannel(ctx, CLOUD)
  await closeChannel(db(), events, { workspaceId: ctx.workspaceId, channelId: cloud.id, reason: 'billing' })
  const web = await createChannel(ctx, { kind: 'web', name: 'Van' })
  const session = await holdSession(db(), { channelId: web.id, workspaceId: ctx.workspaceId })
  await moveSession(db(), events, session, { is: 'closed', reason: 'network', reopensAt: new Date(Date.now() + 60_000) })
  const waiting = await createChannel(ctx, { kind: 'web', name: 'Shop' })
  const found = await look()
  expect(found).toContainEqual(expect.stringMatching(/^LOOK the live channel "Shop" is not open \(connecting\)\./))
  expect(found).toContainEqual(
    expect.stringMatching(
      /^LOOK the live channel "Shop" is not open \(closed, billing\)\. The account at Meta has a payment problem\. -> Mend the payment/,
    ),
  )
  expect(found).toContainEqual(
    expect.stringMatching(/^ok the live channel "Van" is not open \(closed, network\)\..* -> Nothing: it comes back/),
  )
  expect(found).toContainEqual(expect.stringMatching(/^ok channels that are open: 0; own numbers in all: 2/))
  expect(await hasOwnNumbers(db())).toBe(true)
  await run(db(), sql`update channels set deleted_at = now() where id = any(${[cloud.id, web.id, waiting.id]}::uuid[])`)
  expect(await worries()).toEqual([])
})

test('a webhook that fails is told by its host alone; one switched off by hand is well', async () => {
  const { ctx } = await testWorkspace(open, {
    ports: { http: { check: () => undefined, request: () => Promise.reject() } },
  })
  const make = async (name: string) =>
    (await createEndpoint(ctx, { url: `https://${name}.example.com/hook?token=hidden`, events: ['*'] })).endpoint.id
  const [off, failing] = [await make('off'), await make('failing')]
  await updateEndpoint(ctx, { endpointId: await make('byhand'), state: 'disabled' })
  await run(db(), sql`update endpoints set state = 'disabled', disabled_reason = 'gone' where id = ${off}`)
  await run(db(), sql`update endpoints set failures = 21, probe_at = '2031-01-01' where id = ${failing}`)
  const found = await worries()
  expect(found).toEqual([
    expect.stringMatching(/^LOOK a webhook at https:\/\/off\.example\.com is switched off \(gone\)/),
    expect.stringMatching(
      /^LOOK a webhook at https:\/\/failing\.example\.com failed 21 times in a row and is only probed, next at 2031-01-01/,
    ),
  ])
  await run(db(), sql`delete from endpoints`)
})

test('another secret than the one of before is noticed, and none is shown', async () => {
  const { ctx } = await testWorkspace(open)
  await createChannel(ctx, CLOUD)
  expect(await look()).toContainEqual('ok the secret opens what is sealed (credentials of channels) -> ')
  const found = await look(openSecretBox('another secret of the tests'))
  expect(found).toContainEqual(
    expect.stringMatching(/^LOOK the secret does not open credentials of channels: .* -> Start with the CHASQUI_SECRET of before/),
  )
  expect(found.join('\n')).not.toMatch(/secret of the tests|EAAG/)
})
