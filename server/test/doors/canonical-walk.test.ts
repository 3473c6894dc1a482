import { createServer } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { openChannel, showQr } from '#core/channels'
import { all, sql } from '#kit/db'
import { fromTypeId, typeId } from '#kit/ids'
import { type TestDatabase, testDatabase } from '../database.ts'
import { holdSession } from '../hold-session.ts'
import { type Asked, type Doors, openDoors, type Tenant } from './doors.ts'

let database: TestDatabase
let doors: Doors
let tenant: Tenant
const routes: string[] = []
const walked = new Set<string>()
const wrong: string[] = []

beforeAll(async () => {
  database = await testDatabase()
  doors = await openDoors(database, {
    onRoute: ({ method, url }) => method !== 'HEAD' && url.startsWith('/v2/') && routes.push(`${method} ${url}`),
    onAnswer: (request, status, payload) =>
      check(`${request.method} ${request.routeOptions.url}`, request.routeOptions.schema?.response, status, payload),
  })
  tenant = await doors.tenant()
})
afterAll(async () => {
  await doors.close()
  await database.close()
})

/** An answer is what the reference says: nothing missing, nothing more. */
function check(route: string, response: unknown, status: number, payload: unknown): void {
  walked.add(route)
  const schema = (response as Record<number, z.ZodType> | undefined)?.[status]
  if (!schema || status >= 300) return
  const shown = JSON.parse(JSON.stringify(payload ?? null))
  const parsed = schema.safeParse(shown)
  if (!parsed.success) wrong.push(`${route}: ${z.prettifyError(parsed.error)}`)
  else if (JSON.stringify(sorted(parsed.data)) !== JSON.stringify(sorted(shown))) wrong.push(`${route}: says more than its schema`)
}

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  )
}

// biome-ignore lint/suspicious/noExplicitAny: an answer as JSON gave it
type Json = any

async function ok(asked: Omit<Asked, 'key'>, status = 200): Promise<Json> {
  const told = await doors.ask({ ...asked, key: tenant.key })
  expect({ asked: asked.path, status: told.status, text: told.status === status ? '' : told.text }).toEqual({
    asked: asked.path,
    status,
    text: '',
  })
  walked.add(`${asked.method ?? (asked.body === undefined ? 'GET' : 'POST')} ${asked.path}`)
  return told.body as Json // the next lines look at what they use
}

const to = '+14155550123'

test('who am I, what may I, and keys', async () => {
  expect(await ok({ path: '/v2/me' })).toMatchObject({ workspace: { environment: 'test' }, plan: 'unlimited', key: { scopes: ['*'] } })
  expect(await ok({ path: '/v2/plan' })).toMatchObject({ name: 'unlimited' })
  const made = await ok({ path: '/v2/api-keys', body: { name: 'Reminders', scopes: ['messages:write'] } }, 201)
  expect(made).toMatchObject({ scopes: ['messages:write'], secret: expect.stringMatching(/^chq_test_/) })
  const { secret, id } = made as { secret: string; id: string }
  expect((await doors.ask({ path: '/v2/messages', key: secret, body: { to, text: 'x' } })).status).toBe(201)
  expect(await ok({ method: 'DELETE', path: `/v2/api-keys/${id}` })).toMatchObject({ revokedAt: expect.any(String) })
  expect((await doors.ask({ path: '/v2/messages', key: secret, body: { to, text: 'x' } })).status).toBe(401)
  expect(JSON.stringify(await ok({ path: '/v2/api-keys' }))).not.toContain(secret)
})

test('a plan holds from the next request on, and its end as well', async () => {
  const { key, cloud } = await doors.tenant({ environment: 'live', plan: 'free' })
  const choose = (name: string) => doors.ask({ method: 'PUT', path: '/v2/plan', key, body: { name } })
  walked.add('PUT /v2/plan')
  const schedule = () =>
    doors.ask({
      path: '/v2/messages',
      key,
      body: {
        to,
        text: 'x',
        channelId: typeId('cha', cloud.id),
        outsideWindow: 'attempt',
        sendAt: new Date(Date.now() + 86_400_000).toISOString(),
      },
    })
  expect([(await schedule()).status, (await schedule()).status]).toEqual([201, 403])
  expect(await choose('pro')).toMatchObject({
    status: 200,
    body: { name: 'pro', scheduledWaiting: null, requestsPerMinute: 600, footer: null },
  })
  expect((await schedule()).status).toBe(201)
  expect(await choose('free')).toMatchObject({ status: 200, body: { scheduledWaiting: 1, footer: expect.any(String) } })
  expect((await schedule()).body).toMatchObject({ code: 'plan_limit' })
})

