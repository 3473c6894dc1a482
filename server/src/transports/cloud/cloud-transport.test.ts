import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Outgoing, SendOptions, TransportChannel, TransportMedia } from '#core/transport'
import { newId } from '#kit/ids'
import { openOperatorClient } from '#kit/operator-client'
import { listen } from '#test/loopback'
import { createCloudTransport } from './cloud-transport.ts'
import type { Upload } from './media-uploads.store.ts'
import type { UploadBook } from './media-uploads.ts'

type Seen = { method: string; path: string; authorization: string | undefined; contentType: string | undefined; body: Buffer }
type Answer = (seen: Seen, response: ServerResponse, count: number) => void

const NOW = new Date('2026-01-02T03:04:05.000Z')
const CHANNEL: TransportChannel = {
  id: newId(),
  workspaceId: newId(),
  kind: 'cloud',
  number: '+15550783881',
  settings: { phoneNumberId: '111' },
  credentials: { accessToken: 'EAA' },
}
const GO = (): SendOptions => ({ signal: AbortSignal.timeout(10_000), mayWrite: () => true })

const outgoing = (more: Partial<Outgoing> = {}): Outgoing => ({
  messageId: newId(),
  attempt: 1,
  to: '+4917012345678',
  content: { type: 'text', text: 'Hi' },
  media: undefined,
  wireId: undefined,
  targetWireId: undefined,
  callbackData: 'inst:msg:1',
  ...more,
})

const json = (response: ServerResponse, status: number, value: unknown) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
const graphError = (response: ServerResponse, status: number, error: Record<string, unknown>) =>
  json(response, status, { error: { message: '(#x) Words', type: 'OAuthException', fbtrace_id: 'A', ...error } })
const accept = (response: ServerResponse, more: Record<string, unknown> = {}) =>
  json(response, 200, { messaging_product: 'whatsapp', contacts: [{ input: '+49', wa_id: '49' }], messages: [{ id: 'wamid.1', ...more }] })

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** Uploads as the table keeps them. */
function openBook(): UploadBook & { uploads: Upload[] } {
  const uploads: Upload[] = []
  return {
    uploads,
    find: async (channelId, mediaId, at) =>
      uploads.find((one) => one.channelId === channelId && one.mediaId === mediaId && one.expiresAt > at),
    keep: async (upload) => void uploads.push(upload),
    async forget({ remoteId }) {
      const place = uploads.findIndex((one) => one.remoteId === remoteId)
      if (place >= 0) uploads.splice(place, 1)
    },
  }
}

/** The road, and a server that answers as the test says. */
async function openRoad(answer: Answer, path = '') {
  const seen: Seen[] = []
  const server = createServer(async (request, response) => {
    const { method = '', url = '', headers } = request
    const one = {
      method,
      path: url,
      authorization: headers.authorization,
      contentType: headers['content-type'],
      body: await bytesOf(request),
    }
    seen.push(one)
    answer(one, response, seen.length)
  })
  const { url, connections } = await listen(server)
  const book = openBook()
  const client = openOperatorClient({ origin: url, connections: 8 })
  const road = createCloudTransport({
    graphUrl: url + path,
    version: 'v23.0',
    client,
    openClient: (origin) => openOperatorClient({ origin, connections: 1 }),
    uploads: book,
    now: () => NOW,
  })
  onTestFinished(async () => {
    await road.close()
    await client.close()
  })
  return { road, seen, book, url, connections }
}

const sendOnce = async (answer: Answer, message = outgoing()) => (await openRoad(answer)).road.send(CHANNEL, message, GO())

