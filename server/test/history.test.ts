import { describe, expect, test } from 'vitest'
import { getConversation, listConversations } from '#core/conversations'
import { getMessage } from '#core/messages'
import type { HistoryChat } from '#core/transport'
import { all, first, run, sql } from '#kit/db'
import { type InboundStage, inboundStages, wordsOf } from './inbound-stage.ts'

const stages = inboundStages()

const ANA = { phone: '+14155550150' }
const BO = { phone: '+14155550151', lid: '7001@lid', profileName: 'Bo' }
const GROUP = '120363041234567891@g.us'
const DAY = 86_400_000
const stageOf = stages.open
const ago = (days: number, ms = 0) => new Date(Math.floor(Date.now() / 1000) * 1000 - days * DAY + ms)
const chatsOf = async ({ ctx }: InboundStage) => (await listConversations(ctx, { limit: 200 })).rows

/** Three chats: years old, of this week, and a group. */
function someHistory(stage: InboundStage): HistoryChat[] {
  return [
    stage.chat(
      ANA,
      [
        stage.said(ANA, 'first', { at: ago(900) }),
        stage.own(ANA, 'second', { at: ago(900) }),
        stage.said(ANA, 'STOP', { at: ago(3) }),
        { ...stage.own(ANA, 'read by her', { at: ago(2) }), state: 'read' },
      ],
      { unread: 2, archived: true },
    ),
    stage.chat(BO, [stage.own(BO, 'hello Bo', { at: ago(400) })]),
    { with: { group: GROUP }, unread: 1, archived: false, messages: [stage.said(ANA, 'in the group', { at: ago(1) })] },
  ]
}

