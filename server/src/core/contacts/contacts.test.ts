import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createChannel } from '#core/channels'
import { resolveConversations } from '#core/conversations'
import type { Context, RaisedEvent } from '#kit/context'
import { all, first, run, sql } from '#kit/db'
import { newId } from '#kit/ids'
import { testWorkspace } from '../../../test/context.ts'
import { type TestDatabase, testDatabase } from '../../../test/database.ts'
import { createContact, deleteContact, getContact, listContacts, optOutContact, updateContact, upsertContact } from './index.ts'

let open: TestDatabase
beforeAll(async () => {
  open = await testDatabase()
})
afterAll(() => open.close())

const eventsOf = async (ctx: Context) =>
  (await all(ctx.db, sql<{ type: string }>`select type from events where workspace_id = ${ctx.workspaceId} order by seq`)).map(
    ({ type }) => type,
  )

describe('create and upsert', () => {
  test('a contact is noted with its phone in E.164 by the workspace\u2019s country', async () => {
    const { ctx } = await testWorkspace(open, { defaultCountry: 'IN' })
    const contact = await createContact(ctx, {
      phone: '095390 45533',
      name: ' Ana ',
      email: 'ana@example.com',
      language: 'pt_BR',
      timeZone: 'America/Sao_Paulo',
      fields: { plan: 'gold' },
    })
    expect(contact).toMatchObject({
      phone: '+919539045533',
      name: 'Ana',
      email: 'ana@example.com',
      language: 'pt_BR',
      timeZone: 'America/Sao_Paulo',
      fields: { plan: 'gold' },
      identities: [{ kind: 'phone', value: '+919539045533' }],
      optedOutAt: undefined,
    })
    expect(contact.number).toBeGreaterThan(0)
    expect(await getContact(ctx, { contactId: contact.id })).toEqual(contact)
    expect(await eventsOf(ctx)).toEqual(['contact.created'])
  })

  test('a known phone is a conflict that names the contact, and changes nothing', async () => {
    const { ctx } = await testWorkspace(open)
    const { id } = await createContact(ctx, { phone: '+14155550120', name: 'Ana' })
    await expect(createContact(ctx, { phone: '(415) 555-0120', name: 'Bo' })).rejects.toMatchObject({
      code: 'conflict',
      facts: { contactId: id },
      issues: [{ path: 'phone' }],
    })
    expect((await getContact(ctx, { contactId: id })).name).toBe('Ana')
    expect(await eventsOf(ctx)).toEqual(['contact.created'])
  })

  test('upsert makes, then changes only what is given', async () => {
    const { ctx } = await testWorkspace(open)
    const made = await upsertContact(ctx, { phone: '+14155550121', name: 'Ana', email: 'a@example.com', fields: { a: 1, b: 2 } })
    const again = await upsertContact(ctx, { phone: '+14155550121', email: null, fields: { b: null, c: ['x'] } })
    expect([made.created, again.created]).toEqual([true, false])
    expect(again.contact).toMatchObject({ id: made.contact.id, name: 'Ana', email: undefined, fields: { a: 1, c: ['x'] } })
    expect(await eventsOf(ctx)).toEqual(['contact.created', 'contact.updated'])
  })

  test.each([
    [{ phone: 'abc' }, 'phone'],
    [{ phone: '+14155550122', email: 'no' }, 'email'],
    [{ phone: '+14155550122', timeZone: 'Mars/North' }, 'timeZone'],
    [{ phone: '+14155550122', language: '!' }, 'language'],
    [{ phone: '+14155550122', name: ' ' }, 'name'],
    [{ phone: '+14155550122', fields: { deep: { er: 1 } } }, 'fields.deep'],
    [{ phone: '+14155550122', fields: Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`f${i}`, i])) }, 'fields'],
  ])('%j is refused', async (input, path) => {
    const { ctx } = await testWorkspace(open)
    // the wrong types are the point
    await expect(createContact(ctx, input as Parameters<typeof createContact>[1])).rejects.toMatchObject({
      code: 'invalid',
      issues: [{ path }],
    })
    expect((await listContacts(ctx, {})).rows).toEqual([])
  })

  test('a plan may bound how many are kept', async () => {
    await run(open.database.db, sql`insert into plans (name, subscribers) values ('two contacts', 2) on conflict do nothing`)
    const { ctx } = await testWorkspace(open, { plan: 'two contacts' })
    await createContact(ctx, { phone: '+14155550123' })
    await upsertContact(ctx, { phone: '+14155550124' })
    await upsertContact(ctx, { phone: '+14155550124', name: 'known' })
    await expect(upsertContact(ctx, { phone: '+14155550125' })).rejects.toMatchObject({ code: 'plan_limit' })
    expect((await listContacts(ctx, {})).rows).toHaveLength(2)
  })
})

