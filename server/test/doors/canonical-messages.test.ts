import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { all, sql } from '#kit/db'
import { fromTypeId } from '#kit/ids'
import { type TestDatabase, testDatabase } from '../database.ts'
import { type Doors, openDoors, type Tenant } from './doors.ts'

let database: TestDatabase
let doors: Doors
let tenant: Tenant

beforeAll(async () => {
  database = await testDatabase()
  doors = await openDoors(database)
  tenant = await doors.tenant()
})
afterAll(async () => {
  await doors.close()
  await database.close()
})

const to = '+14155550123'
const send = (body: object, headers: Record<string, string> = {}) => doors.ask({ path: '/v2/messages', key: tenant.key, body, headers })

test('the first curl: a message is accepted, shown and listed', async () => {
  const sent = await send({ to: '+1 415 555 0123', text: 'Hello' })
  expect(sent.status).toBe(201)
  expect(sent.headers.get('x-request-id')).toMatch(/^req_[0-9a-f]{32}$/)
  expect(sent.body).toMatchObject({
    state: 'queued',
    address: to,
    direction: 'out',
    content: { type: 'text', text: 'Hello' },
    failure: null,
  })
  const { id } = sent.body as { id: string }
  expect(id).toMatch(/^msg_[0-9a-z]{26}$/)
  const shown = await doors.ask({ path: `/v2/messages/${id}`, key: tenant.key })
  expect(shown.body).toEqual(sent.body)
  const listed = await doors.ask({ path: '/v2/messages?limit=200', key: tenant.key })
  expect((listed.body as { data: { id: string }[] }).data.map((message) => message.id)).toContain(id)
})

test('a scheduled message is edited, then cancelled', async () => {
  const sendAt = new Date(Date.now() + 3_600_000).toISOString()
  const { body } = await send({ to, text: 'Later', sendAt, tag: 'a' })
  const { id, state } = body as { id: string; state: string }
  expect(state).toBe('scheduled')
  const edited = await doors.ask({ method: 'PATCH', path: `/v2/messages/${id}`, key: tenant.key, body: { text: 'Much later', tag: 'b' } })
  expect(edited.body).toMatchObject({ content: { text: 'Much later' }, tag: 'b', sendAt })
  const cancelled = await doors.ask({ method: 'DELETE', path: `/v2/messages/${id}`, key: tenant.key })
  expect(cancelled.body).toMatchObject({ state: 'cancelled' })
  const again = await doors.ask({ path: `/v2/messages/${id}/cancel`, key: tenant.key, method: 'POST' })
  expect(again.status).toBe(200)
  const late = await doors.ask({ method: 'PATCH', path: `/v2/messages/${id}`, key: tenant.key, body: { text: 'Too late' } })
  expect(late).toMatchObject({ status: 409, body: { code: 'conflict' } })
})

test('how late a message may start is its own choice', async () => {
  const sendAt = new Date(Date.now() + 3_600_000).toISOString()
  const { body } = await send({ to, text: 'The doors open', sendAt, late: { afterSeconds: 900, action: 'hold' } })
  const { id } = body as { id: string }
  const rows = await all(
    tenant.ctx.db,
    sql`select late_seconds, late_action from messages where workspace_id = ${tenant.workspace.id} and id = ${fromTypeId('msg', id) ?? ''}`,
  )
  expect(rows).toEqual([{ late_seconds: 900, late_action: 'hold' }])
})

test('an edit of other things leaves an answer and a reaction on what they are about', async () => {
  const sendAt = new Date(Date.now() + 3_600_000).toISOString()
  const { ctx, workspace } = tenant
  const { body: target } = await send({ to, text: 'Shall we?' })
  const replyTo = (target as { id: string }).id
  await sql`update messages set wire_id = '3EB0TARGET' where workspace_id = ${workspace.id} and id = ${fromTypeId('msg', replyTo) ?? ''}`.execute(
    ctx.db,
  )
  const targetOf = async (id: string) => {
    const [row] = await all(
      ctx.db,
      sql<{ wire: string | null }>`select target_wire_id as wire from messages
        where workspace_id = ${workspace.id} and id = ${fromTypeId('msg', id) ?? ''}`,
    )
    return row?.wire
  }
  for (const said of [{ text: 'Yes', replyTo }, { content: { type: 'reaction', messageId: replyTo, emoji: '👍' } }]) {
    const { id } = (await send({ to, sendAt, ...said })).body as { id: string }
    expect(await targetOf(id)).toBe('3EB0TARGET')
    const edited = await doors.ask({ method: 'PATCH', path: `/v2/messages/${id}`, key: tenant.key, body: { tag: 'b' } })
    expect(edited).toMatchObject({ status: 200, body: { tag: 'b' } })
    expect(await targetOf(id)).toBe('3EB0TARGET')
  }
})

