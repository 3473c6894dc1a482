import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hmacSha256 } from '#kit/crypto'
import { createGraphEmulator, createNetwork } from '../src/simulator/index.ts'
import { eventually, openTestHouse, type TestHouse } from './house.ts'

const [WABA, PHONE_ID, SHOP, SECRET, TOKEN] = ['1029384756', '5566778899', '+15550001111', 'app secret', 'EAAtoken']

const network = createNetwork({ delays: { sentMs: 5, deliveredMs: 10, readMs: 30 } })
const emulator = createGraphEmulator({
  network,
  accounts: [
    {
      wabaId: WABA,
      accessToken: TOKEN,
      appSecret: SECRET,
      verifyToken: 'unused',
      phoneNumbers: [{ id: PHONE_ID, number: SHOP, verifiedName: 'Shop' }],
    },
  ],
})
let house: TestHouse
let channel: { id: string; webhookUrl: string }

type Contact = { id: string; phone: string | null; optedOutAt: string | null; identities: { kind: string; value: string }[] }
type Told = { type: string; data: { contactId?: string; messageId?: string; notice?: string } }
type Message = { id: string; state: string; wireId: string | null; failure: { code: string } | null }

const call = async <Body = Record<string, unknown>>(method: string, path: string, body?: unknown) =>
  (await house.call<Body>(method, path, { key: house.firstRun.live.keys.canonical, ...(body !== undefined && { body }) })).body

beforeAll(async () => {
  house = await openTestHouse({ CHASQUI_GRAPH_URL: await emulator.listen() })
  channel = await call<typeof channel>('POST', '/v2/channels', {
    kind: 'cloud',
    name: 'Shop',
    phone: SHOP,
    phoneNumberId: PHONE_ID,
    wabaId: WABA,
    accessToken: TOKEN,
    appSecret: SECRET,
    verifyToken: 'verify me',
  })
})
afterAll(async () => {
  await house.close()
  await emulator.close()
  network.close()
})

let last = 5_000_100
const person = () => `+1202${last++}`

/** A change as Meta posts it, signed over its bytes. */
async function post(field: string, value: Record<string, unknown>, secret = SECRET): Promise<number> {
  const metadata = { display_phone_number: SHOP, phone_number_id: PHONE_ID }
  const changes = [{ field, value: { messaging_product: 'whatsapp', metadata, ...value } }]
  const body = JSON.stringify({ object: 'whatsapp_business_account', entry: [{ id: WABA, changes }] })
  const signature = `sha256=${hmacSha256(secret, body).toString('hex')}`
  const headers = { 'content-type': 'application/json', 'x-hub-signature-256': signature }
  return (await fetch(channel.webhookUrl, { method: 'POST', headers, body })).status
}

const said = (who: Record<string, string>, value: string, timestamp = 1_790_000_000) => ({
  contacts: [{ profile: { name: 'Ann' }, ...who }],
  user_preferences: [{ ...who, detail: 'User requested', category: 'marketing_messages', value, timestamp }],
})
const byPhone = async (phone: string) =>
  (await call<{ data: Contact[] }>('GET', `/v2/contacts?search=${encodeURIComponent(phone)}`)).data[0]
const outIs = (phone: string, out: boolean) =>
  eventually(async () => {
    const contact = await byPhone(phone)
    return contact && (contact.optedOutAt !== null) === out && contact
  })
const eventsOf = async ({ id }: Pick<Contact, 'id'>) =>
  (await call<{ data: Told[] }>('GET', '/v2/events?limit=200&types=contact.created,contact.opted_out,contact.opted_in')).data
    .filter(({ data }) => data.contactId === id)
    .map(({ type }) => type)
/** One channel's webhooks are read in order: when this one has been, so have those before it. */
async function marked(): Promise<void> {
  const phone = person()
  await post('user_preferences', said({ wa_id: phone.slice(1) }, 'stop'))
  await outIs(phone, true)
}

