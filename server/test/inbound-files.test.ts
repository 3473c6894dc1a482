import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { all, sql } from '#kit/db'
import { fromTypeId } from '#kit/ids'
import { createGraphEmulator, createNetwork } from '../src/simulator/index.ts'
import { createPhoneView } from '../src/simulator/phone-view.ts'
import { eventually, openTestHouse, type TestHouse } from './house.ts'

const [WABA, PHONE_ID, SHOP, TOKEN] = ['1029384756', '5566778899', '+15550001111', 'EAAtoken']
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const PDF = Buffer.from('%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n').toString('base64')

const network = createNetwork({})
const phones = createPhoneView(network)
const emulator = createGraphEmulator({
  network,
  accounts: [
    {
      wabaId: WABA,
      accessToken: TOKEN,
      appSecret: 'app secret',
      verifyToken: 'unused',
      phoneNumbers: [{ id: PHONE_ID, number: SHOP, verifiedName: 'Shop' }],
    },
  ],
  webhooks: { retry: { firstMs: 20, factor: 2, mostMs: 200, attempts: 10 } },
})
/** Files that the network cannot give at the moment. */
const stuck = new Set<string>()
const { get } = network.files
network.files.get = (id) => {
  if (stuck.has(id)) throw new Error('the network has trouble')
  return get(id)
}

let house: TestHouse
let channelId: string

type Shown = {
  id: string
  wireId: string
  content: { type: string; mediaMissing?: string; caption?: string; filename?: string; media: { id: string | null } }
}
type BlueticksMedia = {
  data: { dataBase64: string | null; mimetype: string | null; filename: string | null; mediaUnavailable: string | null }
}

beforeAll(async () => {
  house = await openTestHouse({ CHASQUI_GRAPH_URL: await emulator.listen() })
  const made = await house.call<{ id: string; webhookUrl: string }>('POST', '/v2/channels', {
    key: house.firstRun.live.keys.canonical,
    body: {
      kind: 'cloud',
      name: 'Shop',
      phone: SHOP,
      phoneNumberId: PHONE_ID,
      wabaId: WABA,
      accessToken: TOKEN,
      appSecret: 'app secret',
      verifyToken: 'verify me',
    },
  })
  channelId = made.body.id
  emulator.setWebhook(WABA, made.body.webhookUrl)
})
afterAll(async () => {
  await house.close()
  await emulator.close()
  network.close()
})

type Keys = { canonical: string; blueticks: string }
const live = (): Keys => house.firstRun.live.keys
const sandbox = (): Keys => house.firstRun.keys

let last = 4_000_100
const person = () => `+1202${last++}`
/** A person sends a file to the shop; answers the network's id of it. */
function sendFile(
  from: string,
  file: { kind: 'image' | 'document'; base64: string; mimeType: string; filename?: string; caption?: string },
): string {
  const { wireId } = phones.act(SHOP, from, { act: 'send_file', ...file })
  const content = network.chat(SHOP, from)?.bubbles.get(wireId ?? '')?.content as { remoteMedia: { id: string } } // it was just sent
  return content.remoteMedia.id
}
const received = async (from: string, keys: Keys): Promise<Shown | undefined> =>
  (await house.call<{ data: Shown[] }>('GET', `/v2/messages?direction=in&address=${encodeURIComponent(from)}`, { key: keys.canonical }))
    .body.data[0]
const withFile = (from: string, keys: Keys) =>
  eventually(async () => {
    const message = await received(from, keys)
    return message && message.content.media.id !== null && message
  })
