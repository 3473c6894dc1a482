import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../house.ts'
import { openNumberStage } from './number-stage.ts'

let stage: Awaited<ReturnType<typeof openNumberStage>>
beforeAll(async () => {
  stage = await openNumberStage()
}, 60_000)
afterAll(() => stage.close())

type Shown = Record<string, unknown> & { id: string }
type Page = { data: Shown[] }
type Asked = { pairingCode: { code: string; until: string | null } | null }

const messagesWith = async (address: string) =>
  (await stage.call<Page>('GET', `/v2/messages?address=${encodeURIComponent(address)}&order=asc`)).body.data

describe('a number, linked', () => {
  test('by letters that are typed on the phone', async () => {
    const number = stage.newNumber()
    const { body } = await stage.call<Shown>('POST', '/v2/channels', { body: { kind: 'web', name: 'By letters' } })
    const asked = await stage.call<Asked>('POST', `/v2/channels/${body.id}/pairing-code`, { body: { phone: number } })
    const { code, until } = asked.body.pairingCode ?? { code: '', until: null }
    expect({ status: asked.status, until }).toEqual({ status: 200, until: expect.any(String) })
    await stage.server.enterCode(number, code.replace('-', ''))
    await stage.until(body.id, 'open')
    expect(await stage.channel(body.id)).toMatchObject({ phone: number, state: 'open' })
  })

  test('brings the chats of before along, told to nobody as new', async () => {
    const [ann, number] = [stage.newNumber(), stage.newNumber()]
    stage.network.business(number, { enforceWindow: false, pairLimit: false })
    stage.network.reply(ann, number, { content: { type: 'text', text: 'From before' } })
    const { id } = await stage.link(undefined, number)
    const [told] = await eventually(async () => {
      const messages = await messagesWith(ann)
      return messages.length > 0 && messages
    })
    expect(told).toMatchObject({ direction: 'in', channelId: id, content: { text: 'From before' } })
    const events = (await stage.call<Page>('GET', '/v2/events?limit=200')).body.data.filter(({ type }) => type === 'message.received')
    expect(events).toEqual([])
  })

  test('has one contact and one thread for who writes under a LID and a number', async () => {
    const { id, number } = await stage.link()
    const ann = stage.newNumber()
    await stage.reaches(await stage.send(id, ann, { type: 'text', text: 'Hello' }), 'delivered')
    stage.server.faults.address(ann, 'lid')
    stage.network.reply(ann, number, { content: { type: 'text', text: 'From my LID' } })
    const messages = await eventually(async () => {
      const found = await messagesWith(ann)
      return found.length === 2 && found
    })
    expect(new Set(messages.map(({ conversationId }) => conversationId)).size).toBe(1)
    expect(new Set(messages.map(({ contactId }) => contactId)).size).toBe(1)
  })
})
