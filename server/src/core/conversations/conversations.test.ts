import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createChannel } from '#core/channels'
import { createContact } from '#core/contacts'
import { readEvents } from '#core/events'
import type { ReadMessages, Transport, TransportChannel } from '#core/transport'
import type { Context } from '#kit/context'
import { first, inTransaction, run, sql } from '#kit/db'
import { newId } from '#kit/ids'
import { testWorkspace } from '../../../test/context.ts'
import { type TestDatabase, testDatabase } from '../../../test/database.ts'
import {
  findConversation,
  getConversation,
  listConversations,
  markConversationRead,
  openConversation,
  resolveConversations,
  updateConversation,
} from './index.ts'

let open: TestDatabase
beforeAll(async () => {
  open = await testDatabase()
})
afterAll(() => open.close())

async function withChannel(transports?: ReadonlyMap<Transport['kind'], Transport>) {
  const { ctx } = await testWorkspace(open, { environment: 'test', ...(transports && { ports: { transports } }) })
  const channel = await createChannel(ctx, { kind: 'sandbox', persona: 'cloud' })
  const place = (address: string, contactId?: string) => ({ workspaceId: ctx.workspaceId, channelId: channel.id, contactId, address })
  return { ctx, channel, place }
}

describe('resolve', () => {
  test('one conversation for a channel and an address, in the order asked, created once', async () => {
    const { ctx, place } = await withChannel()
    const made = await resolveConversations(ctx.db, [place('a'), place('b'), place('a')])
    expect(made.map(({ created }) => created)).toEqual([true, true, false])
    expect(made[0]?.id).toBe(made[2]?.id)
    expect(await resolveConversations(ctx.db, [place('b'), place('a')])).toEqual([
      { id: made[1]?.id, address: 'b', created: false },
      { id: made[0]?.id, address: 'a', created: false },
    ])
    expect(await getConversation(ctx, { conversationId: made[0]?.id ?? '' })).toMatchObject({
      address: 'a',
      state: 'open',
      unread: 0,
      lastInboundAt: undefined,
      contactId: undefined,
    })
    expect(await resolveConversations(ctx.db, [])).toEqual([])
  })

  test('a contact is filled in where there is none, and never replaced', async () => {
    const { ctx, place } = await withChannel()
    const ana = await createContact(ctx, { phone: '+14155550160' })
    const bo = await createContact(ctx, { phone: '+14155550161' })
    const [made] = await resolveConversations(ctx.db, [place('a')])
    await resolveConversations(ctx.db, [place('a', ana.id)])
    await resolveConversations(ctx.db, [place('a', bo.id)])
    expect((await getConversation(ctx, { conversationId: made?.id ?? '' })).contactId).toBe(ana.id)
  })

  test('both forms of a Brazilian number lead to one conversation', async () => {
    const { ctx, place } = await withChannel()
    const [made] = await resolveConversations(ctx.db, [place('+5511987654321')])
    expect(await resolveConversations(ctx.db, [place('+551187654321')])).toMatchObject([{ id: made?.id, created: false }])
    const [together, twin] = await resolveConversations(ctx.db, [place('+5511987650000'), place('+551187650000')])
    expect(twin).toMatchObject({ id: together?.id, created: false })
  })

  test('many writers of the same places: one row each, created once', async () => {
    const { ctx, place } = await withChannel()
    const addresses = Array.from({ length: 50 }, (_, i) => `person ${i}`)
    const rounds = await Promise.all(
      Array.from({ length: 8 }, () =>
        inTransaction(open.database.db, {}, (tx) =>
          resolveConversations(
            tx,
            addresses.toSorted(() => Math.random() - 0.5).map((address) => place(address)),
          ),
        ),
      ),
    )
    expect(rounds.flat().filter(({ created }) => created)).toHaveLength(50)
    expect(new Set(rounds.flat().map(({ id }) => id)).size).toBe(50)
    expect(await first(ctx.db, sql`select count(*) as count from conversations where workspace_id = ${ctx.workspaceId}`)).toEqual({
      count: 50,
    })
  })
})