const bytesOf = async (mediaId: string | null, { canonical }: Keys) => {
  const answer = await fetch(`${house.url}/v2/media/${mediaId}/content`, { headers: { authorization: `Bearer ${canonical}` } })
  expect(answer.status).toBe(200)
  return { base64: Buffer.from(await answer.arrayBuffer()).toString('base64'), type: answer.headers.get('content-type') }
}
type Told = { type: string; data: { messageId: string; mediaId?: string; reason?: string } }
const toldOf = async ({ id }: Pick<Shown, 'id'>, { canonical }: Keys): Promise<Told[]> => {
  const path = '/v2/events?types=message.file_stored,message.file_missing&limit=200'
  const { body } = await house.call<{ data: Told[] }>('GET', path, { key: canonical })
  return body.data.filter(({ data }) => data.messageId === id)
}
const atBlueticks = async (from: string, wireId: string, { blueticks }: Keys, maxAttempts = 1) => {
  const key = encodeURIComponent(`false_${from.slice(1)}@c.us_${wireId}`)
  const path = `/v1/messages/media/${key}?maxAttempts=${maxAttempts}`
  return (await house.call<BlueticksMedia>('GET', path, { key: blueticks })).body.data
}
type Task = { attempt: number; due_at: Date; lease_until: Date | null }
const taskOf = async (message: Pick<Shown, 'id'>): Promise<Task | undefined> =>
  (
    await all(
      house.test.database.db,
      sql<Task>`select attempt, due_at, lease_until from outbox where kind = 'task' and subject = ${fromTypeId('msg', message.id) ?? ''}`,
    )
  )[0]
const tried = (message: Pick<Shown, 'id'>, attempt: number) =>
  eventually(async () => {
    const task = await taskOf(message)
    return task && task.attempt === attempt && task.lease_until === null && task
  })
/** The house learns the time when it is asked whether it is ready. */
const moveClock = async (interval: string) => {
  await house.test.moveClock(interval)
  await fetch(`${house.url}/readyz`)
}

