import { describe, expect, test } from 'vitest'
import { getConversation, listConversations } from '#core/conversations'
import { deletedAtOf, listPins, type Message, wireIdOf } from '#core/messages'
import type { RoadGroup } from '#core/transport'
import { all, first, sql } from '#kit/db'
import { newId } from '#kit/ids'
import { webhooks } from '../src/dialects/blueticks-co/events.ts'
import { type InboundStage, inboundStages, wordsOf } from './inbound-stage.ts'

const stages = inboundStages()

const ANA = { phone: '+14155550150' }
const GROUP = '120363041234567891@g.us'
const stageOf = stages.open
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

  test('has its words changed and is taken back here like any that was sent, and is never cancelled', async () => {
    const stage = await stageOf()
    await stage.take({ messages: [stage.own(ANA, 'Done')] })
    const [message] = (await stage.ask<{ data: { id: string }[] }>('/v2/messages')).data
    const before = (await stage.events()).length
    expect(await stage.ask(`/v2/messages/${message?.id}`, 'DELETE')).toMatchObject({ status: 409 })
    const edit = () => stage.ask(`/v2/messages/${message?.id}`, 'PATCH', { text: 'Undone' })
    expect(await edit()).toMatchObject({ content: { text: 'Undone' }, editedAt: expect.any(String), deletedAt: null })
    expect(await edit()).toMatchObject({ content: { text: 'Undone' } })
    const revoked = await stage.ask<object>(`/v2/messages/${message?.id}/revoke`, 'POST')
    expect(revoked).toMatchObject({ content: { text: 'Undone' }, deletedAt: expect.any(String) })
    expect(await stage.ask(`/v2/messages/${message?.id}/revoke`, 'POST')).toEqual(revoked)
    expect(await stage.ask(`/v2/messages/${message?.id}`)).toEqual(revoked)
    expect(await stage.ask(`/v2/messages/${message?.id}`, 'PATCH', { text: 'Again' })).toMatchObject({ status: 409 })
    const events = await stage.events(before)
    const [first, edited, deleted] = await stage.messages()
    expect(
      events.map(({ type, facts, subjects }) => ({ type, facts, messageId: subjects.messageId, target: subjects.targetMessageId })),
    ).toEqual([
      { type: 'message.edited', facts: { fromMe: true }, messageId: edited?.id, target: first?.id },
      { type: 'message.deleted', facts: { fromMe: true }, messageId: deleted?.id, target: first?.id },
    ])
    const names = ['message_edited_webhook', 'message_deleted_revoked_webhook']
    const rendered = await webhooks({ publicUrl: 'http://x' }).render(stage.ctx.db, stage.workspaceId, events, {
      id: newId(),
      events: names,
    })
    const bodies = [...rendered.values()].flat().map(({ body }) => (JSON.parse(body) as { data: object }).data)
    expect(bodies).toMatchObject([{ fromMe: true, text: 'Undone', previousText: 'Done' }, { chatId: '14155550150@c.us' }])
    expect((await stage.ask<{ data: object[] }>('/v1/scheduled-messages')).data).toEqual([])
    const receipt = { wireId: edited?.wireId ?? '', state: 'delivered' as const, at: new Date() }
    await stage.take({ receipts: [receipt] })
    const acks = await webhooks({ publicUrl: 'http://x' }).render(stage.ctx.db, stage.workspaceId, await stage.events(before), undefined)
    expect(acks.size).toBe(3)
  })

  test('is changed for 15 minutes, and taken back for 60 hours', async () => {
    const stage = await stageOf()
    const ago = (minutes: number) => ({ at: new Date(stages.test.clock.now().getTime() - minutes * 60_000) })
    await stage.take({ messages: [14, 16, 59 * 60, 61 * 60].map((minutes) => stage.own(ANA, 'Done', ago(minutes))) })
    const { data } = await stage.ask<{ data: { id: string }[] }>('/v2/messages?order=asc')
    const statuses = async (ask: (id: string) => Promise<{ status?: unknown }>) =>
      Promise.all(data.map(async ({ id }) => (await ask(id)).status === 409))
    expect(await statuses((id) => stage.ask(`/v2/messages/${id}`, 'PATCH', { text: 'Undone' }))).toEqual([false, true, true, true])
    expect(await statuses((id) => stage.ask(`/v2/messages/${id}/revoke`, 'POST'))).toEqual([false, false, false, true])
  })

  test('its file is fetched like any that comes', async () => {
    const stage = await stageOf()
    const remoteMedia = { id: 'f1', mimeType: 'image/png' }
    await stage.take({ messages: [stage.own(ANA, '', { content: { type: 'image', remoteMedia, caption: 'Look' } })] })
    const [message] = await stage.messages()
    const fetch = await first(stages.test.database.db, sql`select 1 from outbox_tasks where subject = ${message?.id}`)
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
    expect(messages[1]).toMatchObject({ editedAt: expect.any(Date), facts: { deletedAt: expect.any(String) } })
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

test('what the owner does to a chat on the phone is done to the conversation, and told once', async () => {
  const stage = await stageOf()
  const [lid, other] = ['11223344@lid', { phone: '+14155550159' }]
  await stage.take({ messages: [stage.said({ ...ANA, lid }, 'Hi'), stage.own(undefined, 'All', { group: GROUP })] })
  const before = (await stage.events()).length
  const marks = { archived: true, pinned: true, markedUnread: true }
  const told = [
    { with: { person: { ...ANA, lid } }, marks },
    { with: { group: GROUP }, marks: { archived: true } },
    { with: { person: other }, marks },
  ]
  await stage.take({ chatMarks: told })
  await stage.take({ chatMarks: told })
  const marked = await stage.ask<{ data: { id: string }[] }>('/v2/conversations?archived=true&order=earliest')
  expect(marked.data).toMatchObject([
    { address: ANA.phone, archived: true, pinned: true, markedUnread: true },
    { address: GROUP, archived: true, pinned: false },
  ])
  await stage.take({ chatMarks: [{ with: { group: GROUP }, marks: { archived: false, pinned: false } }] })
  expect(await stage.events(before)).toMatchObject([
    { type: 'conversation.updated', facts: { ...marks, origin: 'phone' } },
    { type: 'conversation.updated', facts: { archived: true } },
    { type: 'conversation.updated', facts: { archived: false } },
  ])
})

describe('nobody claims what is not his', () => {
  const BEN = { phone: '+14155550151' }
  const claims = (wireId: string) => [
    { content: { type: 'edit' as const, wireId, content: { type: 'text', text: 'Never' } } },
    { content: { type: 'revoke' as const, wireId } },
  ]
  const deleted = (messages: Message[]) => messages.map((message) => deletedAtOf(message) !== undefined)

  test('to change or take back the words of the other side, or of another chat: kept, told to nobody', async () => {
    const stage = await stageOf()
    const [hers, ours, his] = [stage.said(ANA, 'hers'), stage.own(ANA, 'ours'), stage.said(BEN, 'his')]
    await stage.take({ messages: [hers, ours, his] })
    const before = (await stage.events()).length
    await stage.take({
      messages: [
        ...claims(ours.wireId).map((claim) => stage.said(ANA, '', claim)),
        ...claims(hers.wireId).map((claim) => stage.own(ANA, '', claim)),
        ...claims(his.wireId).map((claim) => stage.said(ANA, '', claim)),
        ...claims(hers.wireId).map((claim) => stage.said(BEN, '', claim)),
        ...claims(ours.wireId).map((claim) => stage.own(BEN, '', claim)),
      ],
    })
    expect(await stage.events(before)).toEqual([])
    const messages = await stage.messages()
    expect(messages).toHaveLength(13)
    expect(messages.slice(0, 3).map(wordsOf)).toEqual(['hers', 'ours', 'his'])
    expect(deleted(messages.slice(0, 3))).toEqual([false, false, false])
    const [edit, revoke] = claims(hers.wireId).map((claim) => stage.said(ANA, '', claim))
    await stage.take({ messages: [edit, revoke].flatMap((one) => one ?? []) })
    const told = await stage.events(before)
    expect(told.map(({ type }) => type)).toEqual(['message.edited', 'message.deleted'])
    expect(told[1]).toMatchObject({ facts: { fromMe: false }, subjects: { targetMessageId: messages[0]?.id } })
    expect(deleted((await stage.messages()).slice(0, 3))).toEqual([true, false, false])
    expect((await stage.ask<{ data: object[] }>('/v2/messages?order=asc')).data[0]).toMatchObject({
      content: { text: 'Never' },
      deletedAt: expect.any(String),
    })
  })

  test('in a group its admins take back what others wrote, and change nothing', async () => {
    const stage = await stageOf()
    const hers = stage.said(ANA, 'hers', { group: GROUP })
    const [bens, boss] = [{ phone: '+14155550151' }, { phone: '+14155550152', lid: '99887766@lid' }]
    const participants = [
      { address: ANA.phone, role: 'member' as const },
      { address: bens.phone, role: 'member' as const },
      { address: boss.lid, role: 'admin' as const },
      { address: stage.phone, role: 'member' as const },
    ]
    await stage.take({
      groupChanges: [{ group: GROUP, at: new Date(), deed: { kind: 'known', group: groupOf(participants) } }],
      messages: [hers],
    })
    const before = (await stage.events()).length
    const [edit, revoke] = claims(hers.wireId)
    await stage.take({
      messages: [
        stage.said(bens, '', { group: GROUP, ...revoke }),
        stage.own(undefined, '', { group: GROUP, ...revoke }),
        stage.said(boss, '', { group: GROUP, ...edit }),
      ],
    })
    expect((await stage.events(before)).filter(({ type }) => type.startsWith('message.'))).toEqual([])
    await stage.take({ messages: [stage.said(boss, '', { group: GROUP, ...revoke })] })
    expect((await stage.events(before)).at(-1)).toMatchObject({ type: 'message.deleted' })
    const [first] = await stage.messages()
    expect(first && [wordsOf(first), deletedAtOf(first) !== undefined]).toEqual(['hers', true])
  })
})

const groupOf = (participants: RoadGroup['participants']): RoadGroup => ({
  address: GROUP,
  name: 'Us',
  description: undefined,
  owner: undefined,
  onlyAdminsWrite: false,
  onlyAdminsEdit: false,
  foundedAt: undefined,
  participants,
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
    expect(await all(stages.test.database.db, sql`select 1 from outbox_sends where subject = ${sent.id}`)).toEqual([])
    expect((await stage.eventTypes()).filter((type) => type === 'message.sent')).toHaveLength(1)
    const other = await getConversation(stage.ctx, { conversationId: sent.conversationId })
    expect(other.unread).toBe(0)
  })
})
