import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAudience, deleteAudience, getAudience, listMembers } from '#core/audiences'
import { createChannel } from '#core/channels'
import { resolveConversations } from '#core/conversations'
import type { Context } from '#kit/context'
import { first, run, sql } from '#kit/db'
import { newId } from '#kit/ids'
import { testWorkspace } from '../../../test/context.ts'
import { type TestDatabase, testDatabase } from '../../../test/database.ts'
import { eventTypesOf } from '../../../test/rows.ts'
import { createContact, deleteContact, getContact } from './index.ts'

let open: TestDatabase
beforeAll(async () => {
  open = await testDatabase()
})
afterAll(() => open.close())

describe('delete', () => {
  async function withHistory() {
    const { ctx } = await testWorkspace(open, { environment: 'test' })
    const channel = await createChannel(ctx, { kind: 'sandbox', persona: 'own_number' })
    const ana = await createContact(ctx, { phone: '+14155550150' })
    const bo = await createContact(ctx, { phone: '+14155550151' })
    const places = [ana, bo].map((contact) => ({
      workspaceId: ctx.workspaceId,
      channelId: channel.id,
      contactId: contact.id,
      address: contact.phone ?? '',
    }))
    const conversations = await resolveConversations(ctx.db, places)
    for (const [i, place] of places.entries()) {
      for (const direction of ['in', 'out']) {
        const id = newId()
        await run(
          ctx.db,
          sql`insert into messages (workspace_id, id, direction, channel_id, conversation_id, contact_id, address, state, content, wire_id, created_at)
            values (${ctx.workspaceId}, ${id}, ${direction}, ${channel.id}, ${conversations[i]?.id}, ${place.contactId}, ${place.address}, 'scheduled', '{}', ${id}, now())`,
        )
        await run(
          ctx.db,
          sql`insert into wire_ids (workspace_id, channel_id, wire_id, message_id) values (${ctx.workspaceId}, ${channel.id}, ${id}, ${id})`,
        )
        if (direction === 'out') {
          await run(
            ctx.db,
            sql`insert into outbox (kind, subject, workspace_id, conversation_id, order_at, due_at) values ('send', ${id}, ${ctx.workspaceId}, ${conversations[i]?.id}, now(), now() + interval '1 day')`,
          )
        }
      }
    }
    return { ctx, ana, bo, conversations }
  }
  const counts = (ctx: Context) =>
    first(
      ctx.db,
      sql`select (select count(*) from messages where workspace_id = ${ctx.workspaceId}) as messages, (select count(*) from outbox where workspace_id = ${ctx.workspaceId}) as waiting,
        (select count(*) from wire_ids where workspace_id = ${ctx.workspaceId}) as wires, (select count(*) from conversations where workspace_id = ${ctx.workspaceId}) as conversations,
        (select count(*) from contact_identities where workspace_id = ${ctx.workspaceId}) as identities,
        (select count(*) from messages where workspace_id = ${ctx.workspaceId} and contact_id is null) as nameless`,
    )

  test('erase takes a person out of all audiences, detach does not', async () => {
    const { ctx, ana, bo } = await withHistory()
    const members = [ana, bo].map(({ phone }) => ({ to: phone ?? '' }))
    const audiences = [await createAudience(ctx, { name: 'a', members }), await createAudience(ctx, { name: 'b', members })]
    const deleted = await createAudience(ctx, { name: 'deleted', members })
    await deleteAudience(ctx, { audienceId: deleted.id })
    const elsewhere = await testWorkspace(open)
    const theirs = await createAudience(elsewhere.ctx, { name: 'theirs', members })
    await deleteContact(ctx, { contactId: ana.id, history: 'erase' })
    await deleteContact(ctx, { contactId: bo.id, history: 'detach' })
    for (const { id: audienceId } of audiences) {
      expect(await getAudience(ctx, { audienceId })).toMatchObject({ memberCount: 1 })
      expect((await listMembers(ctx, { audienceId })).rows.map(({ address }) => address)).toEqual([bo.phone])
    }
    const row = await first(ctx.db, sql`select count(*) as rows from audience_members where audience_id = ${deleted.id}`)
    expect(row).toEqual({ rows: 1 })
    expect(await getAudience(elsewhere.ctx, { audienceId: theirs.id })).toMatchObject({ memberCount: 2 })
  })

  test('erase takes all that was said and all that waits, of this person only', async () => {
    const { ctx, ana, bo } = await withHistory()
    await deleteContact(ctx, { contactId: ana.id, history: 'erase' })
    expect(await counts(ctx)).toEqual({ messages: 2, waiting: 1, wires: 2, conversations: 1, identities: 1, nameless: 0 })
    await expect(getContact(ctx, { contactId: ana.id })).rejects.toMatchObject({ code: 'not_found' })
    expect(await getContact(ctx, { contactId: bo.id })).toMatchObject({ id: bo.id })
    expect(await eventTypesOf(ctx)).toContain('contact.deleted')
    await expect(deleteContact(ctx, { contactId: ana.id, history: 'erase' })).rejects.toMatchObject({ code: 'not_found' })
  })

  test('detach leaves the history without its name; the next message names it again', async () => {
    const { ctx, ana, conversations } = await withHistory()
    await deleteContact(ctx, { contactId: ana.id, history: 'detach' })
    expect(await counts(ctx)).toEqual({ messages: 4, waiting: 2, wires: 4, conversations: 2, identities: 1, nameless: 2 })
    const again = await createContact(ctx, { phone: '+14155550150' })
    const row = await first(ctx.db, sql<{ channel_id: string }>`select channel_id from conversations where id = ${conversations[0]?.id}`)
    const place = { workspaceId: ctx.workspaceId, channelId: row?.channel_id ?? '', contactId: again.id, address: '+14155550150' }
    expect(await resolveConversations(ctx.db, [place])).toMatchObject([{ id: conversations[0]?.id, created: false }])
    expect(await first(ctx.db, sql`select contact_id from conversations where id = ${conversations[0]?.id}`)).toEqual({
      contact_id: again.id,
    })
  })

  test('what was remembered of addresses is forgotten', async () => {
    const { ctx, ana } = await withHistory()
    const row = await first(ctx.db, sql<{ channel_id: string }>`select channel_id from conversations where contact_id = ${ana.id}`)
    const target = {
      channelId: row?.channel_id ?? '',
      address: '+14155550150',
      identities: [{ kind: 'phone' as const, value: '+14155550150' }],
    }
    const [before] = await ctx.ports.addressBook.resolve(ctx.workspaceId, [target])
    expect(before?.contactId).toBe(ana.id)
    await deleteContact(ctx, { contactId: ana.id, history: 'erase' })
    const [after] = await ctx.ports.addressBook.resolve(ctx.workspaceId, [target])
    expect(after?.contactId).not.toBe(ana.id)
    expect(after?.conversationId).not.toBe(before?.conversationId)
  })
})
