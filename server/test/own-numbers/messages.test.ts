import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../house.ts'
import { openNumberStage } from './number-stage.ts'

let stage: Awaited<ReturnType<typeof openNumberStage>>
let shop: { id: string; number: string }
beforeAll(async () => {
  stage = await openNumberStage()
  shop = await stage.link()
}, 60_000)
afterAll(() => stage.close())

type Page = { data: Record<string, unknown>[] }

describe('messages over an own number', () => {
  test('a text is sent, delivered and read; the answer arrives in the thread', async () => {
    const ann = stage.newNumber()
    const id = await stage.send(shop.id, ann, { type: 'text', text: 'Hello' })
    await stage.reaches(id, 'read')
    expect(stage.bubbles(shop.number, ann)).toMatchObject([{ content: { type: 'text', text: 'Hello' } }])
    stage.network.reply(ann, shop.number, { content: { type: 'text', text: 'Hi' } })
    const answer = await eventually(async () => {
      const { data } = (await stage.call<Page>('GET', `/v2/messages?address=${encodeURIComponent(ann)}&direction=in`)).body
      return data[0]
    })
    expect(answer).toMatchObject({ direction: 'in', content: { type: 'text', text: 'Hi' } })
  })

  test('a person is told once that they are trusted, not with every message', async () => {
    const ben = stage.newNumber()
    for (const text of ['One', 'Two']) await stage.reaches(await stage.send(shop.id, ben, { type: 'text', text }), 'read')
    expect(stage.server.timesTrusted(shop.number, ben)).toBe(1)
  })
})
