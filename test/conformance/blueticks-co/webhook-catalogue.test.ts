import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../house.ts'
import { openPlace } from '../places/open-place.ts'
import type { Place } from '../places/place.ts'
import { isSandbox, sandboxTest } from '../places/sandbox-test.ts'
import { openWeb, PNG, type Web } from '../web.ts'
import { expectOne, WEBHOOK } from './shapes.ts'
import { CAMPAIGNS } from './webhooks/campaigns.ts'
import { GROUPS } from './webhooks/groups.ts'
import { FAILURES, MESSAGES } from './webhooks/messages.ts'
import { both } from './webhooks/models.ts'
import { PEOPLE } from './webhooks/people.ts'
import { checkSigned, checkUnsigned, type Expected, type Hook, hear, heardBy, isOne, register, told } from './webhooks/receiver.ts'

let house: Place
let web: Web
/** Names that the API document lists. */
let catalogue: string[]
/** A webhook of the test workspace that asked for every name, and one of the live workspace. */
let all: Hook
let live: Hook

const DEEDS = [...MESSAGES, ...FAILURES, ...PEOPLE, ...GROUPS, ...CAMPAIGNS].filter(
  ({ sandboxOnly }) => isSandbox || sandboxOnly === undefined,
)
const expected: Expected[] = []

beforeAll(async () => {
  web = await openWeb({ '/pixel.png': { type: 'image/png', bytes: PNG } })
  house = await openPlace()
  catalogue = await listed()
  all = await register(house, web, '/all', catalogue)
  live = await register(house, web, '/live', catalogue, house.other.keys.blueticks)
})
afterAll(async () => {
  await house.close()
  await web.close()
})

