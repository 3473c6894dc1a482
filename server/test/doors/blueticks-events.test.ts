import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { optOutWords } from '#core/contacts'
import type { InboundContent } from '#core/content'
import { getConversation } from '#core/conversations'
import { type Event, type EventType, readEvents } from '#core/events'
import { findByWireIds, getMessage, listPins, pinMessage, receiveMessages, sendMessage } from '#core/messages'
import { sql } from '#kit/db'
import { newId } from '#kit/ids'
import { blueticksCo } from '../../src/dialects/blueticks-co/index.ts'
import { type TestDatabase, testDatabase } from '../database.ts'
import { type Doors, openDoors, type Tenant } from './doors.ts'

let database: TestDatabase
let doors: Doors
let tenant: Tenant
beforeAll(async () => {
  database = await testDatabase()
  doors = await openDoors(database, { logLevel: 'silent' })
  tenant = await doors.tenant()
})
afterAll(async () => {
  await doors.close()
  await database.close()
})

const style = blueticksCo.webhooks({ publicUrl: 'https://chasqui.example' })
type Envelope = { id: string; type: string; created_at: string; data: Record<string, unknown> }

/** What an endpoint with these names is told of an event; undefined: what a callback is told. */
async function told(event: Event, names: readonly string[] | undefined): Promise<Envelope[]> {
  const endpoint = names && { id: newId(), events: names }
  const bodies = (await style.render(tenant.ctx.db, tenant.workspace.id, [event], endpoint)).get(event.seq) ?? []
  return bodies.map(({ eventId, type, body }) => {
    const envelope = JSON.parse(body) as Envelope // envelope() wrote it
    expect({ id: envelope.id, type: envelope.type }).toEqual({ id: eventId, type })
    return envelope
  })
}
const typesOf = async (event: Event, names: readonly string[] | undefined) => (await told(event, names)).map(({ type }) => type)

let seq = 1000
const eventOf = (type: EventType, subjects: Record<string, string>, facts: Record<string, unknown> = {}): Event => ({
  id: newId(),
  workspaceId: tenant.workspace.id,
  seq: seq++,
  type,
  subjects,
  facts,
  at: new Date(),
})

async function delivered(): Promise<string> {
  const { message } = await sendMessage(tenant.ctx, { to: '+14155550123', content: { type: 'text', text: 'there' } })
  await sql`update messages set state = 'delivered', wire_id = ${`3EB0${message.id}`}, sent_at = now(), delivered_at = now()
    where workspace_id = ${tenant.workspace.id} and id = ${message.id}`.execute(tenant.ctx.db)
  return message.id
}

