import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openEmulator, openReceiver, PHONE_ID, SHOP, VERIFY_TOKEN, WABA } from './emulator.fixture.ts'

let house: Awaited<ReturnType<typeof openEmulator>>
beforeAll(async () => {
  house = await openEmulator()
})
afterAll(() => house.close())

const code = (value: number) =>
  expect.objectContaining({ body: { error: expect.objectContaining({ code: value, fbtrace_id: expect.any(String) }) } })

describe('access', () => {
  it('needs the token, of the account whose object it is', async () => {
    expect(await house.as('wrong')('GET', PHONE_ID)).toMatchObject({
      status: 401,
      body: { error: { code: 190, type: 'OAuthException' } },
    })
    expect(await house.as('')('POST', `${PHONE_ID}/messages`, {})).toMatchObject({ status: 401 })
    house.emulator.addAccount({ wabaId: '77', accessToken: 'other', appSecret: 's', verifyToken: 'v', phoneNumbers: [] })
    expect(await house.as('other')('GET', PHONE_ID)).toMatchObject({
      status: 400,
      body: { error: { code: 100, error_subcode: 33 } },
    })
    expect(await house.as('other')('POST', `${PHONE_ID}/messages`, { messaging_product: 'whatsapp' })).toMatchObject({
      body: { error: { error_subcode: 33 } },
    })
    const response = await fetch(`${house.url}/${PHONE_ID}?access_token=EAAtoken`)
    expect(response.status).toBe(200)
  })

  it('refuses what is no JSON object, too long, or not there', async () => {
    const post = (body: string) =>
      fetch(`${house.url}/${PHONE_ID}/messages`, { method: 'POST', headers: { authorization: 'Bearer EAAtoken' }, body })
    expect((await post('{"a":')).status).toBe(400)
    expect((await post('[1]')).status).toBe(400)
    expect((await post(' '.repeat(2 ** 20 + 1))).status).toBe(413)
    expect(await house.call('GET', `v23.0/${PHONE_ID}/nothing`)).toEqual(code(2500))
    expect(await house.call('PUT', `v23.0/${PHONE_ID}`)).toEqual(code(2500))
    expect(await house.call('GET', '_control/stats')).toMatchObject({ body: { error: { error_subcode: 33 } } })
  })
})

describe('numbers and accounts', () => {
  it('shows the fields that were asked for', async () => {
    expect((await house.call('GET', PHONE_ID)).body).toEqual({
      id: PHONE_ID,
      display_phone_number: SHOP,
      verified_name: 'Shop',
      quality_rating: 'GREEN',
    })
    expect((await house.call('GET', `v23.0/${PHONE_ID}?fields=throughput,status,nothing`)).body).toEqual({
      id: PHONE_ID,
      throughput: { level: 'HIGH' },
      status: 'CONNECTED',
    })
    expect((await house.call('GET', `v23.0/${WABA}/phone_numbers?fields=verified_name`)).body).toMatchObject({
      data: [{ id: PHONE_ID, verified_name: 'Shop' }],
      paging: { cursors: { after: PHONE_ID } },
    })
    expect((await house.call('GET', `${WABA}?fields=name,currency`)).body).toEqual({ id: WABA, name: 'Emulated account', currency: 'USD' })
  })

  it('subscribes, overrides after a handshake, unsubscribes', async () => {
    const receiver = await openReceiver()
    const apps = (method: string, body?: unknown) => house.call(method, `v23.0/${WABA}/subscribed_apps`, body)
    expect((await apps('GET')).body).toEqual({ data: [] })
    expect(await apps('POST', { override_callback_uri: receiver.url, verify_token: 'wrong' })).toEqual(code(2200))
    expect((await apps('GET')).body).toEqual({ data: [] })
    expect((await apps('POST', { override_callback_uri: receiver.url, verify_token: VERIFY_TOKEN })).body).toEqual({ success: true })
    expect((await apps('GET')).body.data).toMatchObject([
      { whatsapp_business_api_data: { name: 'Emulated app' }, override_callback_uri: receiver.url },
    ])
    await house.send({ text: { body: 'told' } })
    await receiver.until(() => receiver.statuses().length === 3)
    expect((await apps('DELETE')).body).toEqual({ success: true })
    const override = (uri: string) =>
      house.call('POST', PHONE_ID, { webhook_configuration: { override_callback_uri: uri, verify_token: VERIFY_TOKEN } })
    expect((await override(receiver.url)).body).toEqual({ success: true })
    expect((await house.call('GET', `${PHONE_ID}?fields=webhook_configuration`)).body.webhook_configuration).toEqual({
      phone_number: receiver.url,
    })
    expect((await override('')).body).toEqual({ success: true })
    await receiver.close()
  })
})
