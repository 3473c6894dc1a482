import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { run, sql } from '#kit/db'
import { testWorkspace } from '../../../test/context.ts'
import { type TestDatabase, testDatabase } from '../../../test/database.ts'
import { eventTypesOf } from '../../../test/rows.ts'
import { createContact, getContact, listContacts, upsertContact } from './index.ts'

let open: TestDatabase
beforeAll(async () => {
  open = await testDatabase()
})
afterAll(() => open.close())

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
    expect(await eventTypesOf(ctx)).toEqual(['contact.created'])
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
    expect(await eventTypesOf(ctx)).toEqual(['contact.created'])
  })

  test('upsert makes, then changes only what is given', async () => {
    const { ctx } = await testWorkspace(open)
    const made = await upsertContact(ctx, { phone: '+14155550121', name: 'Ana', email: 'a@example.com', fields: { a: 1, b: 2 } })
    const again = await upsertContact(ctx, { phone: '+14155550121', email: null, fields: { b: null, c: ['x'] } })
    expect([made.created, again.created]).toEqual([true, false])
    expect(again.contact).toMatchObject({ id: made.contact.id, name: 'Ana', email: undefined, fields: { a: 1, c: ['x'] } })
    expect(await eventTypesOf(ctx)).toEqual(['contact.created', 'contact.updated'])
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
