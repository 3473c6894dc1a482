import { afterAll, beforeAll, expect, it } from 'vitest'
import { jidOf, newNumber, openWeb } from './client.fixture.ts'

const shop = newNumber()
let web: Awaited<ReturnType<typeof openWeb>>
beforeAll(async () => {
  web = await openWeb({}, { control: true, numbers: [shop] })
})
afterAll(() => web.close())

async function control(method: string, path: string, body?: unknown) {
  const response = await fetch(`${web.controlUrl}/_control/${path}`, { method, ...(body !== undefined && { body: JSON.stringify(body) }) })
  return { status: response.status, body: JSON.parse(await response.text()) }
}

it('another process links a client, holds its phones and switches faults', async () => {
  expect((await control('GET', 'businesses')).body).toEqual({ businesses: [{ number: shop, devices: [] }] })
  const scans: Promise<{ status: number }>[] = []
  const client = web.client({ onQr: (qr) => scans.push(control('POST', 'scan', { number: shop, qr })) })
  await client.open()
  await client.history()
  expect(await scans[0]).toMatchObject({ status: 200, body: { ok: true } })

  const ann = newNumber()
  const { body } = await control('POST', `businesses/${shop}/phones/${ann}`, { act: 'write', text: 'Are you open?' })
  expect((await client.incoming(body.wireId)).message.message?.conversation).toBe('Are you open?')
  const own = await control('POST', 'own-messages', { number: shop, to: ann, text: 'Until six' })
  expect((await client.incoming(own.body.wireId)).message.key.fromMe).toBe(true)
  expect((await control('GET', `businesses/${shop}/phones/${ann}`)).body.messages).toMatchObject([
    { content: { text: 'Are you open?' } },
    { content: { text: 'Until six' } },
  ])

  await control('POST', 'web-faults', { kind: 'refuse_messages', to: ann, code: 463 })
  expect(await client.ack(await client.send(jidOf(ann), { text: 'x' }))).toMatchObject({ error: '463' })
  await control('POST', 'web-faults', { kind: 'clear' })
  expect(await client.ack(await client.send(jidOf(ann), { text: 'x' }))).not.toHaveProperty('error')
  expect((await control('POST', 'unlink', { number: shop })).body).toEqual({ ok: true })
  expect(await client.closed(2)).toBe(401)
})

it('says what was wrong with a call', async () => {
  expect(await control('POST', 'scan', { number: shop, qr: '2@nothing' })).toMatchObject({
    status: 409,
    body: { error: expect.stringContaining('expired') },
  })
  expect(await control('POST', 'code', { number: shop, code: 'ABCD1234' })).toMatchObject({ status: 409 })
  expect(await control('POST', 'web-faults', { kind: 'redeliver', wireId: 'nothing' })).toMatchObject({ status: 409 })
  expect(await control('POST', 'own-messages', { number: shop, to: newNumber('0002'), text: 'x' })).toMatchObject({ status: 409 })
  expect(await control('POST', 'web-faults', { kind: 'close', number: shop, code: 1 })).toMatchObject({ status: 400 })
  expect(await control('POST', 'nothing')).toMatchObject({ status: 404 })
  expect(await control('GET', 'nothing')).toMatchObject({ status: 404 })
  expect(await control('GET', '%')).toMatchObject({ status: 400 })
  for (const path of ['/elsewhere', '//', '/%']) expect(await fetch(`${web.controlUrl}${path}`), path).toMatchObject({ status: 404 })
})