describe('a send', () => {
  test('is one POST with the token, the callback data and nothing of ours', async () => {
    const { road, seen } = await openRoad((_, response) => accept(response), '/proxy/')
    expect(await road.send(CHANNEL, outgoing(), GO())).toEqual({ kind: 'accepted', wireId: 'wamid.1', waId: '49' })
    expect(seen).toHaveLength(1)
    expect(seen[0]).toMatchObject({
      method: 'POST',
      path: '/proxy/v23.0/111/messages',
      authorization: 'Bearer EAA',
      contentType: 'application/json',
    })
    expect(JSON.parse(String(seen[0]?.body))).toEqual({
      messaging_product: 'whatsapp',
      to: '+4917012345678',
      type: 'text',
      text: { body: 'Hi' },
      biz_opaque_callback_data: 'inst:msg:1',
    })
  })

  test('held for quality is accepted', async () => {
    expect(await sendOnce((_, response) => accept(response, { message_status: 'held_for_quality_assessment' }))).toMatchObject({
      kind: 'accepted',
      held: true,
    })
    expect(await sendOnce((_, response) => accept(response, { message_status: 'accepted' }))).not.toHaveProperty('held')
  })

  test.each<[string, Answer]>([
    ['the connection is cut', (_, response) => response.destroy()],
    [
      'half an answer',
      (_, response) => void response.writeHead(200, { 'content-length': 500 }).write('{"messages":', () => response.destroy()),
    ],
    ["a 5xx without the network's own body", (_, response) => response.writeHead(502).end('<html>Bad gateway</html>')],
    ['a 4xx of a proxy', (_, response) => response.writeHead(403).end('<html>Blocked</html>')],
    ['a yes that names no message', (_, response) => json(response, 200, { success: true })],
    ['a yes that is no JSON', (_, response) => response.writeHead(200).end('ok')],
    ['JSON that is not of the network', (_, response) => json(response, 500, { message: 'Internal Server Error' })],
  ])('unknown: %s', async (_, answer) => {
    expect(await sendOnce(answer)).toMatchObject({ kind: 'unknown' })
  })

  test('unknown: no answer in time', async () => {
    const { road, seen } = await openRoad(() => undefined)
    const stop = new AbortController()
    const sending = road.send(CHANNEL, outgoing(), { signal: stop.signal, mayWrite: () => true })
    while (seen.length === 0) await new Promise((done) => setImmediate(done))
    stop.abort()
    expect(await sending).toMatchObject({ kind: 'unknown' })
  })

  test('retry: nobody listens', async () => {
    const { url } = await listen(createServer())
    const client = openOperatorClient({ origin: url.replace(/\d+$/, '1'), connections: 1 })
    onTestFinished(() => client.close())
    const road = createCloudTransport({
      graphUrl: url,
      version: 'v23.0',
      client,
      openClient: () => client,
      uploads: openBook(),
      now: () => NOW,
    })
    expect(await road.send(CHANNEL, outgoing(), GO())).toMatchObject({ kind: 'retry', code: 'network', slow: 'none' })
  })

  test('not started: too late, and nothing was written', async () => {
    const { road, seen } = await openRoad((_, response) => accept(response))
    const late = { signal: AbortSignal.timeout(10_000), mayWrite: () => false }
    expect(await road.send(CHANNEL, outgoing(), late)).toMatchObject({ kind: 'retry', code: 'not_started', afterMs: 0 })
    expect(await road.send(CHANNEL, outgoing(), { ...GO(), signal: AbortSignal.abort() })).toMatchObject({
      kind: 'retry',
      code: 'not_started',
    })
    expect(seen).toHaveLength(0)
  })

  test("the network's own body decides, whatever its status", async () => {
    const answered = (status: number, error: Record<string, unknown>, attempt = 1) =>
      sendOnce((_, response) => graphError(response, status, error), outgoing({ attempt }))
    expect(await answered(500, { code: 131000 })).toMatchObject({ kind: 'retry', code: '131000' })
    expect(await answered(400, { code: 131047 })).toMatchObject({ kind: 'rejected', code: 'window_closed' })
    expect(await answered(429, { code: 130429 })).toMatchObject({ kind: 'retry', slow: 'channel' })
    expect(await answered(400, { code: 131056 }, 2)).toMatchObject({ kind: 'retry', slow: 'pair', afterMs: 16_000 })
    expect(await answered(401, { code: 190, error_subcode: 463 })).toMatchObject({
      kind: 'retry',
      effect: { stop: { reason: 'bad_credentials' } },
    })
    expect(await answered(400, { code: 131050 })).toMatchObject({ kind: 'rejected', effect: { optOut: 'marketing' } })
  })

  test('without token or phone number id the channel is stopped, and nothing is sent', async () => {
    const { road, seen } = await openRoad((_, response) => accept(response))
    const bare = [
      { ...CHANNEL, credentials: {} },
      { ...CHANNEL, settings: {} },
    ]
    for (const channel of bare) {
      expect(await road.send(channel, outgoing(), GO())).toMatchObject({ kind: 'retry', effect: { stop: { reason: 'bad_credentials' } } })
      expect(await road.test(channel)).toMatchObject({ ok: false, code: 'bad_credentials' })
    }
    expect(seen).toHaveLength(0)
  })
})

