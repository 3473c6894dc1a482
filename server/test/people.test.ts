import { describe, expect, test } from 'vitest'
import { listContacts } from '#core/contacts'
import { listConversations } from '#core/conversations'
import { pinMessage } from '#core/messages'
import type { Sender } from '#core/transport'
import { all, first, run, sql } from '#kit/db'
import { mendJoined } from '../src/dispatch/sweep.store.ts'
import { type InboundStage, inboundStages, wordsOf } from './inbound-stage.ts'

const stages = inboundStages()

const PHONE = { phone: '+14155550150' }
const LID = { lid: '98765@lid' }
const BOTH = { ...PHONE, ...LID }
const GROUP = '120363041234567891@g.us'
const stageOf = stages.open
const contactsOf = async ({ ctx }: InboundStage) => (await listContacts(ctx, {})).rows
const threadsOf = async ({ ctx }: InboundStage) => (await listConversations(ctx, {})).rows
const kindsOf = ({ identities }: { identities: readonly { kind: string }[] }) => identities.map(({ kind }) => kind).sort()
const waiting = ({ workspaceId }: InboundStage) =>
  all(
    stages.test.database.db,
    sql<{
      subject: string
      conversation: string
    }>`select subject, conversation_id as conversation from outbox_sends where workspace_id = ${workspaceId} order by order_at, position`,
  )

/** One contact with both identities, one thread under the number, and in it these words in this order. */
async function isOne(stage: InboundStage, words: readonly string[]) {
  const contacts = await contactsOf(stage)
  expect(contacts.map(kindsOf)).toEqual([['lid', 'phone']])
  expect(contacts[0]).toMatchObject({ phone: PHONE.phone })
  const threads = await threadsOf(stage)
  expect(threads.map(({ address }) => address)).toEqual([PHONE.phone])
  const messages = await stage.messages()
  expect(messages.map(wordsOf)).toEqual(words)
  for (const message of messages) {
    expect(message).toMatchObject({ conversationId: threads[0]?.id, contactId: contacts[0]?.id, address: PHONE.phone })
  }
  return { contact: contacts[0], thread: threads[0], messages }
}

const ORDERS: [string, Sender[]][] = [
  ['the number first', [PHONE, LID, BOTH]],
  ['the id first', [LID, PHONE, BOTH]],
  ['both at once', [BOTH, LID, PHONE]],
  ['only the id before', [LID, BOTH]],
  ['only the number before', [PHONE, BOTH, LID]],
]

describe('a person with two identities', () => {
  test.each(ORDERS)('is one contact with one thread: %s', async (_, senders) => {
    const stage = await stageOf()
    for (const [i, from] of senders.entries()) await stage.take({ messages: [stage.said(from, `${i}`)] })
    const { thread } = await isOne(
      stage,
      senders.map((_, i) => `${i}`),
    )
    expect(thread).toMatchObject({ unread: senders.length })
  })

  test.each(ORDERS)('also when all of it comes at once: %s', async (_, senders) => {
    const stage = await stageOf()
    await stage.take({ messages: senders.map((from, i) => stage.said(from, `${i}`)) })
    await isOne(
      stage,
      senders.map((_, i) => `${i}`),
    )
  })

  test.each(ORDERS)('also of what the owner wrote to him: %s', async (_, people) => {
    const stage = await stageOf()
    for (const [i, to] of people.entries()) await stage.take({ messages: [stage.own(to, `${i}`)] })
    await isOne(
      stage,
      people.map((_, i) => `${i}`),
    )
  })

  test('the network says so without a message: nobody new is made, a name fills a gap only', async () => {
    const stage = await stageOf()
    await stage.take({ messages: [stage.said(PHONE, 'a'), stage.said({ ...LID, profileName: 'Ana' }, 'b')] })
    await stage.take({
      people: [
        { ...BOTH, profileName: 'Ana of the book' },
        { phone: '+14155550999', lid: '1@lid', profileName: 'Nobody' },
      ],
    })
    const { contact } = await isOne(stage, ['a', 'b'])
    expect(contact).toMatchObject({ profileName: 'Ana' })
    await stage.take({ people: [{ ...BOTH, profileName: 'Another' }] })
    expect(await contactsOf(stage)).toMatchObject([{ profileName: 'Ana' }])
  })

  test('a name is learnt where there is none, and an identity with it', async () => {
    const stage = await stageOf()
    await stage.take({ messages: [stage.said(PHONE, 'a')] })
    await stage.take({ people: [{ ...BOTH, profileName: 'Ana' }] })
    const { contact } = await isOne(stage, ['a'])
    expect(contact).toMatchObject({ profileName: 'Ana' })
  })

  test('what was written in groups goes along', async () => {
    const stage = await stageOf()
    await stage.take({ messages: [stage.said(PHONE, 'a'), stage.said(LID, 'in the group', { group: GROUP })] })
    await stage.take({ people: [BOTH] })
    const [contact] = await contactsOf(stage)
    const inGroup = (await stage.messages()).find(({ address }) => address === GROUP)
    expect(inGroup).toMatchObject({ contactId: contact?.id, facts: { sender: LID.lid } })
  })

  test('history brings them together too', async () => {
    const stage = await stageOf()
    await stage.take({ messages: [stage.said(LID, 'live')] })
    await stage.take({ history: [stage.chat(BOTH, [stage.said({}, 'old', { at: new Date(Date.now() - 86_400_000) })])] })
    await isOne(stage, ['old', 'live'])
  })
})

