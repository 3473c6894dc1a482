import { describe, expect, test } from 'vitest'
import { type Answer, accept, CHANNEL, GO, graphError, json, openRoad, outgoing } from './road.fixture.ts'

const sendOnce = async (answer: Answer, message = outgoing()) => (await openRoad(answer)).road.send(CHANNEL, message, GO())

describe('a send', () => {
  test('is one POST with the token, the callback data and nothing of ours', async () => {
    const { road, seen } = await openRoad((_, response) => accept(response), { path: '/proxy/' })
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
    const { road, seen } = await openRoad((_, response) => accept(response), { origin: 'http://127.0.0.1:1' })
    expect(await road.send(CHANNEL, outgoing(), GO())).toMatchObject({ kind: 'retry', code: 'network', slow: 'none' })
    expect(seen).toHaveLength(0)
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

describe('beside messages', () => {
  const READ = { chat: '+14155550123', messages: [{ wireId: 'wamid.in', author: undefined }] }
  test('a read mark', async () => {
    const { road, seen } = await openRoad((_, response, count) =>
      count === 1 ? json(response, 200, { success: true }) : graphError(response, 400, { code: 131009 }),
    )
    await road.markRead?.(CHANNEL, READ)
    expect(JSON.parse(String(seen[0]?.body))).toEqual({ messaging_product: 'whatsapp', status: 'read', message_id: 'wamid.in' })
    await expect(road.markRead?.(CHANNEL, READ)).rejects.toMatchObject({ code: 'unavailable' })
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
