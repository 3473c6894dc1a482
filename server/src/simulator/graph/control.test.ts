import { afterAll, beforeAll, expect, it } from 'vitest'
import { openEmulator, openReceiver, PHONE_ID, SHOP, WABA } from './emulator.fixture.ts'

let house: Awaited<ReturnType<typeof openEmulator>>
beforeAll(async () => {
  house = await openEmulator({ control: true })
})
afterAll(() => house.close())
const control = (method: string, path: string, body?: unknown) => house.as('none')(method, `_control/${path}`, body)
const ANN = '+491701234567'

it('counts what reached the phones, message by message', async () => {
  const send = (callbackData: string) => house.send({ text: { body: 'x' }, biz_opaque_callback_data: callbackData })
  await send('i:m1:1')
  await send('i:m2:1')
  await send('i:m2:2')
  expect((await control('GET', 'stats')).body).toMatchObject({
    requests: expect.any(Number),
    network: { sends: { total: 3, distinct: 2, twice: 1 } },
    webhooks: { waiting: 0 },
  })
  expect((await control('GET', 'twice')).body.messages).toEqual([{ phone: ANN, messageKey: 'i:m2', times: 2 }])
  const lines = await fetch(`${house.url}/_control/sends`).then((response) => response.text())
  expect(
    lines
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual([
    { phone: ANN, messageKey: 'i:m1', times: 1 },
    { phone: ANN, messageKey: 'i:m2', times: 2 },
  ])
  await control('POST', 'reset')
  expect((await control('GET', 'twice')).body).toMatchObject({ total: 0, distinct: 0 })
})

it('switches faults, latency, pace, webhooks, templates and phones', async () => {
  const { id } = (await control('POST', 'faults', { kind: 'refuse', code: 131048, business: SHOP })).body
  expect((await house.send({ text: { body: 'x' } })).body.error.code).toBe(131048)
  expect((await control('GET', 'faults')).body.faults).toMatchObject([{ id, met: 1 }])
  await control('DELETE', `faults/${id}`)
  expect((await house.send({ text: { body: 'x' } })).status).toBe(200)
  expect(await control('POST', 'faults', { kind: 'earthquake' })).toMatchObject({
    status: 400,
    body: { error: expect.stringContaining('kind') },
  })
  expect((await control('POST', 'latency', { ms: 1 })).body).toEqual({ ok: true })
  expect((await control('POST', 'pace', { scale: 0.5, delays: { readMs: 10 } })).body).toEqual({ ok: true })
  expect((await control('POST', 'templates', { wabaId: WABA, name: 'hello_world', language: 'en_US', status: 'PAUSED' })).body).toEqual({
    ok: true,
  })
  expect(await control('POST', 'templates', { wabaId: WABA, name: 'nothing', language: 'en_US', status: 'PAUSED' })).toMatchObject({
    status: 404,
  })
  expect((await control('POST', 'phones', { number: ANN, profileName: 'Ann' })).body).toMatchObject({
    number: ANN,
    waId: '491701234567',
    profileName: 'Ann',
  })
  expect(
    (
      await control('POST', 'accounts', {
        wabaId: '5',
        accessToken: 't5',
        appSecret: 's',
        verifyToken: 'v',
        phoneNumbers: [{ id: '6', number: '+15556666666' }],
      })
    ).body,
  ).toEqual({ ok: true })
  expect((await control('GET', 'businesses')).body.businesses).toEqual([
    { id: PHONE_ID, number: SHOP, wabaId: WABA },
    { id: '6', number: '+15556666666', wabaId: '5' },
  ])
  expect(await control('GET', 'nothing')).toMatchObject({ status: 404 })
  expect(await control('GET', 'businesses/%zz/phones')).toMatchObject({ status: 400 })
  expect(await fetch(`${house.url}/_control/businesses/%zz/stream`).then(({ status }) => status)).toBe(400)
})

it('sets where webhooks go', async () => {
  const receiver = await openReceiver()
  expect((await control('POST', 'webhook', { wabaId: WABA, url: receiver.url })).body).toEqual({ ok: true })
  await control('POST', `businesses/${SHOP}/phones/${ANN}`, { act: 'write', text: 'hi' })
  await receiver.until(() => receiver.messages().length === 1)
  expect((await control('POST', 'webhook', { wabaId: WABA, url: null })).body).toEqual({ ok: true })
  await receiver.close()
})

it('acts as a phone and follows its chat live', async () => {
  const phone = `businesses/${SHOP}/phones/+491709999999`
  const response = await fetch(`${house.url}/_control/${phone}/stream`)
  const reader = response.body?.getReader()
  const decoder = new TextDecoder()
  let seen = ''
  const until = async (words: string) => {
    while (!seen.includes(words)) {
      const part = await reader?.read()
      if (!part || part.done) throw new Error(`ended before ${words}: ${seen}`)
      seen += decoder.decode(part.value)
    }
  }
  await until(': open')
  await house.send({ to: '+491709999999', text: { body: 'live' } })
  await until('"state":"delivered"')
  expect((await control('POST', phone, { act: 'write', text: 'answer' })).body).toEqual({ wireId: expect.any(String) })
  await until('answer')
  expect((await control('GET', `${phone}?limit=10`)).body.messages).toMatchObject([
    { content: { text: 'live' } },
    { content: { text: 'answer' } },
  ])
  expect(
    (await control('GET', `businesses/${SHOP}/phones`)).body.phones.map((one: { phone: { number: string } }) => one.phone.number),
  ).toContain('+491709999999')
  expect(await control('POST', phone, { act: 'press', wireId: 'nothing', id: 'x' })).toMatchObject({ status: 404 })
  expect(await control('POST', phone, { act: 'dance' })).toMatchObject({ status: 400 })
  await reader?.cancel()
})