describe('a file that a person sends', () => {
  test('through the cloud is brought home, and both doors give its bytes', async () => {
    const from = person()
    sendFile(from, { kind: 'image', base64: PNG, mimeType: 'image/png', caption: 'Look' })
    const message = await withFile(from, live())
    expect(message.content).toMatchObject({ type: 'image', caption: 'Look', media: { id: expect.stringMatching(/^med_/) } })
    expect(await bytesOf(message.content.media.id, live())).toEqual({ base64: PNG, type: 'image/png' })
    expect(await atBlueticks(from, message.wireId, live())).toMatchObject({
      dataBase64: PNG,
      mimetype: 'image/png',
      mediaUnavailable: null,
    })
    expect(await taskOf(message)).toBeUndefined()
  })

  test('through the sandbox, from a phone that one plays by hand, as well', async () => {
    const from = person()
    const said = { file: { base64: PDF, mimeType: 'application/pdf', filename: 'bill.pdf', caption: 'The bill' } }
    const told = await house.call('POST', `/v2/simulator/phones/${encodeURIComponent(from)}/messages`, { body: said })
    expect(told.status).toBe(201)
    const message = await withFile(from, sandbox())
    expect(message.content).toMatchObject({ type: 'document', caption: 'The bill', filename: 'bill.pdf' })
    expect(await bytesOf(message.content.media.id, sandbox())).toEqual({ base64: PDF, type: 'application/pdf' })
    expect(await atBlueticks(from, message.wireId, sandbox())).toMatchObject({
      dataBase64: PDF,
      filename: 'bill.pdf',
      mediaUnavailable: null,
    })
    const { db } = house.test.database
    const mediaId = fromTypeId('med', message.content.media.id ?? '') ?? ''
    await sql`update media set storage_key = storage_key || '-lost' where id = ${mediaId}`.execute(db)
    expect(await atBlueticks(from, message.wireId, sandbox())).toMatchObject({ dataBase64: null, mediaUnavailable: 'error' })
    await sql`delete from media where id = ${mediaId}`.execute(db)
    expect(await atBlueticks(from, message.wireId, sandbox())).toMatchObject({ dataBase64: null, mediaUnavailable: 'expired' })
  })

  test('and that fails to come is tried again, later each time, until it comes', async () => {
    const from = person()
    const file = sendFile(from, { kind: 'image', base64: PNG, mimeType: 'image/png' })
    stuck.add(file)
    const message = await eventually(() => received(from, live()))
    const first = await tried(message, 1)
    expect((await received(from, live()))?.content.media.id).toBeNull()
    expect(await atBlueticks(from, message.wireId, live())).toMatchObject({ dataBase64: null, mediaUnavailable: 'fetching' })
    await moveClock('6 seconds')
    const second = await tried(message, 2)
    expect(second.due_at.getTime() - first.due_at.getTime()).toBeGreaterThan(14_000)
    const patient = atBlueticks(from, message.wireId, live(), 10)
    stuck.delete(file)
    await moveClock('30 seconds')
    const began = performance.now()
    expect(await patient).toMatchObject({ dataBase64: PNG, mediaUnavailable: null })
    expect(performance.now() - began).toBeLessThan(10_000) // told when it came, not at the end of the wait
    const { content } = await withFile(from, live())
    expect(await bytesOf(content.media.id, live())).toMatchObject({ base64: PNG })
    expect(await toldOf(message, live())).toMatchObject([{ type: 'message.file_stored', data: { mediaId: content.media.id } }])
    await moveClock('0')
  })

  test('and that is gone is given up at once, and says so', async () => {
    const from = person()
    const file = sendFile(from, { kind: 'document', base64: PDF, mimeType: 'application/pdf' })
    network.files.delete(file)
    const message = await eventually(async () => {
      const one = await received(from, live())
      return one?.content.mediaMissing !== undefined && one
    })
    expect(message.content).toMatchObject({ mediaMissing: 'not_found', media: { id: null } })
    expect(await toldOf(message, live())).toMatchObject([{ type: 'message.file_missing', data: { reason: 'not_found' } }])
    expect(await atBlueticks(from, message.wireId, live())).toMatchObject({ dataBase64: null, mediaUnavailable: 'expired' })
    expect(await taskOf(message)).toBeUndefined()
  })

  test('and never comes is given up after the last try', async () => {
    const from = person()
    const file = sendFile(from, { kind: 'image', base64: PNG, mimeType: 'image/png' })
    stuck.add(file)
    const message = await eventually(() => received(from, live()))
    await tried(message, 1)
    await sql`update outbox set attempt = 13, due_at = now() where kind = 'task' and subject = ${fromTypeId('msg', message.id) ?? ''}`.execute(
      house.test.database.db,
    )
    const given = await eventually(async () => {
      const one = await received(from, live())
      return one?.content.mediaMissing !== undefined && one
    })
    expect(given.content.mediaMissing).toBe('unavailable')
    expect(await atBlueticks(from, message.wireId, live(), 10)).toMatchObject({ mediaUnavailable: 'error' })
    expect(await taskOf(message)).toBeUndefined()
    stuck.delete(file)
  })

  test('survives a restart: a slow fetch keeps nobody waiting, and is done by the next life', async () => {
    const from = person()
    const file = sendFile(from, { kind: 'image', base64: PNG, mimeType: 'image/png' })
    stuck.add(file)
    const message = await eventually(() => received(from, live()))
    await tried(message, 1)
    stuck.delete(file)
    emulator.setLatency(60_000)
    await sql`update outbox set due_at = now() where kind = 'task' and subject = ${fromTypeId('msg', message.id) ?? ''}`.execute(
      house.test.database.db,
    )
    await eventually(async () => (await taskOf(message))?.attempt === 2)
    const began = performance.now()
    await house.restart()
    expect(performance.now() - began).toBeLessThan(10_000)
    expect(await taskOf(message)).toMatchObject({ attempt: expect.any(Number) })
    emulator.setLatency(0)
    const { body } = await house.call<{ webhookUrl: string }>('GET', `/v2/channels/${channelId}`, { key: live().canonical })
    emulator.setWebhook(WABA, body.webhookUrl)
    const { content } = await withFile(from, live())
    expect(await bytesOf(content.media.id, live())).toMatchObject({ base64: PNG })
  })
})