describe('list', () => {
  test('the latest first, by page, to the microsecond, filtered', async () => {
    const { ctx, channel, place } = await withChannel()
    const made = await resolveConversations(
      ctx.db,
      ['a', 'b', 'c', 'd', 'e'].map((address) => place(address)),
    )
    // e and d at the very same time, c a microsecond before
    const at = ['10:00:00', '10:00:01', '10:00:02.000001', '10:00:02.000002', '10:00:02.000002']
    for (const [i, { id }] of made.entries()) {
      await run(
        ctx.db,
        sql`update conversations set last_message_at = ${`2026-05-01 ${at[i]}+00`}::timestamptz, state = ${i < 2 ? 'resolved' : 'open'} where id = ${id}`,
      )
    }
    const seen: string[] = []
    for (let cursor: string | undefined, page = 0; page === 0 || cursor !== undefined; page++) {
      const { rows, next } = await listConversations(ctx, { limit: 1, cursor })
      seen.push(...rows.map(({ address }) => address))
      cursor = next
      expect(page).toBeLessThan(10)
    }
    expect(seen).toEqual(['e', 'd', 'c', 'b', 'a'])
    expect((await listConversations(ctx, { state: 'resolved' })).rows.map(({ address }) => address)).toEqual(['b', 'a'])
    expect((await listConversations(ctx, { channelId: channel.id })).rows).toHaveLength(5)
    await expect(listConversations(ctx, { channelId: newId() })).rejects.toMatchObject({ code: 'not_found' })
    const bad = [
      'x',
      Buffer.from('[1]').toString('base64url'),
      Buffer.from('[-1,"x"]').toString('base64url'),
      Buffer.from(`[1e300,"${newId()}"]`).toString('base64url'),
    ]
    for (const cursor of bad) await expect(listConversations(ctx, { cursor })).rejects.toMatchObject({ code: 'invalid' })
  })

  test('by kind, marks, names, numbers and time, with a total', async () => {
    const { ctx, place } = await withChannel()
    const ana = await createContact(ctx, { phone: '+14155550162', name: 'Ana 100%' })
    const bo = await createContact(ctx, { phone: '+14155550163' })
    const addresses = ['+14155550162', '+14155550163', '120363041234567890@g.us', '120363049999999999@newsletter']
    const made = await resolveConversations(ctx.db, [
      place(addresses[0] ?? '', ana.id),
      place(addresses[1] ?? '', bo.id),
      ...addresses.slice(2).map((address) => place(address)),
    ])
    const idOf = (i: number) => made[i]?.id ?? ''
    const listed = async (wish: Parameters<typeof listConversations>[1]) => {
      const { rows, total } = await listConversations(ctx, { ...wish, withTotal: true })
      expect(total).toBe(rows.length)
      return rows.map(({ address }) => addresses.indexOf(address)).sort()
    }
    await updateConversation(ctx, { conversationId: idOf(0), archived: true })
    await updateConversation(ctx, { conversationId: idOf(1), pinned: true, markedUnread: true })
    expect(await listed({ kinds: ['contact'] })).toEqual([0, 1])
    expect(await listed({ kinds: ['group', 'newsletter'] })).toEqual([2, 3])
    expect(await listed({ archived: true })).toEqual([0])
    expect(await listed({ archived: false })).toEqual([1, 2, 3])
    expect([await listed({ pinned: true }), await listed({ markedUnread: true })]).toEqual([[1], [1]])
    expect(await listed({ search: '100%' })).toEqual([0])
    expect(await listed({ search: '415 555 0163' })).toEqual([1])
    expect(await listed({ search: '_' })).toEqual([])
    expect(await listed({ named: true })).toEqual([0])
    expect(await listed({ since: new Date(Date.now() + 60_000) })).toEqual([])
    const ways = await Promise.all((['latest', 'earliest'] as const).map((order) => listConversations(ctx, { order })))
    expect(ways[0]?.rows).toEqual(ways[1]?.rows.toReversed())
    expect((await listConversations(ctx, { skip: 3 })).rows).toHaveLength(1)
  })

  test('one for each address: the channel on which was talked last', async () => {
    const { ctx, place } = await withChannel()
    const other = await createChannel(ctx, { kind: 'sandbox', persona: 'own_number' })
    const [older, newer] = await resolveConversations(ctx.db, [place('+14155550164'), { ...place('+14155550164'), channelId: other.id }])
    await run(ctx.db, sql`update conversations set last_message_at = now() - interval '1 hour' where id = ${older?.id}`)
    expect((await listConversations(ctx, {})).rows).toHaveLength(2)
    expect((await listConversations(ctx, { oneEach: true })).rows.map(({ id }) => id)).toEqual([newer?.id])
    expect((await findConversation(ctx, { address: '+14155550164' })).id).toBe(newer?.id)
    await expect(findConversation(ctx, { address: '+14155550165' })).rejects.toMatchObject({ code: 'not_found' })
  })

  test('nobody sees another workspace\u2019s', async () => {
    const mine = await withChannel()
    const other = await withChannel()
    const [made] = await resolveConversations(mine.ctx.db, [mine.place('a')])
    const conversationId = made?.id ?? ''
    await expect(getConversation(other.ctx, { conversationId })).rejects.toMatchObject({ code: 'not_found' })
    await expect(markConversationRead(other.ctx, { conversationId })).rejects.toMatchObject({ code: 'not_found' })
    await expect(updateConversation(other.ctx, { conversationId, archived: true })).rejects.toMatchObject({ code: 'not_found' })
    await expect(findConversation(other.ctx, { address: 'a' })).rejects.toMatchObject({ code: 'not_found' })
    expect((await listConversations(other.ctx, {})).rows).toEqual([])
  })
})

