import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Context } from '#kit/context'
import { all, sql } from '#kit/db'
import { openHttpClient } from '#kit/http-client'
import { newId } from '#kit/ids'
import { testSecretBox, testWorkspace } from '#test/context'
import { type TestDatabase, testDatabase } from '#test/database'
import { createEndpoint } from './create-endpoint.ts'
import { deleteEndpoint } from './delete-endpoint.ts'
import { insertWaiting } from './delivery.store.ts'
import { endpointReceiver } from './endpoint.ts'
import { liveSecrets, openSecrets, rotateSecrets } from './endpoint-secrets.ts'
import { getEndpoint } from './get-endpoint.ts'
import { listDeliveries } from './list-deliveries.ts'
import { listEndpoints } from './list-endpoints.ts'
import { replayDelivery } from './replay-delivery.ts'
import { replayFailed } from './replay-failed.ts'
import { rotateSecret } from './rotate-secret.ts'
import { testEndpoint } from './test-endpoint.ts'
import { updateEndpoint } from './update-endpoint.ts'

const http = openHttpClient({ allowNetworks: [] })
let house: TestDatabase
beforeAll(async () => {
  house = await testDatabase()
})
afterAll(async () => {
  await http.close()
  await house.close()
})

const open = async (scopes: readonly string[] = ['*']): Promise<Context> => (await testWorkspace(house, { scopes, ports: { http } })).ctx
const url = 'https://hooks.example/x'

const rowOf = async (id: string) =>
  (
    await all(
      house.database.db,
      sql<{ secrets: Buffer; cursor_seq: number; failures: number; probe_at: Date | null }>`select * from endpoints where id = ${id}`,
    )
  )[0]

