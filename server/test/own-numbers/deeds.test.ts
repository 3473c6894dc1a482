import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openNumberStage } from './number-stage.ts'

let stage: Awaited<ReturnType<typeof openNumberStage>>
let shop: { id: string; number: string }
beforeAll(async () => {
  stage = await openNumberStage()
  shop = await stage.link()
})
afterAll(() => stage?.close())

const bubble = (ann: string, wireId: unknown) => stage.bubbles(shop.number, ann).find((one) => one.wireId === wireId)
const sent = async (ann: string, content: Record<string, unknown>) => {
  const id = await stage.send(shop.id, ann, content)
  await stage.reaches(id, 'delivered')
  return { id, wireId: (await stage.message(id)).wireId }
}
const edit = (id: string, body: object) => stage.call('PATCH', `/v2/messages/${id}`, { body })
const revoke = (id: string) => stage.call('POST', `/v2/messages/${id}/revoke`)

test('a conversation that is archived is archived on the phone', async () => {
  const ann = stage.newNumber()
  const { id } = await sent(ann, { type: 'text', text: 'Hi' })
  const { conversationId } = await stage.message(id)
  const setting = () => stage.server.settings(shop.number)[`["archive","${ann.slice(1)}@s.whatsapp.net"]`]?.archiveChatAction?.archived
  for (const archived of [true, false]) {
    await stage.call('PATCH', `/v2/conversations/${conversationId}`, { body: { archived } })
    await expect.poll(setting, { timeout: 10_000 }).toBe(archived)
  }
})

describe('a message that has left', () => {
  test('says other words, to the person as well', async () => {
    const ann = stage.newNumber()
    const { id, wireId } = await sent(ann, { type: 'text', text: 'At nine' })
    expect((await edit(id, { text: 'At ten' })).body).toMatchObject({ content: { text: 'At ten' }, editedAt: expect.any(String) })
    expect(bubble(ann, wireId)?.content).toMatchObject({ type: 'text', text: 'At ten' })
    expect(await stage.message(id)).toMatchObject({ content: { text: 'At ten' } })
    const deed = stage.bubbles(shop.number, ann).at(-1)
    const { data } = (await stage.call<{ data: object[] }>('GET', '/v2/messages?direction=out&limit=1')).body
    expect(data).toMatchObject([{ wireId: deed?.wireId, content: { type: 'edit', previousText: 'At nine' } }])
  })

  test('has another caption', async () => {
    const ann = stage.newNumber()
    const base64 = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
    const { id, wireId } = await sent(ann, { type: 'image', caption: 'A dot', media: { base64 } })
    expect((await edit(id, { text: 'The dot' })).body).toMatchObject({ content: { type: 'image', caption: 'The dot' } })
    expect(bubble(ann, wireId)?.content).toMatchObject({ type: 'image', caption: 'The dot' })
  })

  test('is taken back, once', async () => {
    const ann = stage.newNumber()
    const { id, wireId } = await sent(ann, { type: 'text', text: 'Oops' })
    const answer = await revoke(id)
    expect(answer.body).toMatchObject({ deletedAt: expect.any(String), content: { text: 'Oops' } })
    expect(bubble(ann, wireId)?.content).toEqual({ type: 'revoke', wireId })
    expect((await revoke(id)).body).toEqual(answer.body)
    expect(stage.bubbles(shop.number, ann)).toHaveLength(2)
  })

  test('is what it is when the network refuses', async () => {
    const ann = stage.newNumber()
    const { id } = await sent(ann, { type: 'text', text: 'Hi' })
    stage.server.faults.refuseMessages(ann, 403)
    expect(await edit(id, { text: 'Ho' })).toMatchObject({ status: 409, body: { detail: 'This number may not write there' } })
    stage.server.faults.refuseMessages(ann, 503)
    expect(await revoke(id)).toMatchObject({ status: 503, body: { code: 'unavailable' } })
    expect(await stage.message(id)).toMatchObject({ content: { text: 'Hi' }, editedAt: null, deletedAt: null })
  })

  test('keeps what cannot be changed', async () => {
    const ann = stage.newNumber()
    const { id } = await sent(ann, { type: 'location', latitude: 1, longitude: 2 })
    expect(await edit(id, { text: 'Here' })).toMatchObject({ status: 409 })
    expect(await edit(id, { tag: 'x' })).toMatchObject({ status: 409 })
    expect(await edit(id, { content: { type: 'location', latitude: 3, longitude: 4 } })).toMatchObject({ status: 422 })
  })

  test('what somebody wrote is not ours to take back', async () => {
    const ann = stage.newNumber()
    const { id } = await sent(ann, { type: 'text', text: 'Hi' })
    const { conversationId } = await stage.message(id)
    stage.network.reply(ann, shop.number, { content: { type: 'text', text: 'Ho' } })
    const inbound = async () =>
      (await stage.call<{ data: { id: string }[] }>('GET', `/v2/messages?direction=in&conversationId=${conversationId}`)).body.data[0]
    await expect.poll(inbound, { timeout: 10_000 }).toBeDefined()
    const hers = await inbound()
    expect(await revoke(hers?.id ?? '')).toMatchObject({ status: 409 })
  })
})