describe('a person who tells the network', () => {
  test('to stop is opted out, once; to resume, opted in again', async () => {
    const phone = person()
    const contact = await call<Contact>('POST', '/v2/contacts', { phone })
    expect(contact.optedOutAt).toBeNull()
    expect(await post('user_preferences', said({ wa_id: phone.slice(1) }, 'stop'))).toBe(200)
    expect(await outIs(phone, true)).toMatchObject({ id: contact.id })
    expect(await post('user_preferences', said({ wa_id: phone.slice(1) }, 'stop'))).toBe(200)
    expect(await post('user_preferences', said({ wa_id: phone.slice(1) }, 'resume', 1_790_000_100))).toBe(200)
    await outIs(phone, false)
    expect(await eventsOf(contact)).toEqual(['contact.created', 'contact.opted_out', 'contact.opted_in'])
  })

  test('twice in one body is heard in the order of the times', async () => {
    const phone = person()
    const wa_id = phone.slice(1)
    const [later] = said({ wa_id }, 'stop', 1_790_000_200).user_preferences
    const [sooner] = said({ wa_id }, 'resume', 1_790_000_100).user_preferences
    await post('user_preferences', { user_preferences: [later, sooner] })
    const contact = await outIs(phone, true)
    expect(await eventsOf(contact)).toEqual(['contact.created', 'contact.opted_out'])
  })

  test('and was unknown is made known, also by an id alone', async () => {
    const phone = person()
    await post('user_preferences', said({ wa_id: phone.slice(1) }, 'stop'))
    expect(await eventsOf(await outIs(phone, true))).toEqual(['contact.created', 'contact.opted_out'])
    await post('user_preferences', said({ user_id: 'US.1234567890' }, 'stop'))
    const hidden = await eventually(async () =>
      (await call<{ data: Contact[] }>('GET', '/v2/contacts?limit=200')).data.find(({ identities }) =>
        identities.some(({ value }) => value === 'US.1234567890'),
      ),
    )
    expect(hidden).toMatchObject({ phone: null, optedOutAt: expect.any(String) })
  })

  test('of another kind of message, or under a wrong signature, changes nothing', async () => {
    const phone = person()
    const contact = await call<Contact>('POST', '/v2/contacts', { phone })
    const other = said({ wa_id: phone.slice(1) }, 'stop')
    expect(await post('user_preferences', said({ wa_id: phone.slice(1) }, 'stop'), 'another secret')).toBe(401)
    expect(await post('user_preferences', { user_preferences: [{ ...other.user_preferences[0], category: 'utility_messages' }] })).toBe(200)
    await marked()
    expect((await byPhone(phone))?.optedOutAt).toBeNull()
    expect(await eventsOf(contact)).toEqual(['contact.created'])
  })
})

describe('a marketing message', () => {
  const send = (to: string, more: Record<string, unknown> = {}) =>
    call<Message>('POST', '/v2/messages', { channelId: channel.id, to, text: 'Sale!', outsideWindow: 'attempt', awaitMs: 5_000, ...more })

  test('that fails by 131050 opts its person out; the next is skipped, a transactional one goes', async () => {
    const phone = person()
    const message = await send(phone, { category: 'marketing' })
    expect(message).toMatchObject({ state: 'sent', wireId: expect.stringMatching(/^wamid\./) })
    const errors = [{ code: 131050, title: 'Unable to deliver the message', error_data: { details: 'The user has stopped marketing' } }]
    const status = { id: message.wireId, status: 'failed', timestamp: '1790000300', recipient_id: phone.slice(1), errors }
    expect(await post('messages', { statuses: [status] })).toBe(200)
    const contact = await outIs(phone, true)
    expect(await eventsOf(contact)).toEqual(['contact.created', 'contact.opted_out'])
    const failed = await eventually(async () => {
      const now = await call<Message>('GET', `/v2/messages/${message.id}`)
      return now.state === 'failed' && now
    })
    expect(failed.failure?.code).toBe('131050')
    const skipped = await send(phone, { category: 'marketing' })
    expect(skipped).toMatchObject({ state: 'skipped', failure: { code: 'opted_out' } })
    const told = await call<{ data: Told[] }>('GET', '/v2/events?limit=200&types=message.skipped')
    expect(told.data.map(({ data }) => data.messageId)).toEqual([skipped.id])
    expect(await send(phone, { category: 'utility' })).toMatchObject({ state: 'sent' })
    await post('user_preferences', said({ wa_id: phone.slice(1) }, 'resume', 1_790_000_400))
    await outIs(phone, false)
    expect(await send(phone, { category: 'marketing' })).toMatchObject({ state: 'sent' })
  })
})