test('an own number is made, linked by letters, logged out and linked again', async () => {
  const { key, workspace } = await doors.tenant({ environment: 'live' })
  const own = async (path: string, body?: object, method = body ? 'POST' : 'GET') => {
    const told = await doors.ask({ method, path: `/v2/channels${path}`, key, ...(body && { body }) })
    return { status: told.status, body: told.body as Json }
  }
  const { id } = (await own('', { kind: 'web', name: 'Shop' })).body
  expect(await own(`/${id}/qr`)).toMatchObject({ status: 200, body: { state: 'connecting', qr: null, pairingCode: null } })
  const place = { channelId: fromTypeId('cha', id) ?? '', workspaceId: workspace.id }
  const session = await holdSession(database.database.db, place)
  const qr = { qr: doors.ports.secretBox.seal('2@words'), until: new Date(database.clock.now().getTime() + 20_000) }
  await showQr(database.database.db, doors.ports.events, session, qr)
  const asking = own(`/${id}/pairing-code`, { phone: to })
  await expect.poll(async () => (await own(`/${id}/qr`)).body.pairingCode?.phone).toBe(to)
  expect((await own(`/${id}/qr`)).body).toMatchObject({ qr: { text: '2@words' }, pairingCode: { until: null } })
  doors.ports.waiters.release() // the house closes: whoever waits is answered with what is true
  expect(await asking).toMatchObject({ status: 200, body: { pairingCode: { until: null } } })
  expect((await own(`/${id}/logout`, {})).body).toMatchObject({ state: 'closed', stateReason: 'logged_out' })
  expect((await own(`/${id}/relink`, {})).body).toMatchObject({ id, phone: null, state: 'connecting' })
})

test('settings', async () => {
  expect(await ok({ path: '/v2/workspace' })).toMatchObject({
    defaultCountry: 'US',
    timeZone: 'UTC',
    late: { afterSeconds: 21_600, action: 'expire' },
  })
  const changed = { defaultCountry: 'PE', timeZone: 'America/Lima', late: { afterSeconds: 60, action: 'hold' } }
  expect(await ok({ method: 'PATCH', path: '/v2/workspace', body: { ...changed, defaultCountry: 'pe' } })).toMatchObject(changed)
  expect(await ok({ path: '/v2/contacts', body: { phone: '912 345 678' } }, 201)).toMatchObject({ phone: '+51912345678' })
  expect(await ok({ method: 'PATCH', path: '/v2/workspace', body: { defaultCountry: 'US', timeZone: 'UTC', late: null } })).toMatchObject({
    defaultCountry: 'US',
    late: { afterSeconds: 21_600, action: 'expire' },
  })
})

test('channels', async () => {
  const ownId = typeId('cha', tenant.own.id)
  const { id } = (await ok({ path: '/v2/channels', body: { kind: 'sandbox', persona: 'cloud', name: 'Spare' } }, 201)) as { id: string }
  expect(await ok({ path: `/v2/channels/${id}` })).toMatchObject({ name: 'Spare', state: 'open', paused: false, webhookUrl: null })
  expect(await ok({ method: 'PATCH', path: `/v2/channels/${id}`, body: { name: 'Renamed', settings: { rate: 5 } } })).toMatchObject({
    name: 'Renamed',
  })
  expect(await ok({ method: 'POST', path: `/v2/channels/${id}/pause` })).toMatchObject({ paused: true })
  expect(await ok({ method: 'POST', path: `/v2/channels/${id}/resume` })).toMatchObject({ paused: false })
  expect(await ok({ method: 'POST', path: `/v2/channels/${id}/test` })).toMatchObject({ ok: true, channel: { id } })
  expect(await ok({ path: `/v2/channels/${ownId}/logout`, body: {} })).toMatchObject({
    state: 'closed',
    stateReason: 'logged_out',
    reopensAt: expect.any(String),
  })
  expect(await ok({ path: `/v2/channels/${ownId}/reload`, body: {} })).toMatchObject({ state: 'closed', stateReason: 'reloading' })
  await openChannel(tenant.ctx.db, tenant.ctx.ports.events, { workspaceId: tenant.workspace.id, channelId: tenant.own.id })
  expect(await ok({ path: `/v2/channels/${ownId}` })).toMatchObject({ cold: null })
  await sql`update channels set kind = 'web' where id = ${fromTypeId('cha', id)}`.execute(tenant.ctx.db)
  const pacing = { firstDay: 8, hours: { from: '10:00', to: '18:00', days: [1, 2] } }
  expect(await ok({ method: 'PATCH', path: `/v2/channels/${id}`, body: { settings: { rate: 0.5, pacing } } })).toMatchObject({
    settings: { rate: 0.5, pacing },
    cold: { allowedToday: 8, sentToday: 0, nextAt: null, stoppedUntil: null, stopReason: null, advice: null },
  })
  const usual = { rate: null, dailyCap: null, throughput: null, pacing: null }
  expect(await ok({ method: 'PATCH', path: `/v2/channels/${id}`, body: { settings: usual } })).toMatchObject({
    settings: { persona: 'cloud' },
    cold: { allowedToday: 5 },
  })
  expect(await ok({ path: `/v2/channels/${id}/cold/resume`, body: {} })).toMatchObject({ id, cold: { stoppedUntil: null } })
  await ok({ method: 'DELETE', path: `/v2/channels/${id}` }, 204)
  expect((await ok({ path: '/v2/channels' })) as { data: unknown[] }).toMatchObject({ data: [{}, {}] })
})