describe('what waits to be sent', () => {
  test.each([
    ['in the thread of the number', [PHONE.phone], [PHONE, LID]],
    ['in the thread of the id', [LID.lid], [PHONE, LID]],
    ['in both, by turns', [LID.lid, PHONE.phone, LID.lid, PHONE.phone], [PHONE, LID]],
    ['where the other had no thread', [LID.lid, LID.lid], []],
  ] as [string, string[], Sender[]][])('keeps its order and its place: %s', async (_, targets, heard) => {
    const stage = await stageOf()
    await stage.take({ messages: heard.map((from) => stage.said(from, 'hi')) })
    const sent: string[] = []
    for (const [i, to] of targets.entries()) sent.push((await stage.send(to, `${i}`)).id)
    const later = await stage.send(targets[0] ?? '', 'later', { sendAt: new Date(Date.now() + 3_600_000) })
    await stage.take({ messages: [stage.said(BOTH, 'it is me')] })
    const { thread } = await isOne(stage, [...heard.map(() => 'hi'), ...targets.map((_, i) => `${i}`), 'later', 'it is me'])
    expect(await waiting(stage)).toEqual([...sent, later.id].map((subject) => ({ subject, conversation: thread?.id })))
  })

  test('and nothing of what is accepted in that very moment is lost', async () => {
    const stage = await stageOf()
    await stage.take({ messages: [stage.said(PHONE, 'a'), stage.said(LID, 'b')] })
    const sends = Array.from({ length: 40 }, (_, i) => stage.send(i % 2 ? LID.lid : PHONE.phone, `${i}`))
    await Promise.all([...sends, stage.take({ messages: [stage.said(BOTH, 'c')] })])
    await mendJoined(stages.test.database.db)
    const [thread, ...more] = await threadsOf(stage)
    expect(more).toEqual([])
    const messages = await stage.messages()
    expect(messages).toHaveLength(43)
    expect(new Set(messages.map(({ conversationId }) => conversationId))).toEqual(new Set([thread?.id]))
    const [contact] = await contactsOf(stage)
    expect(new Set(messages.map(({ contactId }) => contactId))).toEqual(new Set([contact?.id]))
    const rows = await waiting(stage)
    expect(rows).toHaveLength(40)
    expect(new Set(rows.map(({ conversation }) => conversation))).toEqual(new Set([thread?.id]))
  })

  test('and what was resolved a moment before goes where the thread went', async () => {
    const stage = await stageOf()
    await stage.take({ messages: [stage.said(PHONE, 'a'), stage.said(LID, 'b')] })
    const former = (await threadsOf(stage)).find(({ address }) => address === LID.lid)
    const { id } = await stage.send(LID.lid, 'late')
    await stage.take({ messages: [stage.said(BOTH, 'c')] })
    const db = stages.test.database.db
    await run(db, sql`update messages set conversation_id = ${former?.id} where workspace_id = ${stage.workspaceId} and id = ${id}`)
    await run(db, sql`update outbox_sends set conversation_id = ${former?.id} where subject = ${id}`)
    await mendJoined(db)
    const [thread] = await threadsOf(stage)
    expect(await stage.message(id)).toMatchObject({ conversationId: thread?.id })
    expect(await waiting(stage)).toEqual([{ subject: id, conversation: thread?.id }])
  })
})

describe('the thread that is kept', () => {
  test('takes over what the other knew, and readers hear of it', async () => {
    const stage = await stageOf()
    await stage.take({ messages: [stage.said(PHONE, 'a'), stage.said(LID, 'b'), stage.said(LID, 'c')] })
    const former = (await threadsOf(stage)).find(({ address }) => address === LID.lid)
    const last = (await stage.messages()).at(-1)
    await pinMessage(stage.ctx, { messageId: last?.id ?? '' })
    const before = (await stage.events()).at(-1)?.seq
    await stage.take({ people: [BOTH] })
    const { thread } = await isOne(stage, ['a', 'b', 'c'])
    expect(thread).toMatchObject({ unread: 3 })
    const pin = await first(
      stages.test.database.db,
      sql<{ conversation_id: string }>`select conversation_id from message_pins where message_id = ${last?.id}`,
    )
    expect(pin).toEqual({ conversation_id: thread?.id })
    expect(await stage.events(before)).toMatchObject([
      { type: 'conversation.updated', subjects: { conversationId: thread?.id, formerConversationId: former?.id } },
    ])
    await stage.take({ people: [BOTH], messages: [stage.said(BOTH, 'd')] })
    expect((await stage.events(before)).map(({ type }) => type)).toEqual(['conversation.updated', 'message.received'])
  })
})

describe('somebody known by an id only', () => {
  test('can be written to, and is shown by it', async () => {
    const stage = await stageOf()
    await stage.take({ messages: [stage.said({ ...LID, profileName: 'Ana' }, 'hello')] })
    const sent = await stage.send(LID.lid, 'hello Ana')
    const [thread] = await threadsOf(stage)
    expect(sent).toMatchObject({ address: LID.lid, conversationId: thread?.id })
    const chats = await stage.ask<{ data: object[] }>('/v1/chats')
    expect(chats.data).toMatchObject([{ chatId: LID.lid, name: 'Ana', chatType: 'contact' }])
    const { data } = await stage.ask<{ data: object[] }>('/v1/messages')
    expect(data).toMatchObject([{ from: LID.lid, fromMe: false }])
  })

  test('once the number is known, a message to the id goes into that thread', async () => {
    const stage = await stageOf()
    await stage.take({ messages: [stage.said(BOTH, 'hello')] })
    const sent = await stage.send(LID.lid, 'hello Ana')
    const threads = await threadsOf(stage)
    expect(threads.map(({ id }) => id)).toEqual([sent.conversationId])
  })
})
