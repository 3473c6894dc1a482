import { afterAll, beforeAll, expect, test } from 'vitest'
import { closeChannel, openChannel } from '#core/channels'
import { appendEvents } from '#core/events'
import { fromTypeId } from '#kit/ids'
import { eventually, openTestHouse, type TestHouse } from './house.ts'

let house: TestHouse
beforeAll(async () => {
  house = await openTestHouse()
})
afterAll(() => house.close())

type Shown = { id: string; state: string; stateReason: string | null; reopensAt: string | null; paused: boolean }
type Told = { type: string; data: { channelId?: string; reason?: string } }

const own = () => house.firstRun.channels.ownNumber.id
const cloud = () => house.firstRun.channels.cloud.id
const channel = async () => (await house.call<Shown>('GET', `/v2/channels/${own()}`)).body
const isOpen = async () => (await channel()).state === 'open'
const send = async (text: string) =>
  (await house.call<{ id: string; state: string }>('POST', '/v2/messages', { body: { to: '+12025550123', text } })).body
const stateOf = async (id: string) => (await house.call<{ state: string }>('GET', `/v2/messages/${id}`)).body.state
const ask = (method: string, path: string) => house.call(method, path, { key: house.firstRun.keys.blueticks })

/** What was told of the channel, oldest first: 'closed logged_out', 'opened'. */
async function story(): Promise<string[]> {
  const { body } = await house.call<{ data: Told[] }>('GET', '/v2/events?limit=200')
  return body.data
    .filter(({ type, data }) => type.startsWith('channel.') && data.channelId === own())
    .map(({ type, data }) => [type.replace('channel.', ''), data.reason ?? []].flat().join(' '))
}

test('a logout holds what is sent until the number is back by itself', async () => {
  expect(await ask('POST', '/v1/engines/logout')).toMatchObject({ status: 200, body: { ok: true, success: true, data: { ok: true } } })
  expect(await channel()).toMatchObject({ state: 'closed', stateReason: 'logged_out', reopensAt: expect.any(String) })
  expect((await ask('GET', '/v1/engines')).body).toMatchObject({
    data: [{ connected: false, state: 'CLOSED', stream: 'DISCONNECTED' }, { connected: true }],
  })
  const waiting = await send('while away')
  expect(waiting.state).toBe('queued')
  const refused = await house.call('POST', '/v1/messages', {
    key: house.firstRun.keys.blueticks,
    body: { to: '+12025550123', text: 'now' },
  })
  expect(refused).toMatchObject({ status: 409, body: { error: { code: 'no_active_session' } } })
  const accepted = await house.call('POST', '/v1/scheduled-messages/+12025550123', {
    key: house.firstRun.keys.blueticks,
    body: { type: 'text', text: 'held' },
  })
  expect(accepted).toMatchObject({ status: 201, body: { status: 'queued', data: { status: 'pending' } } })
  expect(await ask('POST', '/v1/engines/logout')).toMatchObject({ status: 200 })
  expect(await stateOf(waiting.id)).toBe('queued')
  await eventually(isOpen)
  expect(await channel()).toMatchObject({ stateReason: null, reopensAt: null })
  await eventually(async () => ['sent', 'delivered', 'read'].includes(await stateOf(waiting.id)))
  expect(await story()).toEqual(['opened', 'closed logged_out', 'opened'])
})

test('nobody connected is an empty list and a word about it', async () => {
  await house.call('POST', `/v2/channels/${cloud()}/pause`)
  expect(await ask('GET', '/v1/engines/me')).toMatchObject({
    body: { phone: house.firstRun.channels.ownNumber.number, platform: 'sandbox', name: expect.any(String) },
  })
  await house.call('DELETE', `/v2/channels/${cloud()}`)
  expect((await ask('GET', '/v1/ping')).body).toMatchObject({ whatsappConnections: [{ type: 'gateway', connected: true }], message: null })
  await ask('POST', '/v1/engines/logout')
  expect((await ask('GET', '/v1/ping')).body).toMatchObject({
    api: 'ok',
    whatsappConnections: [],
    message: expect.stringMatching(/connected/),
  })
  expect(await ask('GET', '/v1/engines/me')).toMatchObject({ status: 200, body: { data: { phone: null, name: null, platform: null } } })
  await eventually(isOpen)
})

test('a reload is a moment; a pause outlives it', async () => {
  await house.call('POST', `/v2/channels/${own()}/pause`)
  const { body } = await house.call<Shown>('POST', `/v2/channels/${own()}/reload`)
  expect(body).toMatchObject({ id: own(), state: 'closed', stateReason: 'reloading', paused: true })
  await eventually(isOpen)
  expect((await channel()).paused).toBe(true)
  const waiting = await send('paused')
  expect(await stateOf(waiting.id)).toBe('queued')
  await house.call('POST', `/v2/channels/${own()}/resume`)
  await eventually(async () => (await stateOf(waiting.id)) !== 'queued')
  expect((await story()).slice(-2)).toEqual(['closed reloading', 'opened'])
})

test('a reload ends the wait of a logout; one told twice closes once', async () => {
  const before = (await story()).length
  await house.call('POST', `/v2/channels/${own()}/logout`)
  const headers = { 'Idempotency-Key': 'reload-once' }
  expect((await house.call<Shown>('POST', `/v2/channels/${own()}/reload`, { headers })).body.stateReason).toBe('reloading')
  const again = await house.call<Shown>('POST', `/v2/channels/${own()}/reload`, { headers })
  expect(again.headers.get('Idempotent-Replayed')).toBe('true')
  await eventually(isOpen)
  expect((await story()).slice(before)).toEqual(['closed logged_out', 'opened'])
})

test('a node that goes away in between leaves no channel closed', async () => {
  await house.call('POST', `/v2/channels/${own()}/logout`)
  const waiting = await send('through a restart')
  await house.restart()
  await eventually(isOpen)
  await eventually(async () => ['sent', 'delivered', 'read'].includes(await stateOf(waiting.id)))
})

test('what is closed for another reason is neither logged out nor reloaded, and what has no session says so', async () => {
  const { body: spare } = await house.call<Shown>('POST', '/v2/channels', { body: { kind: 'sandbox', persona: 'cloud' } })
  expect(await house.call('POST', `/v2/channels/${spare.id}/logout`)).toMatchObject({ status: 422, body: { code: 'unsupported' } })
  expect(await house.call('POST', `/v2/channels/${spare.id}/reload`)).toMatchObject({ status: 422, body: { code: 'unsupported' } })
  const { db } = house.test.database
  const { workspaceId } = (await house.call<{ data: { workspaceId: string }[] }>('GET', '/v2/events?limit=1')).body.data[0] ?? {
    workspaceId: '',
  }
  const place = { workspaceId: fromTypeId('wsp', workspaceId) ?? '', channelId: fromTypeId('cha', own()) ?? '' }
  const events = { append: appendEvents, hint: () => undefined }
  await closeChannel(db, events, { ...place, reason: 'banned' })
  await eventually(async () => !(await isOpen()))
  expect(await house.call('POST', `/v2/channels/${own()}/reload`)).toMatchObject({ status: 409, body: { code: 'channel_closed' } })
  expect(await ask('POST', '/v1/engines/reload')).toMatchObject({ status: 409, body: { error: { code: 'no_active_session' } } })
  expect(await house.call('POST', `/v2/channels/${own()}/logout`)).toMatchObject({
    status: 200,
    body: { stateReason: 'banned', reopensAt: null },
  })
  await openChannel(db, events, place)
})