test('contacts', async () => {
  const { id } = (await ok({ path: '/v2/contacts', body: { phone: '+14155550150', name: 'Ana', fields: { city: 'Cusco' } } }, 201)) as {
    id: string
  }
  expect(await ok({ method: 'PUT', path: '/v2/contacts/by-phone/+14155550150', body: { email: 'ana@example.com' } })).toMatchObject({
    id,
    name: 'Ana',
    email: 'ana@example.com',
  })
  await ok({ method: 'PUT', path: '/v2/contacts/by-phone/%2B14155550151', body: { name: 'New' } }, 201)
  expect(await ok({ path: '/v2/contacts?search=cusco' })).toMatchObject({ data: [] })
  expect(await ok({ path: '/v2/contacts?search=ana&limit=1' })).toMatchObject({ data: [{ id }] })
  expect(await ok({ method: 'PATCH', path: `/v2/contacts/${id}`, body: { name: null, optedOut: true } })).toMatchObject({
    name: null,
    optedOutAt: expect.any(String),
  })
  expect(await ok({ path: `/v2/contacts/${id}` })).toMatchObject({ id })
  expect(await ok({ path: `/v2/contacts/${id}/picture` })).toEqual({ url: null })
  expect(await ok({ path: '/v2/contacts/validate-phone', body: { phone: '(415) 555-0150' } })).toEqual({
    valid: true,
    phone: '+14155550150',
    onWhatsApp: null,
  })
  await ok({ method: 'DELETE', path: `/v2/contacts/${id}?history=erase` }, 204)
  expect((await doors.ask({ path: `/v2/contacts/${id}`, key: tenant.key })).status).toBe(404)
})

test('audiences', async () => {
  const members = [{ to: '+1 415 555 0150', variables: { name: 'Ana' } }, { to: '+14155550151' }, { to: '+14155550150' }]
  const made = await ok({ path: '/v2/audiences', body: { name: 'Spring', members } }, 201)
  expect(made).toMatchObject({ id: expect.stringMatching(/^aud_/), name: 'Spring', memberCount: 2 })
  const path = `/v2/audiences/${made.id}`
  expect(await ok({ path: `${path}/members`, body: { members: [{ to: '+14155550151' }, { to: '+14155550152' }] } })).toEqual({
    added: 1,
    skipped: 1,
    memberCount: 3,
  })
  const page = await ok({ path: `${path}/members?limit=1` })
  expect(page).toMatchObject({ data: [{ to: '+14155550150', variables: { name: 'Ana' } }], nextCursor: expect.any(String) })
  const ana = `${path}/members/${page.data[0].id}`
  expect(await ok({ method: 'PATCH', path: ana, body: { variables: { name: 'Anna' } } })).toMatchObject({ variables: { name: 'Anna' } })
  await ok({ method: 'DELETE', path: ana }, 204)
  expect(await ok({ method: 'PATCH', path, body: { name: 'Summer' } })).toMatchObject({ name: 'Summer', memberCount: 2 })
  const csv = { method: 'POST', path: `${path}/import`, raw: 'to\n+14155550152\nnobody\n', headers: { 'content-type': 'text/csv' } }
  expect(await ok(csv)).toMatchObject({ added: 0, skipped: 1, wrong: 1, errors: [{ line: 3 }] })
  expect(await ok({ path: '/v2/audiences' })).toMatchObject({ data: [{ id: made.id, name: 'Summer' }], nextCursor: null })
  expect(await ok({ path })).toMatchObject({ memberCount: 2 })
  await ok({ method: 'DELETE', path }, 204)
  expect((await doors.ask({ path, key: tenant.key })).status).toBe(404)
})

