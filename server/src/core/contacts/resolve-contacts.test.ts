import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Identity } from '#core/addresses'
import { createChannel } from '#core/channels'
import { resolveConversations } from '#core/conversations'
import type { Context } from '#kit/context'
import { all, first, inTransaction, run, sql } from '#kit/db'
import { newId } from '#kit/ids'
import { testWorkspace } from '../../../test/context.ts'
import { type TestDatabase, testDatabase } from '../../../test/database.ts'
import { gateFirstAnswer } from '../../../test/gate.ts'
import { createContact, getContact, listContacts, resolveContacts, updateContact } from './index.ts'

let open: TestDatabase
beforeAll(async () => {
  open = await testDatabase()
})
afterAll(() => open.close())

let serial = Math.floor(Math.random() * 1_000_000)
const freshPhone = () => `+1415${String(2_000_000 + (serial++ % 7_999_999)).padStart(7, '0')}`
const phone = (value: string): Identity => ({ kind: 'phone', value })
const waId = (value: string): Identity => ({ kind: 'wa_id', value })
const bsuid = (value: string): Identity => ({ kind: 'bsuid', value })

const resolve = (ctx: Context, people: Parameters<typeof resolveContacts>[2]) => resolveContacts(ctx.db, ctx.workspaceId, people)

