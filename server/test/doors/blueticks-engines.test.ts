import { afterAll, beforeAll, expect, test } from 'vitest'
import { createChannel, getChannel, moveSession, type SessionStand } from '#core/channels'
import { readEvents } from '#core/events'
import { typeId } from '#kit/ids'
import { blueticksCo } from '../../src/dialects/blueticks-co/index.ts'
import { type TestDatabase, testDatabase } from '../database.ts'
import { holdSession } from '../hold-session.ts'
import { type Doors, openDoors } from './doors.ts'

let database: TestDatabase
let doors: Doors
beforeAll(async () => {
  database = await testDatabase({ own: true })
  doors = await openDoors(database)
})
afterAll(async () => {
  await doors.close()
  await database.close()
})

const PHONE = '+14155550123'
const REFUSED = { status: 409, body: { success: false, error: { code: 'no_active_session' } } }

/** An own number beside two numbers of the Cloud API, and whoever holds its session. */
async function ownNumber() {
  const tenant = await doors.tenant({ environment: 'live' })
  const { id: channelId } = await createChannel(tenant.ctx, { kind: 'web', name: 'Shop' })
  const place = { channelId, workspaceId: tenant.workspace.id }
  const session = await holdSession(database.database.db, place)
  const stand = async (to: SessionStand) => {
    await moveSession(database.database.db, doors.ports.events, session, to)
    doors.ports.channels.forget(channelId) // as NOTIFY does in a house
  }
  const ask = async (method: string, path: string, body?: object) => {
    const told = await doors.ask({ method, path: `/v1${path}`, key: tenant.key, ...(body && { body }) })
    return { status: told.status, body: told.body as Record<string, unknown> }
  }
  const engine = async () => {
    const { data } = (await ask('GET', '/engines')).body as { data: { id: string }[] }
    return data.find(({ id }) => id === typeId('eng', channelId))
  }
  return { tenant, channelId, stand, ask, engine }
}

test('an own number is an engine that is connected while it is open, and at no other time', async () => {
  const { channelId, stand, ask, engine } = await ownNumber()
  const id = typeId('eng', channelId)
  const isAway = { id, type: 'gateway', connected: false, stream: 'DISCONNECTED', hasSynced: false }
  const connections = async () => (await ask('GET', '/ping')).body.whatsappConnections
  expect(await engine()).toMatchObject({ ...isAway, state: 'CONNECTING' })
  await stand({ is: 'awaiting_scan' })
  expect(await engine()).toMatchObject({ ...isAway, state: 'AWAITING_SCAN' })
  expect(JSON.stringify(await connections())).not.toContain(id)
  await stand({ is: 'open', phone: PHONE })
  expect(await engine()).toMatchObject({ id, connected: true, state: 'OPEN', stream: 'CONNECTED', hasSynced: true })
  expect(await connections()).toContainEqual({ id, type: 'gateway', connected: true })
  await stand({ is: 'degraded', reason: 'network' })
  expect(await engine()).toMatchObject({ ...isAway, state: 'DEGRADED' })
  await stand({ is: 'closed', reason: 'banned' })
  expect(await engine()).toMatchObject({ ...isAway, state: 'CLOSED' })
})

test('a number that no phone has linked is nobody to log out, and messages leave by another one', async () => {
  const { stand, ask, tenant } = await ownNumber()
  const toCloud = await ask('POST', '/scheduled-messages', { to: PHONE, type: 'text', text: 'x' })
  expect(toCloud).toMatchObject({ status: 201, body: { from: tenant.own.phone } })
  await doors.ask({ method: 'DELETE', path: `/v2/channels/${typeId('cha', tenant.own.id)}`, key: tenant.key })
  await doors.ask({ method: 'DELETE', path: `/v2/channels/${typeId('cha', tenant.cloud.id)}`, key: tenant.key })
  for (const path of ['/engines/logout', '/engines/reload']) expect(await ask('POST', path)).toMatchObject(REFUSED)
  expect((await ask('GET', '/engines/me')).body).toMatchObject({ phone: null, name: null, platform: null })
  expect(await ask('POST', '/messages', { to: PHONE, text: 'now' })).toMatchObject(REFUSED)
  await stand({ is: 'closed', reason: 'not_linked' })
  for (const path of ['/engines/logout', '/engines/reload']) expect(await ask('POST', path)).toMatchObject(REFUSED)
})

test('the own number is the one that is logged out and reloaded, and that messages leave from', async () => {
  const { stand, ask, engine, tenant } = await ownNumber()
  await stand({ is: 'open', phone: PHONE })
  expect((await ask('POST', '/engines/reload')).body).toMatchObject({ ok: true, data: { ok: true } })
  expect(await engine()).toMatchObject({ connected: false, state: 'CLOSED' })
  expect(await ask('POST', '/engines/logout')).toMatchObject({ status: 200 }) // it would have been back
  expect(await ask('POST', '/engines/logout')).toMatchObject(REFUSED) // it is not linked any more
  expect(await ask('POST', '/engines/reload')).toMatchObject(REFUSED)
  expect(await ask('POST', '/messages', { to: PHONE, text: 'now' })).toMatchObject(REFUSED)
  const later = { type: 'text', text: 'x' }
  expect(await ask('POST', '/scheduled-messages', { to: PHONE, ...later })).toMatchObject({ body: { from: tenant.own.phone } })
  expect(await ask('POST', '/scheduled-messages', { to: '120363000000000001@g.us', ...later })).toMatchObject({ body: { from: PHONE } })
})

test('an own number that rests and is linked still is logged out for good', async () => {
  const { channelId, tenant, stand, ask } = await ownNumber()
  await stand({ is: 'open', phone: PHONE })
  await stand({ is: 'closed', reason: 'replaced' })
  expect(await ask('POST', '/engines/logout')).toMatchObject({ status: 200 })
  expect(await getChannel(tenant.ctx, { channelId })).toMatchObject({ state: 'closed', stateReason: 'logged_out' })
})

test('coming and going is told as sessions, with the reason', async () => {
  const { tenant, channelId, stand } = await ownNumber()
  await stand({ is: 'open', phone: PHONE })
  await stand({ is: 'degraded', reason: 'server' })
  await stand({ is: 'open' })
  await stand({ is: 'closed', reason: 'replaced' })
  const events = (await readEvents(tenant.ctx.db, tenant.workspace.id, 0, 100)).filter(({ subjects }) => subjects.channelId === channelId)
  const style = blueticksCo.webhooks({ publicUrl: 'https://chasqui.example' })
  const bodies = await style.render(tenant.ctx.db, tenant.workspace.id, events, {
    id: channelId,
    events: ['session.connected', 'session.disconnected'],
  })
  const told = events.flatMap(({ seq }) => (bodies.get(seq) ?? []).map(({ body }) => JSON.parse(body)))
  const base = { engineId: typeId('eng', channelId), engine_id: typeId('eng', channelId), phone: PHONE }
  expect(told).toMatchObject([
    { type: 'session.connected', data: { ...base, connected: true, state: 'OPEN', reason: null } },
    { type: 'session.disconnected', data: { ...base, connected: false, state: 'DEGRADED', reason: 'server' } },
    { type: 'session.connected', data: { ...base, connected: true, reason: null } },
    { type: 'session.disconnected', data: { ...base, connected: false, state: 'CLOSED', reason: 'replaced' } },
  ])
})
