import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../house.ts'
import { openNumberStage } from './number-stage.ts'

let stage: Awaited<ReturnType<typeof openNumberStage>>
beforeAll(async () => {
  stage = await openNumberStage()
}, 60_000)
afterAll(() => stage.close())

const TEXT = { type: 'text', text: 'Hello' }
const arrivalsAt = (number: string, phone: string) => stage.bubbles(number, phone).map(({ arrivals }) => arrivals)

describe.concurrent('when WhatsApp answers badly, or not at all', () => {
  test('a message that vanished is sent again under the same wire id, over a new connection: one bubble', async () => {
    const { id: channelId, number } = await stage.link()
    const { faults } = stage.server
    faults.blackHole(number, true)
    const phones = [stage.newNumber(), stage.newNumber()]
    const ids = await Promise.all(phones.map((phone) => stage.send(channelId, phone, TEXT)))
    for (const id of ids) await eventually(async () => Number((await stage.message(id)).attempt) > 1, 30_000)
    for (const phone of phones) expect(stage.bubbles(number, phone)).toEqual([])
    faults.blackHole(number, false)
    for (const id of ids) await stage.reaches(id, 'read')
    for (const phone of phones) expect(arrivalsAt(number, phone)).toEqual([1])
  }, 60_000)

  test('a message that arrived and is never acknowledged is known by its receipts: read, and one bubble', async () => {
    const { id: channelId, number } = await stage.link()
    const phone = stage.newNumber()
    stage.server.faults.holdAcks(number)
    const id = await stage.send(channelId, phone, TEXT)
    await stage.reaches(id, 'read')
    stage.server.faults.releaseAcks(number)
    await stage.reaches(await stage.send(channelId, stage.newNumber(), TEXT), 'read')
    expect((await stage.message(id)).state).toBe('read')
    expect(stage.bubbles(number, phone)).toHaveLength(1)
  }, 60_000)

  test('asked for again after a restart: the same with what it answers, and only to whom it was sent', async () => {
    const { id: channelId, number } = await stage.link()
    const [phone, stranger] = [stage.newNumber(), stage.newNumber()]
    const theirs = stage.network.reply(phone, number, { content: { type: 'text', text: 'How much?' } })
    const asked = await eventually(async () => (await inbox(phone))[0]?.id)
    const id = await stage.send(channelId, phone, TEXT, { replyTo: asked })
    await stage.reaches(id, 'read')
    const { wireId } = (await stage.message(id)) as { wireId: string }
    stage.server.faults.drop(number)
    await stage.until(channelId, 'degraded')
    await stage.until(channelId, 'open')
    stage.server.faults.askAgain(number, stranger, wireId)
    stage.server.faults.askAgain(number, phone, wireId)
    await eventually(async () => arrivalsAt(number, phone).includes(2))
    await eventually(async () => stage.server.unacknowledged(number) === 0)
    expect(stage.server.message(wireId)?.extendedTextMessage?.contextInfo?.stanzaId).toBe(theirs)
    expect(stage.bubbles(number, stranger)).toEqual([])
  }, 60_000)

  test('463: refused with the reason, not tried again; whoever wrote is answered', async () => {
    const { id: channelId, number } = await stage.link({ rate: 500, pacing: { jitterPercent: 0, hours: ALWAYS } })
    const [stranger, friend] = [stage.newNumber(), stage.newNumber()]
    stage.network.reply(friend, number, { content: { type: 'text', text: 'Hi' } })
    await eventually(async () => (await inbox(friend)).length === 1)
    stage.server.faults.refuseMessages(stranger, 463)
    const refused = await stage.send(channelId, stranger, TEXT)
    await stage.reaches(refused, 'failed')
    expect(await stage.message(refused)).toMatchObject({ failure: { code: 'reachout_locked' }, attempt: 1 })
    stage.server.faults.refuseMessages(stranger, undefined)
    await stage.reaches(await stage.send(channelId, friend, TEXT), 'read')
    const another = stage.newNumber()
    const waiting = await stage.send(channelId, another, TEXT)
    await stage.reaches(await stage.send(channelId, friend, TEXT), 'read') // came after it, and has left
    expect(await stage.message(waiting)).toMatchObject({ state: 'queued', attempt: 0 })
    expect(await stage.channel(channelId)).toMatchObject({ state: 'open', cold: { stopReason: expect.stringContaining('nobody new') } })
    expect(stage.bubbles(number, stranger)).toEqual([])
    expect(stage.bubbles(number, another)).toEqual([])
  }, 60_000)
})

const ALWAYS = { from: '00:00', to: '23:59', days: [1, 2, 3, 4, 5, 6, 7] }
const inbox = async (phone: string) =>
  (await stage.call<{ data: { id: string }[] }>('GET', `/v2/messages?address=${encodeURIComponent(phone)}&direction=in`)).body.data