test('the same request under one key is one message; another body is refused', async () => {
  const headers = { 'idempotency-key': 'order-77' }
  const first = await send({ to, text: 'Once' }, headers)
  const second = await send({ text: 'Once', to }, headers)
  expect(second.status).toBe(201)
  expect(second.headers.get('idempotent-replayed')).toBe('true')
  expect((second.body as { id: string }).id).toBe((first.body as { id: string }).id)
  expect(await send({ to, text: 'Twice' }, headers)).toMatchObject({ status: 409, body: { code: 'idempotency_conflict' } })
})

test('many at once under one key are one message', async () => {
  const answers = await Promise.all(Array.from({ length: 12 }, () => send({ to, text: 'Race' }, { 'idempotency-key': 'race-1' })))
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]))
  expect(new Set(answers.map(({ body }) => (body as { id: string }).id)).size).toBe(1)
})

test('a bulk answers each item in its place', async () => {
  const messages = [{ to, text: 'One' }, { to: 'nobody', text: 'Two' }, { to, colour: 'red' }, 'four', { to, text: 'Five' }]
  const { status, body } = await doors.ask({ path: '/v2/messages/bulk', key: tenant.key, body: { messages } })
  expect(status).toBe(200)
  expect(body).toMatchObject({ accepted: 2, refused: 3 })
  const { results } = body as { results: { index: number; status: string; message?: { content: { text: string } } }[] }
  expect(results.map((result) => result.status)).toEqual(['accepted', 'refused', 'refused', 'refused', 'accepted'])
  expect(results[4]?.message?.content.text).toBe('Five')
})

test('a file can come as base64, by id and as an upload, and is fetched back', async () => {
  const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')
  const inline = await send({
    to,
    content: { type: 'image', media: { base64: png.toString('base64'), filename: 'dot.png' }, caption: 'A dot' },
  })
  expect(inline.status).toBe(201)
  const { content } = inline.body as { content: { media: { id: string } } }
  expect(content).toMatchObject({ type: 'image', caption: 'A dot', media: { id: expect.stringMatching(/^med_/) } })
  const file = await fetch(`${doors.url}/v2/media/${content.media.id}/content`, { headers: { authorization: `Bearer ${tenant.key}` } })
  expect(file.headers.get('content-type')).toBe('image/png')
  expect(Buffer.from(await file.arrayBuffer())).toEqual(png)
  const form = new FormData()
  form.append('file', new Blob([new Uint8Array(png)], { type: 'text/plain' }), 'other.png')
  const uploaded = await fetch(`${doors.url}/v2/media`, { method: 'POST', headers: { authorization: `Bearer ${tenant.key}` }, body: form })
  const media = (await uploaded.json()) as { id: string; mimeType: string }
  expect(media).toMatchObject({ mimeType: 'image/png', filename: 'other.png', size: png.length })
  expect((await send({ to, content: { type: 'image', media: { id: media.id } } })).status).toBe(201)
})

test('a bulk under one key is told again, item by item', async () => {
  const body = {
    messages: [
      { to, text: 'One' },
      { to: 'nobody', text: 'Two' },
      { to, text: 'Three' },
    ],
  }
  const asked = { path: '/v2/messages/bulk', key: tenant.key, body, headers: { 'idempotency-key': 'bulk-1' } }
  const first = await doors.ask(asked)
  const again = await doors.ask(asked)
  expect(again.headers.get('idempotent-replayed')).toBe('true')
  expect(again.body).toEqual(first.body)
  expect(await doors.ask({ ...asked, body: { messages: [{ to, text: 'Other' }] } })).toMatchObject({
    status: 409,
    body: { code: 'idempotency_conflict' },
  })
})

test('a repeat does not fetch the file again', async () => {
  let fetched = 0
  const files = createServer((_, answer) => {
    fetched++
    answer.end('%PDF-1.4 ')
  })
  await new Promise<void>((done) => files.listen(0, '127.0.0.1', done))
  const { port } = files.address() as AddressInfo // a TCP listener
  const body = { to, content: { type: 'document', media: { url: `http://127.0.0.1:${port}/a.pdf` } } }
  const first = await send(body, { 'idempotency-key': 'file-1' })
  const again = await send(body, { 'idempotency-key': 'file-1' })
  expect([first.status, again.status, fetched]).toEqual([201, 201, 1])
  expect((again.body as { id: string }).id).toBe((first.body as { id: string }).id)
  files.closeAllConnections()
  await new Promise((done) => files.close(done))
})

test('waiting ends with the time asked for, and says what is true then', async () => {
  const began = performance.now()
  const told = await send({ to, text: 'Wait', awaitMs: 300 })
  expect(told).toMatchObject({ status: 201, body: { state: 'queued' } })
  expect(performance.now() - began).toBeGreaterThan(250)
})