describe('update', () => {
  test('another phone: the old one is free, a taken one is refused', async () => {
    const { ctx } = await testWorkspace(open)
    const ana = await createContact(ctx, { phone: '+14155550130', name: 'Ana' })
    const bo = await createContact(ctx, { phone: '+14155550131', name: 'Bo' })
    await expect(updateContact(ctx, { contactId: ana.id, phone: '+14155550131' })).rejects.toMatchObject({
      code: 'conflict',
      facts: { contactId: bo.id },
    })
    const moved = await updateContact(ctx, { contactId: ana.id, phone: '+14155550132' })
    expect(moved).toMatchObject({ phone: '+14155550132', identities: [{ kind: 'phone', value: '+14155550132' }] })
    expect((await createContact(ctx, { phone: '+14155550130' })).id).not.toBe(ana.id)
  })

  test('an external id is one contact\u2019s', async () => {
    const { ctx } = await testWorkspace(open)
    await createContact(ctx, { phone: '+14155550133', externalId: 'crm-1' })
    const other = await createContact(ctx, { phone: '+14155550134' })
    await expect(updateContact(ctx, { contactId: other.id, externalId: 'crm-1' })).rejects.toMatchObject({
      code: 'conflict',
      issues: [{ path: 'externalId' }],
    })
    const elsewhere = await testWorkspace(open)
    await expect(createContact(elsewhere.ctx, { phone: '+14155550133', externalId: 'crm-1' })).resolves.toMatchObject({
      externalId: 'crm-1',
    })
  })

  test('opting out and in is told once each; blocking is a mark', async () => {
    const { ctx } = await testWorkspace(open)
    const { id: contactId } = await createContact(ctx, { phone: '+14155550135' })
    const out = await updateContact(ctx, { contactId, optedOut: true, blocked: true })
    const again = await updateContact(ctx, { contactId, optedOut: true })
    expect(again).toMatchObject({ optedOutAt: out.optedOutAt, blockedAt: out.blockedAt })
    expect(await updateContact(ctx, { contactId, optedOut: false })).toMatchObject({ optedOutAt: undefined, blockedAt: out.blockedAt })
    expect((await eventsOf(ctx)).filter((type) => type.includes('opted'))).toEqual(['contact.opted_out', 'contact.opted_in'])
  })

  test('the network\u2019s word is noted and told once', async () => {
    const { ctx } = await testWorkspace(open)
    const { id } = await createContact(ctx, { phone: '+14155550136' })
    const hints: RaisedEvent[] = []
    const events = { ...ctx.ports.events, hint: (told: readonly RaisedEvent[]) => void hints.push(...told) }
    await optOutContact(open.database.db, events, ctx.workspaceId, id)
    await optOutContact(open.database.db, events, ctx.workspaceId, id)
    expect((await getContact(ctx, { contactId: id })).optedOutAt).toBeInstanceOf(Date)
    expect(hints.map(({ type }) => type)).toEqual(['contact.opted_out'])
    expect(await eventsOf(ctx)).toEqual(['contact.created', 'contact.opted_out'])
  })
})

describe('list', () => {
  test('newest first, by page, searched by name, e-mail, phone and external id', async () => {
    const { ctx } = await testWorkspace(open)
    for (let i = 0; i < 5; i++)
      await createContact(ctx, { phone: `+1415555014${i}`, name: `Person ${i}`, email: `p${i}@example.com`, externalId: `crm-${i}` })
    const page = await listContacts(ctx, { limit: 3 })
    const rest = await listContacts(ctx, { limit: 3, cursor: page.next })
    expect([...page.rows, ...rest.rows].map(({ name }) => name)).toEqual(['Person 4', 'Person 3', 'Person 2', 'Person 1', 'Person 0'])
    const names = async (search: string) => (await listContacts(ctx, { search })).rows.map(({ name }) => name)
    expect(await names('person 2')).toEqual(['Person 2'])
    expect(await names('P3@')).toEqual(['Person 3'])
    expect(await names('+1 (415) 555-0144')).toEqual(['Person 4'])
    expect(await names('crm-1')).toEqual(['Person 1'])
    expect(await names('%')).toEqual([])
    expect(await names('_')).toEqual([])
    expect(await names('\\')).toEqual([])
  })
})

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

  test('erase takes all that was said and all that waits, of this person only', async () => {
    const { ctx, ana, bo } = await withHistory()
    await deleteContact(ctx, { contactId: ana.id, history: 'erase' })
    expect(await counts(ctx)).toEqual({ messages: 2, waiting: 1, wires: 2, conversations: 1, identities: 1, nameless: 0 })
    await expect(getContact(ctx, { contactId: ana.id })).rejects.toMatchObject({ code: 'not_found' })
    expect(await getContact(ctx, { contactId: bo.id })).toMatchObject({ id: bo.id })
    expect(await eventsOf(ctx)).toContain('contact.deleted')
    await expect(deleteContact(ctx, { contactId: ana.id, history: 'erase' })).rejects.toMatchObject({ code: 'not_found' })
  })

  test('detach leaves the history without its name; the next message names it again', async () => {
    const { ctx, ana, conversations } = await withHistory()
    await deleteContact(ctx, { contactId: ana.id, history: 'detach' })
    expect(await counts(ctx)).toEqual({ messages: 4, waiting: 2, wires: 4, conversations: 2, identities: 1, nameless: 2 })
    const again = await createContact(ctx, { phone: '+14155550150' })
    const row = await first(ctx.db, sql<{ channel_id: string }>`select channel_id from conversations where id = ${conversations[0]?.id}`)
    const place = { workspaceId: ctx.workspaceId, channelId: row?.channel_id ?? '', contactId: again.id, address: '+14155550150' }
    expect(await resolveConversations(ctx.db, [place])).toEqual([{ id: conversations[0]?.id, created: false }])
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
