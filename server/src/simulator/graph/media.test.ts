import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createManualTime } from '../time.ts'
import { openEmulator, PHONE_ID, SHOP, TOKEN } from './emulator.fixture.ts'

let house: Awaited<ReturnType<typeof openEmulator>>
beforeAll(async () => {
  house = await openEmulator()
})
afterAll(() => house.close())

const code = (value: number) =>
  expect.objectContaining({ body: { error: expect.objectContaining({ code: value, fbtrace_id: expect.any(String) }) } })
const OK = expect.objectContaining({ status: 200 })

const form = (bytes: Buffer, type: string, more: Record<string, string> = { messaging_product: 'whatsapp' }) => {
  const data = new FormData()
  for (const [name, value] of Object.entries({ ...more, type })) data.set(name, value)
  data.set('file', new File([new Uint8Array(bytes)], 'büro.pdf', { type }))
  return data
}

describe('media', () => {
  it('goes up, is looked up, comes down by a signed address with the token, is sent and deleted', async () => {
    const bytes = Buffer.from(Uint8Array.from({ length: 70_000 }, (_, i) => i % 251))
    const { body: uploaded } = await house.call('POST', `v23.0/${PHONE_ID}/media`, form(bytes, 'application/pdf'))
    const { body: facts } = await house.call('GET', `v23.0/${uploaded.id}?phone_number_id=${PHONE_ID}`)
    expect(facts).toMatchObject({
      messaging_product: 'whatsapp',
      id: uploaded.id,
      mime_type: 'application/pdf',
      file_size: 70_000,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    const down = await fetch(facts.url, { headers: { authorization: 'Bearer EAAtoken' } })
    expect([down.status, down.headers.get('content-type'), Buffer.from(await down.arrayBuffer()).equals(bytes)]).toEqual([
      200,
      'application/pdf',
      true,
    ])
    expect((await fetch(facts.url)).status).toBe(401)
    expect((await fetch(facts.url.replace('hash=', 'hash=x'), { headers: { authorization: 'Bearer EAAtoken' } })).status).toBe(404)
    expect(await house.send({ type: 'document', document: { id: uploaded.id, filename: 'a.pdf' } })).toEqual(OK)
    expect(await house.call('DELETE', uploaded.id)).toMatchObject({ body: { success: true } })
    expect(await house.call('GET', uploaded.id)).toMatchObject({ status: 400, body: { error: { error_subcode: 33 } } })
  })

  it('refuses kinds, sizes and forms that Meta refuses', async () => {
    const upload = (data: unknown) => house.call('POST', `${PHONE_ID}/media`, data)
    expect(await upload(form(Buffer.alloc(10), 'image/tiff'))).toEqual(code(100))
    expect(await upload(form(Buffer.alloc(5 * 2 ** 20 + 1), 'image/png'))).toEqual(code(131053))
    expect(await upload(form(Buffer.alloc(0), 'image/png'))).toEqual(code(131053))
    expect(await upload(form(Buffer.alloc(10), 'image/png', {}))).toEqual(code(131008))
    expect(await upload({ no: 'form' })).toEqual(code(131008))
    expect(await upload(form(Buffer.alloc(10), 'audio/ogg; codecs=opus'))).toEqual(OK)
  })
})

describe('time', () => {
  it('ends an address after 5 minutes, an upload after 30 days, what a phone sent after 7', async () => {
    const time = createManualTime()
    const other = await openEmulator({ phones: { time } })
    const data = form(Buffer.from('abc'), 'image/png')
    const { id } = (await other.call('POST', `${PHONE_ID}/media`, data)).body
    const inbound = other.network.files.put({ bytes: Buffer.from('def'), mimeType: 'image/png', owner: SHOP }).id
    const get = (url: string) => fetch(url, { headers: { authorization: `Bearer ${TOKEN}` } }).then(({ status }) => status)
    const { url } = (await other.call('GET', id)).body
    time.advance(5 * 60_000 - 1)
    expect(await get(url)).toBe(200)
    time.advance(1)
    expect(await get(url)).toBe(404)
    expect(await get((await other.call('GET', id)).body.url)).toBe(200)
    time.advance(7 * 86_400_000)
    expect((await other.call('GET', inbound)).status).toBe(400)
    expect((await other.call('GET', id)).status).toBe(200)
    time.advance(23 * 86_400_000)
    expect((await other.call('GET', id)).status).toBe(400)
    await other.close()
  })
})