test('campaigns', async () => {
  const recipients = [{ to: '+14155550160', variables: { name: 'Ana' } }, { to: '+14155550161' }]
  const body = { name: 'Spring', recipients, text: 'Hello {name}', onMissingVariable: 'skipRecipient' }
  const startAt = new Date(Date.now() + 3_600_000).toISOString()
  expect(await ok({ path: '/v2/campaigns/dry-run', body: { ...body, startAt } })).toMatchObject({
    recipients: 2,
    toSend: 1,
    skipped: [{ code: 'missing_variable', count: 1, examples: ['+14155550161'] }],
    byCountry: [{ country: 'US', count: 1 }],
    firstAt: startAt,
  })
  const made = await ok({ path: '/v2/campaigns', body: { ...body, startAt, draft: true } }, 201)
  expect(made).toMatchObject({ id: expect.stringMatching(/^cmp_/), state: 'draft', recipients: 2, counts: {}, startAt })
  const path = `/v2/campaigns/${made.id}`
  expect(await ok({ method: 'PATCH', path, body: { quietHours: { from: '21:00', to: '08:00' }, guard: null } })).toMatchObject({
    quietHours: { from: '21:00', to: '08:00' },
    guard: null,
  })
  expect(await ok({ method: 'POST', path: `${path}/dry-run` })).toMatchObject({ recipients: 2, toSend: 1 })
  expect(await ok({ method: 'POST', path: `${path}/start` })).toMatchObject({ state: 'scheduled' })
  expect(await ok({ method: 'POST', path: `${path}/pause` })).toMatchObject({ state: 'paused' })
  expect(await ok({ method: 'POST', path: `${path}/resume` })).toMatchObject({ state: 'scheduled' })
  expect(await ok({ path })).toMatchObject({ id: made.id, name: 'Spring' })
  expect(await ok({ path: '/v2/campaigns?state=scheduled,draft' })).toMatchObject({ data: [{ id: made.id }], nextCursor: null })
  expect(await ok({ path: `${path}/recipients` })).toEqual({ data: [], nextCursor: null })
  expect(await ok({ method: 'POST', path: `${path}/cancel` })).toMatchObject({ state: 'cancelled' })
  expect((await doors.ask({ method: 'POST', path: `${path}/retry-failed`, key: tenant.key })).status).toBe(409)
})

test('recurrences', async () => {
  const when = { rule: 'FREQ=WEEKLY;BYDAY=MO', startsAt: '2031-05-05T09:30:00', timeZone: 'Europe/Berlin' }
  expect(await ok({ path: '/v2/recurrences/preview', body: { ...when, occurrences: 2 } })).toMatchObject({
    data: [{ occurrence: '2031-05-05T07:30:00.000Z' }, { occurrence: '2031-05-12T07:30:00.000Z' }],
  })
  const asked = {
    path: '/v2/recurrences',
    body: { ...when, to: '+1 415 555 0123', text: 'Market day' },
    headers: { 'idempotency-key': 'weekly' },
  }
  const made = await ok(asked, 201)
  expect(made).toMatchObject({ state: 'active', to, nextAt: '2031-05-05T07:30:00.000Z', content: { type: 'text', text: 'Market day' } })
  expect((await ok(asked, 201)).id).toBe(made.id)
  const path = `/v2/recurrences/${made.id}`
  const first = `${path}/occurrences/2031-05-05T07:30:00Z`
  expect(await ok({ method: 'PATCH', path: first, body: { text: 'Closed', sendAt: '2031-05-05T06:00:00Z' } })).toEqual({
    occurrence: '2031-05-05T07:30:00.000Z',
    sendAt: '2031-05-05T06:00:00.000Z',
    changed: true,
    content: { type: 'text', text: 'Closed' },
  })
  await ok({ method: 'DELETE', path: `${path}/occurrences/2031-05-12T07:30:00.000Z` }, 204)
  expect((await doors.ask({ method: 'DELETE', path: `${path}/occurrences/monday`, key: tenant.key })).status).toBe(404)
  expect(await ok({ path: `${path}?occurrences=2` })).toMatchObject({
    nextAt: '2031-05-05T06:00:00.000Z',
    occurrences: [{ changed: true }, { occurrence: '2031-05-19T07:30:00.000Z', changed: false }],
  })
  expect(await ok({ method: 'PATCH', path, body: { text: 'Market', tag: 'm' } })).toMatchObject({ tag: 'm', content: { text: 'Market' } })
  expect(await ok({ method: 'POST', path: `${path}/pause` })).toMatchObject({ state: 'paused', nextAt: null })
  expect(await ok({ method: 'POST', path: `${path}/resume` })).toMatchObject({ state: 'active', nextAt: '2031-05-05T06:00:00.000Z' })
  expect(await ok({ path: '/v2/recurrences?state=active,paused' })).toMatchObject({ data: [{ id: made.id }], nextCursor: null })
  expect(await ok({ path: `${path}/messages` })).toEqual({ data: [], nextCursor: null })
  expect(await ok({ method: 'POST', path: `${path}/cancel` })).toMatchObject({ state: 'cancelled', endedAt: expect.any(String) })
  expect((await doors.ask({ method: 'POST', path: `${path}/resume`, key: tenant.key })).status).toBe(409)
  const { data } = await ok({ path: '/v2/events?limit=200' })
  expect(data.filter(({ type }: Json) => type.startsWith('recurrence.')).map(({ type, data }: Json) => [type, data.recurrenceId])).toEqual(
    ['created', 'updated', 'skipped', 'updated', 'paused', 'resumed', 'cancelled'].map((name) => [`recurrence.${name}`, made.id]),
  )
})