describe('one contact for all identities', () => {
  test('a person is made once, then found by each of his identities', async () => {
    const { ctx } = await testWorkspace(open)
    const [made] = await resolve(ctx, [{ identities: [phone('+14155550100'), waId('14155550100'), bsuid('US.1')], profileName: 'Ana' }])
    expect(made).toEqual({ id: expect.any(String), created: true })
    for (const identity of [phone('+14155550100'), waId('14155550100'), bsuid('US.1')]) {
      expect(await resolve(ctx, [{ identities: [identity] }])).toEqual([{ id: made?.id, created: false }])
    }
    const contact = await getContact(ctx, { contactId: made?.id ?? '' })
    expect(contact).toMatchObject({ phone: '+14155550100', profileName: 'Ana', name: undefined })
    expect(contact.identities).toHaveLength(3)
  })

  test('a list keeps its order; people who share an identity are one, said to be created once', async () => {
    const { ctx } = await testWorkspace(open)
    const a = phone('+14155550101')
    const people = [
      { identities: [a] },
      { identities: [phone('+14155550102')] },
      { identities: [bsuid('US.2')] },
      { identities: [a, bsuid('US.2')] },
      { identities: [a] },
    ]
    const resolved = await resolve(ctx, people)
    expect(resolved.map(({ id }) => resolved.findIndex((one) => one.id === id))).toEqual([0, 1, 0, 0, 0])
    expect(resolved.filter(({ created }) => created)).toHaveLength(2)
    expect((await listContacts(ctx, {})).rows).toHaveLength(2)
  })

  test('what is learnt later is added: identities, a phone, the name of the profile', async () => {
    const { ctx } = await testWorkspace(open)
    const [made] = await resolve(ctx, [{ identities: [bsuid('US.3')] }])
    await resolve(ctx, [{ identities: [bsuid('US.3'), waId('14155550103'), phone('+14155550103')], profileName: 'Bo' }])
    await resolve(ctx, [{ identities: [phone('+14155550103')], profileName: 'Bob' }])
    await resolve(ctx, [{ identities: [phone('+14155550103')] }])
    const contact = await getContact(ctx, { contactId: made?.id ?? '' })
    expect(contact).toMatchObject({ phone: '+14155550103', profileName: 'Bob' })
    expect(contact.identities).toHaveLength(3)
  })

  test('who is told nothing about is nobody, once', async () => {
    const { ctx } = await testWorkspace(open)
    const [a, b] = await resolve(ctx, [{ identities: [] }, { identities: [] }])
    expect(a?.id).toBe(b?.id)
    expect(await resolve(ctx, [])).toEqual([])
  })

  test('workspaces do not share people', async () => {
    const [one, two] = await Promise.all([testWorkspace(open), testWorkspace(open)])
    const person = [{ identities: [phone('+14155550104')] }]
    const [a] = await resolve(one.ctx, person)
    const [b] = await resolve(two.ctx, person)
    expect(a?.id).not.toBe(b?.id)
    await expect(getContact(two.ctx, { contactId: a?.id ?? '' })).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('numbers with two forms', () => {
  test.each([
    ['Brazil', '+5511987654321', '+551187654321'],
    ['Mexico', '+525512345678', '+5215512345678'],
  ])('%s: both forms are one person, whichever came first', async (_, now, before) => {
    for (const [known, heard] of [
      [now, before],
      [before, now],
    ] as const) {
      const { ctx } = await testWorkspace(open)
      const [made] = await resolve(ctx, [{ identities: [phone(known)] }])
      const [found] = await resolve(ctx, [{ identities: [phone(heard), waId(heard.slice(1))] }])
      expect(found).toEqual({ id: made?.id, created: false })
      expect((await getContact(ctx, { contactId: made?.id ?? '' })).identities.map(({ value }) => value)).toEqual(
        [known, heard, heard.slice(1)].sort((a, b) => order(a) - order(b) || (a < b ? -1 : 1)),
      )
    }
  })
  const order = (value: string) => (value.startsWith('+') ? 0 : 1)
})

describe('two contacts that turn out to be one', () => {
  test('the older stays with its words, takes what it lacks, and everything that hung on the other', async () => {
    const { ctx } = await testWorkspace(open, { environment: 'test' })
    const channel = await createChannel(ctx, { kind: 'sandbox', persona: 'cloud' })
    const older = await createContact(ctx, { phone: '+14155550110', name: 'Ana', fields: { city: 'Lima', size: 1 } })
    const [younger] = await resolve(ctx, [{ identities: [bsuid('US.9')], profileName: 'ana!' }])
    const youngerId = younger?.id ?? ''
    await updateContact(ctx, {
      contactId: youngerId,
      name: 'A.',
      email: 'ana@example.com',
      externalId: 'crm-1',
      fields: { city: 'Quito', shoe: 'red' },
      optedOut: true,
    })
    const [conversation] = await resolveConversations(ctx.db, [
      { workspaceId: ctx.workspaceId, channelId: channel.id, contactId: youngerId, address: 'US.9' },
    ])
    const messageId = newId()
    await run(
      ctx.db,
      sql`insert into messages (workspace_id, id, direction, channel_id, conversation_id, contact_id, address, state, content, created_at)
        values (${ctx.workspaceId}, ${messageId}, 'in', ${channel.id}, ${conversation?.id}, ${youngerId}, 'US.9', 'received', '{}', now())`,
    )

    const [merged] = await resolve(ctx, [{ identities: [phone('+14155550110'), bsuid('US.9')] }])
    expect(merged).toEqual({ id: older.id, created: false })
    expect(await getContact(ctx, { contactId: older.id })).toMatchObject({
      name: 'Ana',
      profileName: 'ana!',
      email: 'ana@example.com',
      externalId: 'crm-1',
      fields: { city: 'Lima', size: 1, shoe: 'red' },
      optedOutAt: expect.any(Date),
      identities: [bsuid('US.9'), phone('+14155550110')],
    })
    await expect(getContact(ctx, { contactId: youngerId })).rejects.toMatchObject({ code: 'not_found' })
    const rows = await all(
      ctx.db,
      sql<{
        contact_id: string
      }>`select contact_id from messages where workspace_id = ${ctx.workspaceId} union all select contact_id from conversations where workspace_id = ${ctx.workspaceId}`,
    )
    expect(rows).toEqual([{ contact_id: older.id }, { contact_id: older.id }])
  })
})

describe('side by side', () => {
  test('many writers of the same people, in any order: one contact each, created once', async () => {
    const { ctx } = await testWorkspace(open)
    const people = Array.from({ length: 40 }, () => freshPhone())
    const shuffled = () => people.toSorted(() => Math.random() - 0.5)
    const rounds = await Promise.all(
      Array.from({ length: 8 }, () => {
        const mine = shuffled()
        return inTransaction(open.database.db, {}, (tx) =>
          resolveContacts(
            tx,
            ctx.workspaceId,
            mine.map((value) => ({ identities: [phone(value), waId(value.slice(1))] })),
          ),
        ).then((resolved) => resolved.map((one, i) => ({ ...one, phone: mine[i] })))
      }),
    )
    const ids = new Map<string, Set<string>>()
    for (const one of rounds.flat()) ids.set(one.phone ?? '', (ids.get(one.phone ?? '') ?? new Set()).add(one.id))
    expect([...ids.values()].map((found) => found.size)).toEqual(people.map(() => 1))
    expect(rounds.flat().filter(({ created }) => created)).toHaveLength(people.length)
    expect(await first(ctx.db, sql`select count(*) as count from contacts where workspace_id = ${ctx.workspaceId}`)).toEqual({
      count: people.length,
    })
  })

  test('one who knows the phone and one who knows the id, then one who knows both: one contact', async () => {
    const { ctx } = await testWorkspace(open)
    for (let i = 0; i < 10; i++) {
      const value = freshPhone()
      const known = [[phone(value)], [bsuid(`US.${value}`)], [phone(value), bsuid(`US.${value}`)], [waId(value.slice(1)), phone(value)]]
      await Promise.all(
        known.map((identities) => inTransaction(open.database.db, {}, (tx) => resolveContacts(tx, ctx.workspaceId, [{ identities }]))),
      )
      const [a, b] = await resolve(ctx, [{ identities: [phone(value), bsuid(`US.${value}`)] }, { identities: [waId(value.slice(1))] }])
      expect(a?.id).toBe(b?.id)
    }
    expect((await listContacts(ctx, {})).rows).toHaveLength(10)
  })

  /** Resolves `mine`; between its first look and its first word somebody else resolves `others`. */
  async function interrupted(ctx: Context, mine: Identity[], others: Identity[]) {
    const gate = gateFirstAnswer(open.database.db)
    const resolving = resolveContacts(gate.db, ctx.workspaceId, [{ identities: mine }])
    await gate.reached
    const [other] = await resolve(ctx, [{ identities: others }])
    gate.release()
    const [own] = await resolving
    expect(await first(ctx.db, sql`select count(*) as count from contacts where workspace_id = ${ctx.workspaceId}`)).toEqual({ count: 1 })
    const [now] = await resolve(ctx, [{ identities: [...mine, ...others] }])
    expect(now).toEqual({ id: own?.id, created: false })
    return { own, other }
  }

  test('somebody else makes the person first: his is taken', async () => {
    const { ctx } = await testWorkspace(open)
    const { own, other } = await interrupted(ctx, [phone('+14155550180')], [phone('+14155550180')])
    expect(own).toEqual({ id: other?.id, created: false })
  })

  test('somebody else takes one identity of a new person: both are one', async () => {
    const { ctx } = await testWorkspace(open)
    await interrupted(ctx, [phone('+14155550181'), bsuid('US.181')], [bsuid('US.181')])
  })

  test('somebody else takes the identity that a known person was to get: both are one', async () => {
    const { ctx } = await testWorkspace(open)
    const [known] = await resolve(ctx, [{ identities: [phone('+14155550182')] }])
    const { own } = await interrupted(ctx, [phone('+14155550182'), bsuid('US.182')], [bsuid('US.182')])
    expect(own).toEqual({ id: known?.id, created: false })
  })

  test('a thousand at once', async () => {
    const { ctx } = await testWorkspace(open)
    const people = Array.from({ length: 1_000 }, () => ({ identities: [phone(freshPhone())] }))
    const made = await resolve(ctx, people)
    expect(made.filter(({ created }) => created)).toHaveLength(1_000)
    expect((await resolve(ctx, people)).map(({ id }) => id)).toEqual(made.map(({ id }) => id))
  })
})