describe('marks', () => {
  test('are set and taken back apart, keep their first time, and are told', async () => {
    const { ctx, channel, place } = await withChannel()
    const [made] = await resolveConversations(ctx.db, [place('a')])
    const conversationId = made?.id ?? ''
    const first = await updateConversation(ctx, { conversationId, archived: true, pinned: true })
    const again = await updateConversation(ctx, { conversationId, archived: true, markedUnread: true })
    expect(again).toMatchObject({ archivedAt: first.archivedAt, pinnedAt: first.pinnedAt, markedUnread: true })
    expect(await updateConversation(ctx, { conversationId, pinned: false })).toMatchObject({ pinnedAt: undefined, markedUnread: true })
    expect(await markConversationRead(ctx, { conversationId })).toMatchObject({ markedUnread: false, archivedAt: first.archivedAt })
    const told = (await readEvents(ctx.db, ctx.workspaceId, 0, 50)).filter(({ type }) => type === 'conversation.updated')
    expect(told.map(({ facts }) => facts)).toEqual([
      { archived: true, pinned: true },
      { archived: true, markedUnread: true },
      { pinned: false },
    ])
    expect(told[0]?.subjects).toEqual({ conversationId, channelId: channel.id })
  })
})

describe('open', () => {
  const transport = { kind: 'sandbox', capabilities: () => ({ groups: false }) }
  // of a transport only what this verb uses
  const transports = new Map([['sandbox' as const, transport as unknown as Transport]])

  test('makes a conversation once, and its contact with it', async () => {
    const { ctx, channel } = await withChannel(transports)
    const opened = await openConversation(ctx, { to: '+1 415 555 0166' })
    expect(opened).toMatchObject({ address: '+14155550166', channelId: channel.id, contactId: expect.any(String), unread: 0 })
    expect((await openConversation(ctx, { to: '14155550166@c.us', channelId: channel.id })).id).toBe(opened.id)
    await expect(openConversation(ctx, { to: '120363041234567890@g.us' })).rejects.toMatchObject({ code: 'unsupported' })
    await expect(openConversation(ctx, { to: '+14155550166', channelId: newId() })).rejects.toMatchObject({ code: 'not_found' })
    await expect(openConversation(ctx, { to: 'nobody' })).rejects.toMatchObject({ code: 'invalid' })
  })

  test('without a channel there is nothing to talk on', async () => {
    const { ctx } = await testWorkspace(open)
    await expect(openConversation(ctx, { to: '+14155550167' })).rejects.toMatchObject({ code: 'no_channel' })
  })
})

describe('read', () => {
  const unreadBy = async (ctx: Context, conversationId: string, channelId: string) => {
    await run(ctx.db, sql`update conversations set unread = 3 where id = ${conversationId}`)
    await run(
      ctx.db,
      sql`insert into messages (workspace_id, id, direction, channel_id, conversation_id, address, state, content, wire_id, created_at)
        values (${ctx.workspaceId}, ${newId()}, 'in', ${channelId}, ${conversationId}, 'a', 'received', '{}', 'wamid.1', now()),
          (${ctx.workspaceId}, ${newId()}, 'in', ${channelId}, ${conversationId}, 'a', 'received', '{}', 'wamid.2', now()),
          (${ctx.workspaceId}, ${newId()}, 'out', ${channelId}, ${conversationId}, 'a', 'sent', '{}', 'wamid.3', now())`,
    )
  }

  test('nothing is unread any more, and the person sees it on his messages, once', async () => {
    const marks: string[] = []
    const transport = {
      kind: 'sandbox',
      markRead: async (_: TransportChannel, { messages }: ReadMessages) => void marks.push(...messages.map(({ wireId }) => wireId)),
    }
    // of a transport only what this verb uses
    const { ctx, channel, place } = await withChannel(new Map([['sandbox', transport as unknown as Transport]]))
    const [made] = await resolveConversations(ctx.db, [place('a')])
    const conversationId = made?.id ?? ''
    await unreadBy(ctx, conversationId, channel.id)
    expect(await markConversationRead(ctx, { conversationId })).toMatchObject({ unread: 0 })
    await expect.poll(() => marks).toEqual(['wamid.2', 'wamid.1'])
    await markConversationRead(ctx, { conversationId })
    expect(marks).toEqual(['wamid.2', 'wamid.1'])
  })

  test('a network that cannot be told does not matter', async () => {
    const transport = { kind: 'sandbox', markRead: () => Promise.reject(new Error('down')) }
    const { ctx, channel, place } = await withChannel(new Map([['sandbox', transport as unknown as Transport]]))
    const [made] = await resolveConversations(ctx.db, [place('a')])
    await unreadBy(ctx, made?.id ?? '', channel.id)
    expect(await markConversationRead(ctx, { conversationId: made?.id ?? '' })).toMatchObject({ unread: 0 })
  })
})