describe('webhook endpoints', () => {
  test('are made with a secret that is shown once and rests sealed', async () => {
    const ctx = await open()
    const { endpoint, secret } = await createEndpoint(ctx, { url, events: ['message.sent', 'message.sent', '*'], description: 'mine' })
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{32}$/)
    expect(endpoint).toMatchObject({
      url,
      events: ['message.sent', '*'],
      style: 'canonical',
      description: 'mine',
      state: 'enabled',
      failures: 0,
    })
    expect(await getEndpoint(ctx, { endpointId: endpoint.id })).toEqual(endpoint)
    expect(JSON.stringify(await getEndpoint(ctx, { endpointId: endpoint.id }))).not.toContain('whsec')
    const sealed = (await rowOf(endpoint.id))?.secrets ?? Buffer.of()
    expect(sealed.toString('latin1')).not.toContain(secret)
    expect(openSecrets(testSecretBox, sealed)).toEqual([{ secret }])
  })

  test('refuse a URL that may not be called, a channel that is not there, an empty filter', async () => {
    const ctx = await open()
    for (const bad of [
      'http://hooks.example/x',
      'https://127.0.0.1/x',
      'https://10.0.0.1/',
      'https://localhost/',
      'ftp://a.example',
      'words',
      'https://u:p@a.example/',
    ]) {
      await expect(createEndpoint(ctx, { url: bad, events: ['*'] }), bad).rejects.toMatchObject({ code: 'invalid' })
    }
    await expect(createEndpoint(ctx, { url, events: [] })).rejects.toMatchObject({ code: 'invalid' })
    await expect(createEndpoint(ctx, { url, events: ['not a name'] })).rejects.toMatchObject({ code: 'invalid' })
    await expect(createEndpoint(ctx, { url, events: ['*'], channelId: newId() })).rejects.toMatchObject({ code: 'not_found' })
    expect((await listEndpoints(ctx, {})).rows).toEqual([])
  })

  test('are listed in pages, by door, in either order', async () => {
    const ctx = await open()
    const made = []
    for (const style of ['canonical', 'blueticks-co', 'canonical'])
      made.push((await createEndpoint(ctx, { url, events: ['*'], style })).endpoint.id)
    const first = await listEndpoints(ctx, { limit: 2 })
    const second = await listEndpoints(ctx, { limit: 2, cursor: first.next ?? '' })
    expect([...first.rows, ...second.rows].map(({ id }) => id)).toEqual(made.toReversed())
    expect(second.next).toBeUndefined()
    expect((await listEndpoints(ctx, { order: 'oldest' })).rows.map(({ id }) => id)).toEqual(made)
    expect((await listEndpoints(ctx, { style: 'blueticks-co' })).rows.map(({ id }) => id)).toEqual([made[1]])
    await expect(listEndpoints(ctx, { cursor: 'nonsense' })).rejects.toMatchObject({ code: 'invalid' })
  })

  test('change what is given, clear what is null, keep the rest', async () => {
    const ctx = await open()
    const { endpoint } = await createEndpoint(ctx, { url, events: ['*'], description: 'mine' })
    const endpointId = endpoint.id
    expect(await updateEndpoint(ctx, { endpointId, events: ['message.read'] })).toMatchObject({
      url,
      events: ['message.read'],
      description: 'mine',
    })
    expect(await updateEndpoint(ctx, { endpointId, description: null })).toMatchObject({ events: ['message.read'], description: undefined })
    await expect(updateEndpoint(ctx, { endpointId, url: 'https://192.168.1.1/' })).rejects.toMatchObject({ code: 'invalid' })
    expect(await updateEndpoint(ctx, { endpointId, state: 'disabled' })).toMatchObject({ state: 'disabled', disabledReason: 'by_hand' })
  })

  test('enabled again forget their failures and begin at the last event; enabling an enabled one skips nothing', async () => {
    const ctx = await open()
    const { endpoint } = await createEndpoint(ctx, { url, events: ['*'] })
    const endpointId = endpoint.id
    const fail = () =>
      sql`update endpoints set failures = 9, failing_since = now(), probe_at = now(), probes = 3 where id = ${endpointId}`.execute(
        house.database.db,
      )
    await testEndpoint(ctx, { endpointId }) // an event
    await fail()
    expect(await updateEndpoint(ctx, { endpointId, state: 'enabled' })).toMatchObject({
      failures: 0,
      failingSince: undefined,
      nextProbeAt: undefined,
    })
    expect((await rowOf(endpointId))?.cursor_seq).toBe(0)
    await fail()
    await updateEndpoint(ctx, { endpointId, state: 'disabled' })
    expect(await updateEndpoint(ctx, { endpointId, state: 'enabled' })).toMatchObject({
      state: 'enabled',
      disabledReason: undefined,
      failures: 0,
    })
    expect((await rowOf(endpointId))?.cursor_seq).toBe(1)
  })

  test('drop what waits for them when they are disabled or deleted', async () => {
    const ctx = await open()
    const count = async () => (await all(house.database.db, sql`select 1 from outbox where workspace_id = ${ctx.workspaceId}`)).length
    for (const end of ['disable', 'delete']) {
      const { endpoint } = await createEndpoint(ctx, { url, events: ['*'] })
      const details = { url, style: 'canonical', eventId: newId(), eventSeq: 1, eventType: 'message.sent', endpointId: endpoint.id }
      await insertWaiting(house.database.db, ctx.workspaceId, [
        { id: newId(), attempt: 1, receiver: endpointReceiver(endpoint.id), details },
      ])
      expect(await count()).toBe(1)
      if (end === 'disable') await updateEndpoint(ctx, { endpointId: endpoint.id, state: 'disabled' })
      else expect(await deleteEndpoint(ctx, { endpointId: endpoint.id })).toMatchObject({ id: endpoint.id })
      expect(await count()).toBe(0)
      if (end === 'delete') await expect(getEndpoint(ctx, { endpointId: endpoint.id })).rejects.toMatchObject({ code: 'not_found' })
    }
  })

  test('of another workspace are not there, whatever is asked', async () => {
    const [ctx, other] = [await open(), await open()]
    const { endpoint } = await createEndpoint(other, { url, events: ['*'] })
    const endpointId = endpoint.id
    const asked = [
      () => getEndpoint(ctx, { endpointId }),
      () => updateEndpoint(ctx, { endpointId, state: 'disabled' }),
      () => deleteEndpoint(ctx, { endpointId }),
      () => rotateSecret(ctx, { endpointId }),
      () => testEndpoint(ctx, { endpointId }),
      () => listDeliveries(ctx, { endpointId }),
      () => replayFailed(ctx, { endpointId, since: new Date(0) }),
      () => replayDelivery(ctx, { deliveryId: newId() }),
    ]
    for (const ask of asked) await expect(ask()).rejects.toMatchObject({ code: 'not_found' })
    expect(await getEndpoint(other, { endpointId })).toEqual(endpoint)
  })

  test('need their scope', async () => {
    const reader = await open(['webhooks:read'])
    await expect(createEndpoint(reader, { url, events: ['*'] })).rejects.toMatchObject({ code: 'forbidden' })
    expect((await listEndpoints(reader, {})).rows).toEqual([])
    await expect(listDeliveries(await open(['messages:write']), {})).rejects.toMatchObject({ code: 'forbidden' })
  })
})

describe('secrets', () => {
  const now = new Date('2030-01-01T00:00:00Z')

  test('two live at once: a second rotation ends the oldest, one without overlap ends all but the new one', () => {
    const first = rotateSecrets([{ secret: 'a' }], 'b', { overlap: true, now })
    expect(first).toEqual([{ secret: 'b' }, { secret: 'a', until: '2030-01-02T00:00:00.000Z' }])
    expect(rotateSecrets(first, 'c', { overlap: true, now }).map(({ secret }) => secret)).toEqual(['c', 'b'])
    expect(rotateSecrets(first, 'c', { overlap: false, now })).toEqual([{ secret: 'c' }])
  })

  test('end with their time', () => {
    const secrets = rotateSecrets([{ secret: 'a' }], 'b', { overlap: true, now })
    const after = (hours: number) => liveSecrets(secrets, new Date(now.getTime() + hours * 3_600_000)).map(({ secret }) => secret)
    expect([after(23), after(24)]).toEqual([['b', 'a'], ['b']])
  })
})
