import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { getConversation, listConversations } from '#core/conversations'
import { listPins, wireIdOf } from '#core/messages'
import { all, first, sql } from '#kit/db'
import { newId } from '#kit/ids'
import { webhooks } from '../src/dialects/blueticks-co/events.ts'
import { type TestDatabase, testDatabase } from './database.ts'
import { type Doors, openDoors } from './doors/doors.ts'
import { type InboundStage, openInboundStage, wordsOf } from './inbound-stage.ts'

let database: TestDatabase
let doors: Doors
beforeAll(async () => {
  database = await testDatabase()
  doors = await openDoors(database, { logLevel: 'silent' })
})
afterAll(async () => {
  await doors?.close()
  await database?.close()
})

const ANA = { phone: '+14155550150' }
const GROUP = '120363041234567891@g.us'
const stageOf = (): Promise<InboundStage> => openInboundStage(doors, database)
const onlyConversation = async ({ ctx }: InboundStage) => {
  const { rows } = await listConversations(ctx, {})
  expect(rows).toHaveLength(1)
  const [conversation] = rows
  if (!conversation) throw new Error('there is none')
  return conversation
}

describe('a message written on the phone', () => {
  test('stands in the thread as sent, once, and is nothing to read', async () => {
    const stage = await stageOf()
    const at = new Date(Date.now() - 60_000)
    const message = stage.own(ANA, 'On my way', { at })
    await stage.take({ messages: [message] })
    await stage.take({ messages: [message, message] })
    expect(await stage.messages()).toMatchObject([
      {
        direction: 'out',
        state: 'sent',
        origin: 'phone',
        address: ANA.phone,
        content: { text: 'On my way' },
        sentAt: at,
        wireId: message.wireId,
      },
    ])
    const conversation = await onlyConversation(stage)
    expect(conversation).toMatchObject({ unread: 0, lastInboundAt: undefined, address: ANA.phone })
    expect(conversation.lastMessageAt.getTime()).toBeGreaterThanOrEqual(at.getTime())
    expect((await stage.eventTypes()).filter((type) => !type.startsWith('channel.'))).toEqual([
      'contact.created',
      'conversation.opened',
      'message.sent',
    ])
    expect((await stage.events()).at(-1)).toMatchObject({ facts: { origin: 'phone' }, subjects: { conversationId: conversation.id } })
  })

  test('climbs by its receipts, also by those that came first', async () => {
    const stage = await stageOf()
    const message = stage.own(ANA, 'Are you there?')
    const receipt = (state: 'delivered' | 'read') => ({ wireId: message.wireId, state, at: new Date() })
    await stage.take({ receipts: [receipt('delivered')] })
    await stage.take({ messages: [message] })
    await stage.ctx.ports.settler.matchStrays()
    expect(await stage.messages()).toMatchObject([{ state: 'delivered' }])
    await stage.take({ receipts: [receipt('read')] })
    expect(await stage.messages()).toMatchObject([{ state: 'read', readAt: expect.any(Date) }])
    expect((await stage.eventTypes()).slice(-3)).toEqual(['message.sent', 'message.delivered', 'message.read'])
  })

  test('is shown from us at both doors, with its author nobody else', async () => {
    const stage = await stageOf()
    await stage.take({ messages: [stage.own(undefined, 'Hello all', { group: GROUP }), stage.own(ANA, 'Hello Ana')] })
    const { data } = await stage.ask<{ data: object[] }>('/v2/messages')
    expect(data).toMatchObject([
      { direction: 'out', state: 'sent', address: ANA.phone },
      { direction: 'out', state: 'sent', address: GROUP, contactId: null, author: null },
    ])
    const blueticks = await stage.ask<{ data: object[] }>('/v1/messages')
    expect(blueticks.data).toMatchObject([
      { fromMe: true, ack: 1, text: 'Hello Ana', chatId: '14155550150@c.us' },
      { fromMe: true, ack: 1, text: 'Hello all', chatId: GROUP, author: null },
    ])
    expect((await stage.ask<{ data: object[] }>('/v1/scheduled-messages')).data).toEqual([])
  })

  test('cannot be changed or taken back here', async () => {
    const stage = await stageOf()
    await stage.take({ messages: [stage.own(ANA, 'Done')] })
    const [message] = (await stage.ask<{ data: { id: string }[] }>('/v2/messages')).data
    expect(await stage.ask(`/v2/messages/${message?.id}`, 'PATCH', { text: 'Undone' })).toMatchObject({ status: 409 })
    expect(await stage.ask(`/v2/messages/${message?.id}`, 'DELETE')).toMatchObject({ status: 409 })
  })

  test('its file is fetched like any that comes', async () => {
    const stage = await stageOf()
    const remoteMedia = { id: 'f1', mimeType: 'image/png' }
    await stage.take({ messages: [stage.own(ANA, '', { content: { type: 'image', remoteMedia, caption: 'Look' } })] })
    const [message] = await stage.messages()
    const fetch = await first(database.database.db, sql`select 1 from outbox_tasks where subject = ${message?.id}`)
    expect(fetch).toBeDefined()
    expect(await stage.ask<{ data: object[] }>('/v2/messages')).toMatchObject({
      data: [{ content: { media: { id: null, mimeType: 'image/png' } } }],
    })
  })

  test('no word of it is an opt-out, and it makes nobody known', async () => {
    const stage = await stageOf()
    await stage.take({ messages: [stage.own(ANA, 'STOP'), stage.own(ANA, 'stop')] })
    expect(await stage.eventTypes()).not.toContain('contact.opted_out')
    expect((await onlyConversation(stage)).lastInboundAt).toBeUndefined()
  })
})

