import { once } from 'node:events'
import { request } from 'node:http'
import type { Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sendMessage, sendMessages } from '#core/messages'
import { all, sql } from '#kit/db'
import { type TestDatabase, testDatabase } from '../database.ts'
import { type Doors, openDoors, type Tenant } from './doors.ts'

let database: TestDatabase
let doors: Doors
let tenant: Tenant

beforeAll(async () => {
  database = await testDatabase({ own: true })
  doors = await openDoors(database)
  tenant = await doors.tenant()
})
afterAll(async () => {
  await doors.close()
  await database.close()
})

type Frame = { id: number; event: string; data: { seq: number; type: string; data: Record<string, unknown> } }
type Stream = { status: number; next(): Promise<Frame>; ended: Promise<void>; close(): void; pause(): void; resume(): void; seen(): number }

/** An open stream; next() waits for the frame after the last one. */
function open(url: string, { key, path = '/v2/events/stream', from }: { key: string; path?: string; from?: number }): Promise<Stream> {
  return new Promise((done, failed) => {
    const headers = { authorization: `Bearer ${key}`, ...(from !== undefined && { 'last-event-id': String(from) }) }
    const asked = request(`${url}${path}`, { headers }, (answer) => {
      const frames: Frame[] = []
      let wake = () => {}
      let rest = ''
      answer.setEncoding('utf8')
      answer.on('data', (text: string) => {
        const parts = (rest + text).split('\n\n')
        rest = parts.pop() ?? ''
        for (const part of parts) if (!part.startsWith(':')) frames.push(parse(part))
        wake()
      })
      answer.on('error', () => undefined)
      const ended = new Promise<void>((end) => answer.on('close', end))
      const next = async (): Promise<Frame> => {
        while (frames.length === 0) {
          await new Promise<void>((go) => {
            wake = go
          })
        }
        return frames.shift() as Frame // there is one
      }
      done({
        status: answer.statusCode ?? 0,
        next,
        ended,
        close: () => asked.destroy(),
        pause: () => answer.pause(),
        resume: () => answer.resume(),
        seen: () => frames.length,
      })
    })
    asked.on('error', failed)
    asked.end()
  })
}

function parse(part: string): Frame {
  const fields = Object.fromEntries(part.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]))
  return { id: Number(fields.id), event: fields.event ?? '', data: JSON.parse(fields.data ?? 'null') }
}

const say = (text: string, to = '+14155550123') => sendMessage(tenant.ctx, { to, content: { type: 'text', text } })

test('events come as they happen, and a client resumes where it was', async () => {
  await say('before')
  const stream = await open(doors.url, { key: tenant.key })
  const { message } = await say('now')
  const frame = await stream.next()
  expect(frame).toMatchObject({
    event: 'message.accepted',
    data: { type: 'message.accepted', data: { message: { content: { text: 'now' } } } },
  })
  expect(frame.id).toBe(frame.data.seq)
  stream.close()
  await say('meanwhile')
  await say('and more')
  const again = await open(doors.url, { key: tenant.key, from: frame.id })
  const seen = [await again.next(), await again.next()]
  expect(seen.map(({ id }) => id)).toEqual([frame.id + 1, frame.id + 2])
  expect(seen[1]?.data.data.messageId).not.toBe(message.id)
  again.close()
})

test('a stream of some types leaves the others out, from the first event on', async () => {
  const stream = await open(doors.url, { key: tenant.key, path: '/v2/events/stream?after=0&types=conversation.opened' })
  expect((await stream.next()).event).toBe('conversation.opened')
  stream.close()
})

test('a cursor older than what is kept is told so, and gets what is kept', async () => {
  const { db } = database.database
  await all(db, sql`delete from events where workspace_id = ${tenant.workspace.id} and seq <= 3`)
  const stream = await open(doors.url, { key: tenant.key, from: 1 })
  expect(await stream.next()).toMatchObject({ event: 'reset', data: { oldest: 4 } })
  expect((await stream.next()).id).toBe(4)
  stream.close()
})

test("nobody sees another workspace's events, nor without the scope, nor without a key", async () => {
  const other = await doors.tenant()
  const stream = await open(doors.url, { key: other.key, path: '/v2/events/stream?after=0' })
  await say('private')
  const seen: Frame[] = []
  const { message } = await sendMessage(other.ctx, { to: '+14155550199', content: { type: 'text', text: 'mine' } })
  for (;;) {
    const frame = await stream.next()
    seen.push(frame)
    if (frame.event === 'message.accepted') break
  }
  expect(JSON.stringify(seen)).not.toContain('private')
  expect(message.workspaceId).toBe(other.workspace.id)
  stream.close()
  expect((await doors.ask({ path: '/v2/events/stream', key: await other.makeKey(['messages:read']) })).status).toBe(403)
  expect((await doors.ask({ path: '/v2/events/stream' })).status).toBe(401)
  expect((await doors.ask({ path: '/v2/events/stream?after=-1', key: other.key })).status).toBe(422)
})

test('a client that does not read is let go, while one that reads gets everything', async () => {
  const busy = await doors.tenant()
  const reading = await open(doors.url, { key: busy.key })
  const accepted = once(doors.server.app.server, 'connection')
  const idle = await open(doors.url, { key: busy.key })
  const [socket] = (await accepted) as [Socket]
  const cut = once(socket, 'close')
  idle.pause()
  const messages = Array.from({ length: 1_000 }, () => ({ to: '+14155550123', content: { type: 'text', text: 'x'.repeat(4_096) } }))
  for (let round = 0; round < 6; round++) await sendMessages(busy.ctx, { messages })
  let last = 0
  for (let count = 0; count < 6_000; ) {
    const frame = await reading.next()
    expect(frame.id).toBe(last === 0 ? frame.id : last + 1)
    last = frame.id
    if (frame.event === 'message.accepted') count++
  }
  reading.close()
  await cut
  idle.resume()
  await idle.ended
  expect(idle.seen()).toBeLessThan(6_000)
})

test('closing the house ends the streams at once', async () => {
  const closing = await openDoors(database)
  const { key } = await closing.tenant()
  const stream = await open(closing.url, { key })
  await closing.close()
  await stream.ended
})