describe('files', () => {
  const picture = (read: () => Promise<Buffer> = async () => Buffer.from('png bytes')): TransportMedia => ({
    id: newId(),
    mimeType: 'image/png',
    size: 9,
    filename: 'a "b"\r\n.png',
    sha256: 'x',
    read,
  })
  const withPicture = (media: TransportMedia, attempt = 1) => outgoing({ content: { type: 'image', mediaId: media.id }, media, attempt })
  const answering: Answer = ({ path }, response, count) =>
    path.endsWith('/media') ? json(response, 200, { id: `m${count}` }) : accept(response)

  test('bytes go up as a form, once for many messages, and the message names what came back', async () => {
    const { road, seen, book } = await openRoad(answering)
    const media = picture()
    const sent = await Promise.all(Array.from({ length: 5 }, () => road.send(CHANNEL, withPicture(media), GO())))
    expect(sent.map(({ kind }) => kind)).toEqual(Array.from({ length: 5 }, () => 'accepted'))
    const uploads = seen.filter(({ path }) => path === '/v23.0/111/media')
    expect(uploads).toHaveLength(1)
    const form = await new Response(new Uint8Array(uploads[0]?.body ?? []), {
      headers: { 'content-type': uploads[0]?.contentType ?? '' },
    }).formData()
    const file = form.get('file') as File // the form has a file of that name, or the next lines fail
    expect([form.get('messaging_product'), form.get('type'), file.type, file.name, await file.text()]).toEqual([
      'whatsapp',
      'image/png',
      'image/png',
      'a "b"\r\n.png',
      'png bytes',
    ])
    expect(JSON.parse(String(seen.at(-1)?.body))).toMatchObject({ type: 'image', image: { id: 'm1' } })
    expect(book.uploads).toMatchObject([
      { mediaId: media.id, channelId: CHANNEL.id, remoteId: 'm1', expiresAt: new Date('2026-01-31T03:04:05.000Z') },
    ])
  })

  test('what another process uploaded is used; what has expired is not', async () => {
    const { road, seen, book } = await openRoad(answering)
    const media = picture()
    const kept = { workspaceId: CHANNEL.workspaceId, channelId: CHANNEL.id, mediaId: media.id }
    book.uploads.push({ ...kept, remoteId: 'old', expiresAt: NOW }, { ...kept, remoteId: 'm9', expiresAt: new Date(NOW.getTime() + 1) })
    await road.send(CHANNEL, withPicture(media), GO())
    expect(seen.map(({ path }) => path)).toEqual(['/v23.0/111/messages'])
    expect(String(seen[0]?.body)).toContain('"m9"')
  })

  test('an upload that the network forgot is made again', async () => {
    const { road, seen } = await openRoad(({ path }, response, count) => {
      if (path.endsWith('/media')) json(response, 200, { id: `m${count}` })
      else if (count === 2)
        graphError(response, 400, {
          code: 100,
          error_data: { details: "Param image['id'] is not a valid whatsapp business account media attachment ID" },
        })
      else accept(response)
    })
    const media = picture()
    expect(await road.send(CHANNEL, withPicture(media), GO())).toMatchObject({ kind: 'retry', code: '100' })
    expect(await road.send(CHANNEL, withPicture(media, 2), GO())).toMatchObject({ kind: 'accepted' })
    expect(seen.map(({ path }) => path.split('/').at(-1))).toEqual(['media', 'messages', 'media', 'messages'])
  })

  test('a failed upload sends nothing: refused by its code, else tried again', async () => {
    const refused = await openRoad((_, response) => graphError(response, 400, { code: 131053, error_data: { details: 'File size' } }))
    expect(await refused.road.send(CHANNEL, withPicture(picture()), GO())).toMatchObject({
      kind: 'rejected',
      code: '131053',
      reason: expect.stringContaining('File size'),
    })
    const cut = await openRoad((_, response) => response.destroy())
    expect(await cut.road.send(CHANNEL, withPicture(picture()), GO())).toMatchObject({ kind: 'retry', code: 'media_upload' })
    const unreadable = await openRoad(answering)
    const gone = picture(() => Promise.reject(new Error('the disk is away')))
    expect(await unreadable.road.send(CHANNEL, withPicture(gone), GO())).toMatchObject({
      kind: 'retry',
      reason: expect.stringContaining('the disk is away'),
    })
    expect(unreadable.seen).toHaveLength(0)
  })

  test('what people sent is fetched in two steps, with the token; an address that is gone is asked for once more', async () => {
    const { road, seen, url } = await openRoad(({ path }, response, count) => {
      if (path.startsWith('/v23.0/f1?'))
        json(response, 200, { url: `${url}/files/?mid=f1&try=${count}`, mime_type: 'image/jpeg', file_size: '4' })
      else if (count === 2) response.writeHead(404).end()
      else response.writeHead(200).end('jpeg')
    })
    const fetched = await road.fetchMedia?.(CHANNEL, { id: 'f1' })
    expect([String(fetched?.bytes), fetched?.mimeType]).toEqual(['jpeg', 'image/jpeg'])
    expect(seen.map(({ path }) => path)).toEqual([
      '/v23.0/f1?phone_number_id=111',
      '/files/?mid=f1&try=1',
      '/v23.0/f1?phone_number_id=111',
      '/files/?mid=f1&try=3',
    ])
    expect(seen.every(({ authorization }) => authorization === 'Bearer EAA')).toBe(true)
  })

  test.each(['https://evil.example/x', 'http://lookaside.fbsbx.com/x', 'https://fbsbx.com.evil.example/x', 'file:///etc/passwd', ''])(
    'the token never goes to %s',
    async (address) => {
      const { road, seen } = await openRoad((_, response) => json(response, 200, { url: address }))
      await expect(road.fetchMedia?.(CHANNEL, { id: 'f1' })).rejects.toMatchObject({ code: 'unavailable' })
      expect(seen).toHaveLength(1)
    },
  )

  test('a file that is gone is not found', async () => {
    const { road } = await openRoad((_, response) => graphError(response, 400, { code: 100, error_subcode: 33 }))
    await expect(road.fetchMedia?.(CHANNEL, { id: 'f1' })).rejects.toMatchObject({ code: 'not_found' })
    await expect(road.fetchMedia?.(CHANNEL, {})).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('beside messages', () => {
  test('a read mark', async () => {
    const { road, seen } = await openRoad((_, response, count) =>
      count === 1 ? json(response, 200, { success: true }) : graphError(response, 400, { code: 131009 }),
    )
    await road.markRead?.(CHANNEL, 'wamid.in')
    expect(JSON.parse(String(seen[0]?.body))).toEqual({ messaging_product: 'whatsapp', status: 'read', message_id: 'wamid.in' })
    await expect(road.markRead?.(CHANNEL, 'wamid.in')).rejects.toMatchObject({ code: 'unavailable' })
  })

  test('the test of a channel tells what the network knows of it, or why it would not work', async () => {
    const good = await openRoad((_, response) => json(response, 200, { id: '111', verified_name: 'Shop', quality_rating: 'GREEN' }))
    expect(await good.road.test(CHANNEL)).toEqual({ ok: true, facts: { id: '111', verified_name: 'Shop', quality_rating: 'GREEN' } })
    expect(good.seen[0]?.path).toMatch(/^\/v23\.0\/111\?fields=id,/)
    const told = async (answer: Answer) => (await openRoad(answer)).road.test(CHANNEL)
    expect(await told((_, response) => graphError(response, 401, { code: 190 }))).toMatchObject({ ok: false, code: 'bad_credentials' })
    expect(await told((_, response) => graphError(response, 400, { code: 100, error_subcode: 33 }))).toMatchObject({
      ok: false,
      code: 'bad_credentials',
    })
    expect(await told((_, response) => graphError(response, 403, { code: 131031 }))).toMatchObject({ ok: false, code: 'restricted' })
    expect(await told((_, response) => response.destroy())).toMatchObject({ ok: false, code: 'network' })
    expect(await told((_, response) => response.writeHead(502).end())).toMatchObject({ ok: false, code: 'network' })
  })
})