describe('what the owner does on the phone to what is there', () => {
  test('a reaction, an edit, a pin, a revoke and a vote take effect and are told', async () => {
    const stage = await stageOf()
    const [theirs, ours] = [stage.said(ANA, 'Friday?'), stage.own(ANA, 'Saterday')]
    await stage.take({ messages: [theirs, ours] })
    const before = (await stage.events()).length
    await stage.take({
      messages: [
        stage.own(ANA, '', { content: { type: 'reaction', wireId: theirs.wireId, emoji: '👍' } }),
        stage.own(ANA, '', { content: { type: 'edit', wireId: ours.wireId, content: { type: 'text', text: 'Saturday' } } }),
        stage.own(ANA, '', { content: { type: 'pin', wireId: theirs.wireId, pinned: true } }),
        stage.own(ANA, '', { content: { type: 'poll_vote', wireId: theirs.wireId, options: ['yes'] } }),
        stage.own(ANA, '', { content: { type: 'revoke', wireId: ours.wireId } }),
      ],
    })
    const messages = await stage.messages()
    expect(messages[1] && wordsOf(messages[1])).toBe('Saturday')
    expect(messages[1]).toMatchObject({ editedAt: expect.any(Date) })
    const conversation = await onlyConversation(stage)
    expect(conversation.unread).toBe(1)
    expect(await listPins(stage.ctx, { conversationId: conversation.id })).toMatchObject([{ message: { id: messages[0]?.id } }])
    const events = await stage.events(before)
    expect(events.map(({ type }) => type)).toEqual([
      'message.reacted',
      'message.edited',
      'message.pinned',
      'message.poll_voted',
      'message.deleted',
    ])
    expect(events[0]).toMatchObject({ facts: { origin: 'phone' }, subjects: { targetMessageId: messages[0]?.id } })

    const names = ['message_reaction_webhook', 'message_edited_webhook', 'message_deleted_revoked_webhook', 'poll_vote_webhook']
    const rendered = await webhooks({ publicUrl: 'http://x' }).render(stage.ctx.db, stage.workspaceId, events, {
      id: newId(),
      events: names,
    })
    const bodies = [...rendered.values()].flat().map(({ type, body }) => ({ type, ...(JSON.parse(body) as { data: object }) }))
    expect(bodies.map(({ type }) => type)).toEqual([
      'message_reaction_webhook',
      'message_edited_webhook',
      'poll_vote_webhook',
      'message_deleted_revoked_webhook',
    ])
    expect(bodies[0]?.data).toMatchObject({ emoji: '👍', chatId: '14155550150@c.us', from: `${stage.phone.slice(1)}@c.us` })
    expect(bodies[1]?.data).toMatchObject({ fromMe: true, text: 'Saturday', previousText: 'Saterday' })
  })

  test('nobody edits the words of the other side', async () => {
    const stage = await stageOf()
    const [theirs, ours] = [stage.said(ANA, 'mine'), stage.own(ANA, 'yours')]
    const text = { type: 'text', text: 'changed' }
    await stage.take({ messages: [theirs, ours] })
    await stage.take({
      messages: [
        stage.own(ANA, '', { content: { type: 'edit', wireId: theirs.wireId, content: text } }),
        stage.said(ANA, '', { content: { type: 'edit', wireId: ours.wireId, content: text } }),
      ],
    })
    expect((await stage.messages()).slice(0, 2).map(wordsOf)).toEqual(['mine', 'yours'])
  })
})

test('nobody in a group edits the words of somebody else', async () => {
  const stage = await stageOf()
  const hers = stage.said(ANA, 'Friday', { group: GROUP })
  await stage.take({ messages: [hers] })
  const edit = (text: string) => ({
    group: GROUP,
    content: { type: 'edit' as const, wireId: hers.wireId, content: { type: 'text', text } },
  })
  await stage.take({ messages: [stage.said({ phone: '+14155550151' }, '', edit('Never'))] })
  expect((await stage.messages()).slice(0, 1).map(wordsOf)).toEqual(['Friday'])
  await stage.take({ messages: [stage.said(ANA, '', edit('Saturday'))] })
  expect((await stage.messages()).slice(0, 1).map(wordsOf)).toEqual(['Saturday'])
})

describe('an echo of what we sent', () => {
  test('adds nothing, whether it comes before or after the answer to the send', async () => {
    const stage = await stageOf()
    const sent = await stage.send(ANA.phone, 'From the API')
    const wireId = wireIdOf(sent.id)
    await stage.take({ messages: [stage.own(ANA, 'From the API', { wireId })] })
    expect(await stage.messages()).toMatchObject([{ id: sent.id, state: 'sent', origin: 'api', wireId }])
    await stage.take({ messages: [stage.own(ANA, 'From the API', { wireId })] })
    expect(await stage.messages()).toHaveLength(1)
    expect(await all(database.database.db, sql`select 1 from outbox_sends where subject = ${sent.id}`)).toEqual([])
    expect((await stage.eventTypes()).filter((type) => type === 'message.sent')).toHaveLength(1)
    const other = await getConversation(stage.ctx, { conversationId: sent.conversationId })
    expect(other.unread).toBe(0)
  })
})