describe('the history of a newly linked number', () => {
  test('becomes conversations with their messages, at their own times and in their order', async () => {
    const stage = await stageOf()
    const history = someHistory(stage)
    await stage.take({ history })
    const messages = await stage.messages()
    expect(messages.map(wordsOf)).toEqual(['first', 'second', 'hello Bo', 'STOP', 'read by her', 'in the group'])
    expect(messages.map(({ direction, state }) => `${direction} ${state}`)).toEqual([
      'in received',
      'out sent',
      'out sent',
      'in received',
      'out read',
      'in received',
    ])
    expect(messages[0]).toMatchObject({ createdAt: history[0]?.messages[0]?.at, contactId: expect.any(String) })
    expect(messages[4]).toMatchObject({ origin: 'phone', sentAt: history[0]?.messages[3]?.at })
    const conversations = await chatsOf(stage)
    expect(conversations.map(({ address }) => address)).toEqual([GROUP, ANA.phone, BO.phone])
    expect(conversations[1]).toMatchObject({
      unread: 2,
      archivedAt: expect.any(Date),
      lastMessageAt: history[0]?.messages[3]?.at,
      lastInboundAt: history[0]?.messages[2]?.at,
    })
    expect(conversations[0]).toMatchObject({ unread: 1, archivedAt: undefined, contactId: undefined })
    expect(conversations[2]).toMatchObject({ unread: 0, lastInboundAt: undefined })
  })

  test('is told in one event, obeyed by nobody, and the same when it comes again', async () => {
    const stage = await stageOf()
    const before = (await stage.events()).length
    const history = someHistory(stage)
    await stage.take({ history })
    expect(await stage.events(before)).toMatchObject([{ type: 'channel.history', facts: { chats: 3, messages: 6 } }])
    const [ana] = (await chatsOf(stage)).filter(({ address }) => address === ANA.phone)
    await run(stages.test.database.db, sql`update conversations set unread = 0, archived_at = null where id = ${ana?.id}`) // somebody read it here
    await stage.take({ history })
    expect(await stage.events(before)).toHaveLength(1)
    expect(await stage.messages()).toHaveLength(6)
    expect(await getConversation(stage.ctx, { conversationId: ana?.id ?? '' })).toMatchObject({ unread: 0, archivedAt: undefined })
    expect(
      await all(
        stages.test.database.db,
        sql`select 1 from contacts where workspace_id = ${stage.workspaceId} and opted_out_at is not null`,
      ),
    ).toEqual([])
    const { data } = await stage.ask<{ data: object[] }>('/v2/events?types=channel.history')
    expect(data).toMatchObject([{ data: { chats: 3, messages: 6, channelId: expect.stringMatching(/^cha_/) } }])
  })

  test('lies in a part of its own, which a look into one conversation finds by its index', async () => {
    const stage = await stageOf()
    await stage.take({ history: someHistory(stage) })
    const parts = await all(
      stages.test.database.db,
      sql<{
        part: string
      }>`select distinct tableoid::regclass::text as part from messages where workspace_id = ${stage.workspaceId} and created_at < now() - interval '300 days'`,
    )
    expect(parts).toEqual([{ part: 'messages_before' }])
  })

  test('joins what is known: a message that came live is not there twice, marks of ours stay', async () => {
    const stage = await stageOf()
    const live = stage.said(ANA, 'just now')
    await stage.take({ messages: [live] })
    await stage.take({ history: [stage.chat(ANA, [stage.said(ANA, 'before', { at: ago(5) }), live], { unread: 7, archived: true })] })
    expect((await stage.messages()).map(wordsOf)).toEqual(['before', 'just now'])
    const [conversation] = await chatsOf(stage)
    expect(conversation).toMatchObject({ unread: 1, archivedAt: undefined })
    expect(conversation?.lastInboundAt?.getTime()).toBeGreaterThan(ago(1).getTime())
  })

  test('of one second keeps its order; what is dated ahead is of now', async () => {
    const stage = await stageOf()
    const words = Array.from({ length: 60 }, (_, i) => `word ${i}`)
    const at = ago(10)
    const ahead = stage.said(ANA, 'from the future', { at: new Date(Date.now() + 90 * DAY) })
    await stage.take({ history: [stage.chat(ANA, [...words.map((text) => stage.said(ANA, text, { at })), ahead])] })
    const messages = await stage.messages()
    expect(messages.map(wordsOf)).toEqual([...words, 'from the future'])
    expect(messages.at(-1)?.createdAt.getTime()).toBeLessThanOrEqual(Date.now() + 1_000)
  })

  test('fetches the files that may still be there, and says of the others that they are gone', async () => {
    const stage = await stageOf()
    const file = (days: number) =>
      stage.said(ANA, '', { at: ago(days), content: { type: 'image', remoteMedia: { id: `f${days}`, mimeType: 'image/png' } } })
    await stage.take({ history: [stage.chat(ANA, [file(100), file(2)])] })
    const [old, recent] = await stage.messages()
    expect(old).toMatchObject({ content: { mediaMissing: 'not_found' } })
    const fetches = await all(
      stages.test.database.db,
      sql<{ subject: string }>`select subject from outbox_tasks where workspace_id = ${stage.workspaceId}`,
    )
    expect(fetches).toEqual([{ subject: recent?.id }])
  })

  test('reactions, edits and pins in it have their effect; names in it give way to what people call themselves', async () => {
    const stage = await stageOf()
    await stage.take({ messages: [stage.said({ ...ANA, profileName: 'Ana now' }, 'hi')] })
    const [theirs, ours] = [
      stage.said({ profileName: 'Ana then' }, 'Friday?', { at: ago(4) }),
      stage.own(undefined, 'Yess', { at: ago(3) }),
    ]
    await stage.take({
      history: [
        stage.chat(ANA, [
          theirs,
          ours,
          stage.own(undefined, '', {
            at: ago(3, 1),
            content: { type: 'edit', wireId: ours.wireId, content: { type: 'text', text: 'Yes' } },
          }),
          stage.own(undefined, '', { at: ago(3, 2), content: { type: 'reaction', wireId: theirs.wireId, emoji: '👍' } }),
        ]),
      ],
    })
    const messages = await stage.messages()
    expect(messages.map(wordsOf).slice(0, 2)).toEqual(['Friday?', 'Yes'])
    expect(messages[3]).toMatchObject({ content: { messageId: messages[0]?.id } })
    expect(await stage.ask<{ data: object[] }>('/v2/contacts')).toMatchObject({ data: [{ profileName: 'Ana now' }] })
  })

  test('is kept but for what no row can be made of, and that is an error', async () => {
    const stage = await stageOf()
    const good = Array.from({ length: 20 }, (_, i) => stage.said(ANA, `good ${i}`, { at: ago(5, i) }))
    const bad = stage.said(ANA, 'a zero \u0000 in it', { at: ago(5) })
    const timeless = stage.said(ANA, 'when?', { at: new Date(Number.NaN) })
    const history = [stage.chat(ANA, [...good.slice(0, 7), bad, ...good.slice(7, 12), timeless, ...good.slice(12)])]
    await expect(stage.take({ history, messages: [stage.said(BO, 'live')] })).rejects.toThrow()
    expect((await stage.messages()).map(wordsOf)).toEqual([...good.map((_, i) => `good ${i}`), 'live'])
    await expect(stage.take({ history })).rejects.toThrow()
    expect(await stage.messages()).toHaveLength(21)
  })

  test('of thousands goes in short transactions, and again in no time', async () => {
    const stage = await stageOf()
    const chats = Array.from({ length: 60 }, (_, i) => {
      const person = { phone: `+1415560${String(i).padStart(4, '0')}`, lid: `88${i}@lid` }
      return stage.chat(
        person,
        Array.from({ length: 50 }, (_, n) =>
          n % 2 ? stage.own(person, `${n}`, { at: ago(30, n) }) : stage.said(person, `${n}`, { at: ago(30, n) }),
        ),
      )
    })
    const begun = performance.now()
    await stage.take({ history: chats })
    const took = performance.now() - begun
    expect(took).toBeLessThan(20_000)
    const row = await first(
      stages.test.database.db,
      sql<{ count: number }>`select count(*)::integer as count from messages where workspace_id = ${stage.workspaceId}`,
    )
    expect(row?.count).toBe(3_000)
    expect(await chatsOf(stage)).toHaveLength(60)
    const told = (await stage.events()).filter(({ type }) => type === 'channel.history')
    expect(told.reduce((sum, { facts }) => sum + Number(facts.messages), 0)).toBe(3_000)
    await stage.take({ history: chats })
    expect((await stage.events()).filter(({ type }) => type === 'channel.history')).toHaveLength(told.length)
    expect(await getMessage(stage.ctx, { messageId: (await stage.messages())[0]?.id ?? '' })).toBeDefined()
  })
})