describe('one event under several names', () => {
  const BOTH = ['message.delivered', 'message.read', 'message.failed', 'ack_changed_webhook']

  test.each(['message.delivered', 'message.read', 'message.failed'] as const)('%s is a moment and a receipt', async (type) => {
    const messageId = await delivered()
    const event = eventOf(type, { messageId })
    const [moment, receipt, ...more] = await told(event, BOTH)
    expect([moment?.type, receipt?.type, more]).toEqual([type, 'ack_changed_webhook', []])
    expect(moment?.data).toMatchObject({ status: type.slice('message.'.length), text: 'there' })
    expect(receipt?.data).toMatchObject({ chat_id: '14155550123@c.us', previous_ack: expect.any(Number) })
  })

  test('each body has an id of its own, the same at every rendering and for whoever asks for fewer', async () => {
    const event = eventOf('message.delivered', { messageId: await delivered() })
    const ids = (await told(event, BOTH)).map(({ id }) => id)
    expect(new Set(ids).size).toBe(2)
    for (const id of ids) expect(id).toMatch(/^evt_[0-9a-z]{26}$/)
    expect((await told(event, BOTH)).map(({ id }) => id)).toEqual(ids)
    expect((await told(event, ['message.delivered'])).map(({ id }) => id)).toEqual(ids.slice(0, 1))
    expect((await told(event, ['ack_changed_webhook'])).map(({ id }) => id)).toEqual(ids.slice(1))
    const another = await told(eventOf('message.delivered', { messageId: await delivered() }), BOTH)
    expect(another.map(({ id }) => id).filter((id) => ids.includes(id))).toEqual([])
  })

  test('a message for later is queued and sending at its start; one for now was queued when it was accepted', async () => {
    const messageId = await delivered()
    const names = ['message.queued', 'message.sending']
    const later = { sendAt: new Date().toISOString(), attempt: 1 }
    expect(await typesOf(eventOf('message.accepted', { messageId }, later), names)).toEqual([])
    expect(await typesOf(eventOf('message.sending', { messageId }, later), names)).toEqual(['message.queued', 'message.sending'])
    expect(await typesOf(eventOf('message.sending', { messageId }, { ...later, attempt: 2, again: true }), names)).toEqual([])
    expect(await typesOf(eventOf('message.accepted', { messageId }), names)).toEqual(['message.queued'])
    expect(await typesOf(eventOf('message.sending', { messageId }, { attempt: 1 }), names)).toEqual(['message.sending'])
  })

  test('a pin in a group is told with who did it, ours as well, and is there until it is taken down', async () => {
    const { ctx, own, workspace } = tenant
    const group = '120363041234567890@g.us'
    const parts = {
      database: database.database,
      events: ctx.ports.events,
      touches: ctx.ports.touches,
      optOuts: { words: optOutWords(), afterMarketingOnly: true, queueId: 0, now: new Date() },
    }
    const write = async (wireId: string, content: InboundContent) => {
      const message = { wireId, from: { phone: '+14155550124' }, at: new Date(), content, group }
      await receiveMessages(parts, { workspaceId: workspace.id, id: own.id }, [message])
    }
    const lastOf = async (type: EventType) => {
      const events = (await readEvents(ctx.db, workspace.id, 0, 200)).filter((event) => event.type === type)
      return (await told(events.at(-1) as Event, ['group_message_pinned_webhook']))[0]?.data // it was just raised
    }
    await write('GROUP1', { type: 'text', text: 'Friday at eight' })
    const [message] = await findByWireIds(ctx, { wireIds: ['GROUP1'] })
    const pins = () => listPins(ctx, { conversationId: message?.conversationId ?? '' })
    const key = `false_${group}_GROUP1_14155550124@c.us`
    await write('PIN1', { type: 'pin', wireId: 'GROUP1', pinned: true, seconds: 60 })
    expect(await lastOf('message.pinned')).toMatchObject({ groupId: group, group_id: group, key, pinned: true, by: '14155550124@c.us' })
    expect(await pins()).toMatchObject([{ message: { id: message?.id } }])
    await write('PIN2', { type: 'pin', wireId: 'GROUP1', pinned: false })
    expect(await lastOf('message.unpinned')).toMatchObject({ key, pinned: false })
    expect(await pins()).toEqual([])
    await write('PIN3', { type: 'pin', wireId: 'NOBODY KNOWS', pinned: true })
    expect(await lastOf('message.pinned')).toMatchObject({ groupId: group, key: expect.stringContaining('NOBODY KNOWS') })
    await pinMessage(ctx, { messageId: message?.id ?? '' })
    expect(await lastOf('message.pinned')).toMatchObject({ key, pinned: true, by: `${own.phone.slice(1)}@c.us` })
    expect(await getConversation(ctx, { conversationId: message?.conversationId ?? '' })).toMatchObject({ unread: 1, contactId: undefined })
  })

  test('a chat has three pins: a fourth takes the place of the oldest', async () => {
    const ids = [await delivered(), await delivered(), await delivered(), await delivered()]
    for (const messageId of ids) await pinMessage(tenant.ctx, { messageId })
    const { conversationId } = await getMessage(tenant.ctx, { messageId: ids[0] ?? '' })
    expect((await listPins(tenant.ctx, { conversationId })).map(({ message }) => message.id)).toEqual(ids.slice(1).toReversed())
    expect(await told(eventOf('message.pinned', { messageId: ids[0] ?? '' }), ['group_message_pinned_webhook'])).toEqual([])
    const { message } = await sendMessage(tenant.ctx, { to: '+14155550123', content: { type: 'text', text: 'waits' } })
    await expect(pinMessage(tenant.ctx, { messageId: message.id })).rejects.toMatchObject({ code: 'conflict' })
    await expect(pinMessage(tenant.ctx, { messageId: newId() })).rejects.toMatchObject({ code: 'not_found' })
  })

  test('what was erased is told under no name', async () => {
    expect(await told(eventOf('message.delivered', { messageId: newId() }), BOTH)).toEqual([])
  })
})