test('groups', async () => {
  const made = await ok({ path: '/v2/groups', body: { name: 'Team', participants: [to, '+14155550002'] } }, 201)
  expect(made).toMatchObject({ name: 'Team', participantCount: 2, refused: [{ address: '+14155550002', code: 'not_on_whatsapp' }] })
  const path = `/v2/groups/${made.id}`
  expect(await ok({ path })).toMatchObject({ id: made.id, owner: tenant.own.phone })
  expect(await ok({ path: '/v2/groups?search=team' })).toMatchObject({ data: [{ id: made.id }], nextCursor: null })
  expect(await ok({ method: 'PATCH', path, body: { name: 'Crew' } })).toMatchObject({ name: 'Crew' })
  expect(await ok({ path: `${path}/participants`, body: { participants: ['+14155550124'] } })).toMatchObject({
    participantCount: 3,
    refused: [],
  })
  const page = await ok({ path: `${path}/participants?limit=1` })
  expect(page).toMatchObject({ data: [{ role: expect.any(String) }], nextCursor: expect.any(String) })
  expect((await ok({ path: `${path}/participants?cursor=${page.nextCursor}` })).data).toHaveLength(2)
  expect(await ok({ method: 'PATCH', path: `${path}/participants/+14155550124`, body: { role: 'admin' } })).toMatchObject({ id: made.id })
  await ok({ method: 'DELETE', path: `${path}/participants/+14155550124` }, 204)
  const media = { base64: 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==' }
  expect(await ok({ method: 'PUT', path: `${path}/picture`, body: { media } })).toMatchObject({ pictureId: expect.stringMatching(/^med_/) })
  const contact = await ok({ method: 'PUT', path: `/v2/contacts/by-phone/${to}`, body: { name: 'Ana' } })
  expect(await ok({ path: `/v2/contacts/${contact.id}/groups` })).toMatchObject({ data: [{ id: made.id }] })
  const simulated = `/v2/simulator/groups/${made.id}`
  await ok({ path: `${simulated}/acts`, body: { phone: to, act: 'write', text: 'On my way' } }, 201)
  expect(await ok({ path: simulated })).toMatchObject({ name: 'Crew', bubbles: [{ author: to, content: { text: 'On my way' } }] })
  expect(await ok({ method: 'POST', path: `${path}/leave` })).toMatchObject({ leftAt: expect.any(String) })
  expect(await ok({ path: '/v2/groups?includeLeft=true' })).toMatchObject({ data: [{ id: made.id }] })
  const { data } = await ok({ path: '/v2/events?types=group.created,group.updated&limit=2' })
  expect(data).toMatchObject([{ data: { groupId: made.id, group: { id: made.id } } }, { data: { change: { isNow: { name: 'Crew' } } } }])
})

test('newsletters', async () => {
  const made = await ok({ path: '/v2/newsletters', body: { name: 'Shop news' } }, 201)
  expect(await ok({ path: `/v2/newsletters/${made.id}` })).toEqual(made)
  expect(await ok({ path: '/v2/newsletters?search=news' })).toMatchObject({ data: [made] })
})

test('a page follows the other until there is none', async () => {
  for (let n = 0; n < 5; n++) await ok({ path: '/v2/contacts', body: { phone: `+1415555016${n}` } }, 201)
  const seen: string[] = []
  for (let path = '/v2/contacts?limit=2', pages = 0; pages < 20; pages++) {
    const { data, nextCursor } = (await ok({ path })) as { data: { id: string }[]; nextCursor: string | null }
    seen.push(...data.map(({ id }) => id))
    if (nextCursor === null) break
    path = `/v2/contacts?limit=2&cursor=${nextCursor}`
  }
  expect(new Set(seen).size).toBe(seen.length)
  expect(seen.length).toBeGreaterThanOrEqual(6)
})

test('messages and conversations', async () => {
  const { id, conversationId } = (await ok(
    { path: '/v2/messages', body: { to, text: 'Hi', sendAt: new Date(Date.now() + 60_000).toISOString() } },
    201,
  )) as { id: string; conversationId: string }
  await ok({
    path: '/v2/messages/bulk',
    body: {
      messages: [
        { to, text: 'A' },
        { to: '', text: 'B' },
      ],
    },
  })
  await ok({ path: '/v2/messages?state=scheduled,queued&direction=out&order=asc' })
  await ok({ path: `/v2/messages/${id}` })
  await ok({ method: 'PATCH', path: `/v2/messages/${id}`, body: { text: 'Hello' } })
  expect(await ok({ path: `/v2/conversations/${conversationId}` })).toMatchObject({ address: to, unread: 0 })
  expect(await ok({ path: `/v2/conversations/${conversationId}/messages` })).toMatchObject({
    data: expect.arrayContaining([expect.objectContaining({ id })]),
  })
  expect(await ok({ path: `/v2/conversations/${conversationId}/messages`, body: { text: 'And more' } }, 201)).toMatchObject({
    conversationId,
  })
  await ok({ method: 'POST', path: `/v2/conversations/${conversationId}/read` })
  await ok({ path: '/v2/conversations?state=open' })
  const marks = { archived: true, pinned: true, markedUnread: true }
  expect(await ok({ method: 'PATCH', path: `/v2/conversations/${conversationId}`, body: marks })).toMatchObject(marks)
  const search = 'archived=true&pinned=true&markedUnread=true&kind=contact&order=earliest&since=2020-01-01T00:00:00Z&search=5550123'
  expect(await ok({ path: `/v2/conversations?${search}` })).toMatchObject({ data: [{ id: conversationId, kind: 'contact' }] })
  expect(await ok({ path: '/v2/conversations?kind=group,newsletter' })).toMatchObject({ data: [] })
  expect(await ok({ method: 'POST', path: `/v2/conversations/${conversationId}/read` })).toMatchObject({ markedUnread: false })
  const opened = await ok({ path: '/v2/conversations', body: { to: '+14155550124' } })
  expect(opened).toMatchObject({ address: '+14155550124', unread: 0, archived: false })
  expect(await ok({ path: '/v2/conversations', body: { to: '+14155550124' } })).toEqual(opened)
  await ok({ method: 'POST', path: `/v2/messages/${id}/cancel` })
  await ok({ method: 'DELETE', path: `/v2/messages/${id}` })
})

test('a message is pinned and taken down, changed and taken back', async () => {
  const { id, conversationId } = await ok({ path: '/v2/messages', body: { to, text: 'Keep' } }, 201)
  expect((await doors.ask({ method: 'POST', path: `/v2/messages/${id}/pin`, key: tenant.key })).status).toBe(409) // not on its way yet
  await sql`update messages set wire_id = 'W', state = 'sent' where workspace_id = ${tenant.workspace.id} and id = ${fromTypeId('msg', id) ?? ''}`.execute(
    database.database.db,
  )
  const pin = await ok({ path: `/v2/messages/${id}/pin`, body: { seconds: 60 } })
  expect(pin).toMatchObject({ message: { id } })
  expect(Date.parse(pin.until) - Date.parse(pin.pinnedAt)).toBe(60_000)
  expect(await ok({ path: `/v2/conversations/${conversationId}/pins` })).toEqual({ data: [pin] })
  expect(await ok({ method: 'POST', path: `/v2/messages/${id}/unpin` })).toMatchObject({ id })
  expect(await ok({ path: `/v2/conversations/${conversationId}/pins` })).toEqual({ data: [] })
  const { sentAt } = await ok({ method: 'PATCH', path: `/v2/messages/${id}`, body: { text: 'Keep this' } })
  expect(await ok({ method: 'POST', path: `/v2/messages/${id}/revoke` })).toMatchObject({ sentAt, deletedAt: expect.any(String) })
})

test('every kind of content is taken and shown as it was given', async () => {
  const { id: fileId } = (await ok(
    { path: '/v2/media', body: { base64: Buffer.from('%PDF-1.4 ').toString('base64'), filename: 'menu.pdf' } },
    201,
  )) as { id: string }
  const { id: messageId } = (await ok({ path: '/v2/messages', body: { to, text: 'Target' } }, 201)) as { id: string }
  const contents = [
    { type: 'text', text: 'Hi', previewUrl: true },
    { type: 'document', media: { id: fileId }, caption: 'Menu', filename: 'carte.pdf' },
    { type: 'location', latitude: -13.5, longitude: -71.9, name: 'Cusco' },
    { type: 'contacts', contacts: [{ name: { formatted: 'Ana' }, phones: [{ phone: to }] }] },
    { type: 'poll', question: 'When?', options: ['Mon', 'Tue'], allowMultiple: false },
    { type: 'reaction', messageId, emoji: '👍' },
  ]
  for (const content of contents) expect((await ok({ path: '/v2/messages', body: { to, content } }, 201)).content).toEqual(content)
  await ok({ path: `/v2/media/${fileId}` })
  await ok({ path: `/v2/media/${fileId}/content` })
})

test('a file is fetched from a URL, and once under an Idempotency-Key although the server is gone', async () => {
  const files = createServer((_, answer) => answer.setHeader('content-type', 'application/pdf').end('%PDF-1.4 '))
  await new Promise<void>((done) => files.listen(0, '127.0.0.1', done))
  const { port } = files.address() as { port: number }
  const asked = { path: '/v2/media', body: { url: `http://127.0.0.1:${port}/menu.pdf` }, headers: { 'idempotency-key': 'menu' } }
  const first = await ok(asked, 201)
  expect(first).toMatchObject({ filename: 'menu.pdf', mimeType: 'application/pdf', source: 'url' })
  files.closeAllConnections()
  await new Promise((done) => files.close(done))
  expect(await ok(asked, 201)).toEqual(first)
})

test('webhooks and deliveries', async () => {
  const made = (await ok(
    { path: '/v2/webhooks', body: { url: 'https://example.com/h', events: ['message.*', 'contact.created'] } },
    201,
  )) as { id: string; secret: string }
  expect(made.secret).toMatch(/^whsec_/)
  const { id } = made
  expect(await ok({ path: `/v2/webhooks/${id}` })).not.toHaveProperty('secret')
  await ok({ path: '/v2/webhooks' })
  expect(await ok({ method: 'PATCH', path: `/v2/webhooks/${id}`, body: { description: 'Main' } })).toMatchObject({ description: 'Main' })
  expect(await ok({ method: 'POST', path: `/v2/webhooks/${id}/rotate-secret` })).toMatchObject({ secret: expect.stringMatching(/^whsec_/) })
  await ok({ method: 'POST', path: `/v2/webhooks/${id}/test` })
  const delivery = await failedDelivery(id)
  expect(await ok({ path: `/v2/webhooks/${id}/deliveries?succeeded=false` })).toMatchObject({
    data: [{ id: delivery, succeeded: false }],
  })
  await ok({ path: '/v2/deliveries' })
  expect(await ok({ method: 'POST', path: `/v2/deliveries/${delivery}/replay` })).toMatchObject({ id: delivery })
  await ok({ path: `/v2/webhooks/${id}/replay`, body: { since: '2020-01-01T00:00:00Z' } })
  await ok({ method: 'DELETE', path: `/v2/webhooks/${id}` }, 204)
})

/** A delivery that failed, of the workspace's first event. */
async function failedDelivery(endpoint: string): Promise<string> {
  const { readId } = await import('../../src/dialects/canonical/ids.wire.ts')
  const { typeId, newId } = await import('#kit/ids')
  const id = newId()
  await all(
    database.database.db,
    sql`insert into deliveries (workspace_id, id, attempt, endpoint_id, url, style, event_id, event_seq, event_type, succeeded, at)
      select workspace_id, ${id}, 1, ${readId('whk', endpoint)}, 'https://example.com/h', 'canonical', id, seq, type, false, now()
      from events where workspace_id = ${tenant.workspace.id} order by seq limit 1`,
  )
  return typeId('dlv', id)
}

test('events', async () => {
  const { data, nextCursor } = (await ok({ path: '/v2/events?limit=3' })) as { data: { seq: number }[]; nextCursor: string }
  expect(data.map(({ seq }) => seq)).toEqual([1, 2, 3])
  expect(await ok({ path: `/v2/events?limit=1&cursor=${nextCursor}` })).toMatchObject({ data: [{ seq: 4 }] })
  const accepted = (await ok({ path: '/v2/events?types=message.accepted&limit=1' })) as {
    data: { data: { messageId: string; message: { id: string } } }[]
  }
  expect(accepted.data[0]?.data.message.id).toBe(accepted.data[0]?.data.messageId)
})

test('what is behind a link', async () => {
  const nothing = { title: null, description: null, canonicalUrl: null, thumbnail: null }
  expect(await ok({ path: `/v2/links/preview?url=${encodeURIComponent('http://127.0.0.1:1/')}` })).toEqual(nothing)
})

test('the simulator', async () => {
  await ok({ path: '/v2/simulator/phones/+14155550170/messages', body: { text: 'Where is my parcel?' } }, 201)
  expect(await ok({ path: '/v2/simulator/phones' })).toMatchObject({ data: [{ phone: '+14155550170', messages: 1 }] })
  const chat = (await ok({ path: '/v2/simulator/phones/+14155550170' })) as { bubbles: { wireId: string; direction: string }[] }
  expect(chat).toMatchObject({
    business: tenant.own.phone,
    bubbles: [{ direction: 'from_phone', content: { type: 'text', text: 'Where is my parcel?' } }],
  })
  await ok({ path: '/v2/simulator/phones/+14155550170/reactions', body: { wireId: chat.bubbles[0]?.wireId, emoji: '👍' } }, 201)
  const { wireId } = chat.bubbles[0] ?? {}
  const phone = '/v2/simulator/phones/+14155550170'
  await ok({ path: `${phone}/pins`, body: { wireId, seconds: 60 } }, 201)
  await ok({ path: `${phone}/edits`, body: { wireId, text: 'Found it' } }, 201)
  expect((await ok({ path: phone })).bubbles[0]).toMatchObject({ content: { text: 'Found it' }, pinnedUntil: expect.any(String) })
  await ok({ path: `${phone}/revocations`, body: { wireId } }, 201)
  expect((await ok({ path: phone })).bubbles[0]).toMatchObject({ content: { type: 'revoke' } })
  const poll = tenant.ctx.ports.simulator.reply('+14155550170', tenant.own.phone, {
    content: { type: 'poll', question: 'Lunch?', options: ['Pizza', 'Soup'], allowMultiple: false },
  })
  await ok({ path: `${phone}/votes`, body: { wireId: poll, options: ['Soup'] } }, 201)
  await ok({ method: 'POST', path: '/v2/simulator/phones/+14155550170/read' }, 201)
  const { id } = (await ok({ path: '/v2/simulator/faults', body: { kind: 'drop', times: 1 } }, 201)) as { id: string }
  expect(await ok({ path: '/v2/simulator/faults' })).toMatchObject({ data: [{ id, kind: 'drop', met: 0 }] })
  const stranger = await doors.tenant()
  expect((await doors.ask({ method: 'DELETE', path: `/v2/simulator/faults/${id}`, key: stranger.key })).status).toBe(404)
  await doors.ask({ method: 'DELETE', path: '/v2/simulator/faults', key: stranger.key })
  expect(await ok({ path: '/v2/simulator/faults' })).toMatchObject({ data: [{ id }] })
  await ok({ method: 'DELETE', path: `/v2/simulator/faults/${id}` }, 204)
  await ok({ method: 'DELETE', path: '/v2/simulator/faults' }, 204)
})

test('every answer was as the reference says, and no route was left out', () => {
  expect(wrong).toEqual([])
  const silent = [
    'GET /v2/openapi.json',
    'GET /v2/events/stream',
    'GET /v2/media/:id/content',
    'GET /v2/audiences/:id/export',
    'POST /v2/campaigns/:id/retry-failed',
  ]
  const answeredWithoutBody = routes.filter((route) => route.startsWith('DELETE'))
  expect(routes.filter((route) => !walked.has(route) && !silent.includes(route) && !answeredWithoutBody.includes(route))).toEqual([])
})