async function listed(): Promise<string[]> {
  const document = (await house.ask('/docs/blueticks-co/openapi.json')).text
  const [, names = '[]'] = /"events":\{[^{}]*"items":\{[^{}]*"enum":(\[[^\]]*\])/.exec(document) ?? []
  return JSON.parse(names)
}

describe('every event of the catalogue happens and is told', () => {
  test('the deeds show all 27 names, and no other', () => {
    expect(catalogue).toHaveLength(27)
    expect([...new Set(DEEDS.flatMap(({ names }) => names))].sort()).toEqual(catalogue.toSorted())
  })

  test.each(DEEDS.map((deed) => [deed.title, deed] as const))('%s', async (_, { names, happens }) => {
    const events = await happens({ house, web, hears: (one) => hear(web, all, one) })
    expect([...new Set(events.map(({ type }) => type))].sort()).toEqual([...names].sort())
    for (const event of events) expect((await hear(web, all, event)).data, event.type).toEqual(both(event.data))
    expected.push(...events)
  })

  test('each once, under an id of its own, every delivery signed for every generation', () => {
    const heard = heardBy(web, all)
    for (const event of expected) {
      const times = heard.filter((one) => isOne(one, event)).length
      // the engine came back from a reload as well
      expect({ type: event.type, where: event.where, times }).toMatchObject({ times: event.type === 'session.connected' ? 2 : 1 })
    }
    expect(new Set(heard.map(({ id }) => id)).size).toBe(heard.length)
    const pins = heard.filter(({ type }) => type === 'group_message_pinned_webhook')
    expect(pins.every(({ data }) => String(data.groupId).endsWith('@g.us'))).toBe(true)
    for (const posted of web.posted) if (posted.path === all.path) checkSigned(posted, all)
  })

  sandboxTest(
    'about two workspaces, whatever their roads',
    'a live workspace hears nothing of what happens under a test key, and the other way round',
    async () => {
      expect(heardBy(web, live)).toEqual([])
      const key = house.other.keys.canonical
      const ids = { phoneNumberId: '5566778899', wabaId: '1029384756', accessToken: 'a', appSecret: 'b', verifyToken: 'c' }
      const body = { kind: 'cloud', name: 'Shop', phone: '+15550001111', ...ids }
      expect((await house.ask('/v2/channels', { key, body })).status).toBe(201)
      const connected = { type: 'session.connected', where: { phone: '+15550001111' } }
      expect((await hear(web, live, connected)).data).toMatchObject({ connected: true, state: 'OPEN' })
      expect(heardBy(web, all).filter((one) => isOne(one, connected))).toEqual([])
    },
  )
})

describe('a webhook', () => {
  const say = (to: string, text: string) => house.ask('/v1/scheduled-messages', { body: { to, text } })

  test('hears the names it asked for alone', async () => {
    const reads = await register(house, web, '/reads', ['message.read'])
    await say('+14155550441', 'Read me')
    await hear(web, reads, { type: 'message.read', where: { to: '14155550441@c.us' } })
    expect(heardBy(web, reads).map(({ type }) => type)).toEqual(['message.read'])
    expect((await house.ask(`/v1/webhooks/${reads.id}`, { method: 'PATCH', body: { events: ['message.queued'] } })).status).toBe(200)
    await say('+14155550442', 'Queue me')
    await hear(web, reads, { type: 'message.queued', where: { to: '14155550442@c.us' } })
    await hear(web, all, { type: 'message.read', where: { to: '14155550442@c.us' } })
    expect(heardBy(web, reads).map(({ type }) => type)).toEqual(['message.read', 'message.queued'])
    await house.ask(`/v1/webhooks/${reads.id}`, { method: 'DELETE' })
  })

  test('cannot ask for a name that does not exist', async () => {
    const url = `${web.url}/none`
    for (const events of [['message.delivered', 'message.sent'], ['*'], []]) {
      const refused = await house.ask('/v1/webhooks', { body: { url, events } })
      expect(refused).toMatchObject({ status: 400, body: { error: { code: 'invalid_request' } } })
      expect(JSON.stringify(refused.body.error)).toContain('"path":"events')
    }
    const refused = await house.ask(`/v1/webhooks/${all.id}`, { method: 'PATCH', body: { events: ['message.sent'] } })
    expect(refused.status).toBe(400)
    expect((await house.ask(`/v1/webhooks/${all.id}`)).body.events).toEqual(catalogue)
  })

  test('that is disabled hears nothing, and nothing of that time later', async () => {
    const off = await register(house, web, '/off', ['message.queued'])
    await house.ask(`/v1/webhooks/${off.id}`, { method: 'PATCH', body: { status: 'disabled' } })
    await say('+14155550443', 'unheard')
    const { body } = await house.ask(`/v1/webhooks/${off.id}`, { method: 'PATCH', body: { status: 'enabled' } })
    expect(body.status).toBe('enabled')
    await say('+14155550443', 'heard')
    await hear(web, off, { type: 'message.queued', where: { text: 'heard' } })
    expect(heardBy(web, off).map(({ data }) => data.text)).toEqual(['heard'])
    await house.ask(`/v1/webhooks/${off.id}`, { method: 'DELETE' })
  })

  test("signs with its new secret after a rotation, the product's own signatures at once", async () => {
    const old = await register(house, web, '/signed', ['message.queued'])
    const { status, body } = await house.ask(`/v1/webhooks/${old.id}/rotate-secret`, { method: 'POST' })
    expect(status).toBe(200)
    expectOne(body, WEBHOOK, ['secret'])
    await say('+14155550444', 'Signed')
    const posted = await web.until(({ path }) => path === old.path)
    const { 'webhook-signature': both = '' } = posted.headers
    const [newest = '', older = ''] = String(both).split(' ')
    const as = (signature: string) => ({ ...posted, headers: { ...posted.headers, 'webhook-signature': signature } })
    expect(() => checkSigned(posted, old)).toThrow()
    const signed = [newest, older].filter((one) => passes(() => checkSigned(as(one), { ...old, secret: String(body.secret) })))
    expect(signed).toHaveLength(1) // the other is of the old secret, for a day
    expect((await house.ask(`/v1/webhooks/${old.id}`)).text).not.toMatch(/secret|whsec/)
    await house.ask(`/v1/webhooks/${old.id}`, { method: 'DELETE' })
  })
})

const passes = (check: () => void): boolean => {
  try {
    check()
    return true
  } catch {
    return false
  }
}

describe("a message's own callbackUrl, unsigned", () => {
  const callback = async (to: string, more: object, last: string) => {
    const path = `/callback/${to}`
    const { status, body } = await house.ask('/messages', { body: { to, message: 'Tell me', callbackUrl: `${web.url}${path}`, ...more } })
    expect(status).toBe(200)
    await web.until((posted) => posted.path === path && told(posted).type === last)
    const posts = web.posted.filter((posted) => posted.path === path)
    for (const posted of posts) checkUnsigned(posted)
    const events = posts.map(told)
    for (const { type, data } of events) {
      expect(data).toMatchObject({ message_id: body.id, status: type.slice('message.'.length), text: 'Tell me' })
      const same = await hear(web, all, { type, where: { message_id: body.id } })
      expect(data).toEqual(same.data)
    }
    return events.map(({ type }) => type).sort()
  }

  test('hears a life from queue to read', async () => {
    const life = ['message.delivered', 'message.queued', 'message.read', 'message.sending']
    expect(await callback('+14155550451', {}, 'message.read')).toEqual(life)
  })

  test('hears that it failed', async () => {
    expect(await callback('+14155550002', {}, 'message.failed')).toEqual(['message.failed', 'message.queued', 'message.sending'])
  })

  test('hears of a message for later when its time has come', async () => {
    const dueDate = new Date(Date.now() + 10_500).toISOString()
    const made = callback('+14155550452', { dueDate }, 'message.delivered')
    await eventually(async () => heardBy(web, { path: '/callback/+14155550452' }).length > 0)
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(dueDate))
    expect(await made).toEqual(expect.arrayContaining(['message.delivered', 'message.queued', 'message.sending']))
  })
})
