import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RaisedEvent } from '#kit/context'
import { testWorkspace } from '../../../test/context.ts'
import { type TestDatabase, testDatabase } from '../../../test/database.ts'
import { eventTypesOf } from '../../../test/rows.ts'
import { createContact, getContact, optOutContact, updateContact } from './index.ts'

let open: TestDatabase
beforeAll(async () => {
  open = await testDatabase()
})
afterAll(() => open.close())

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
    expect((await eventTypesOf(ctx)).filter((type) => type.includes('opted'))).toEqual(['contact.opted_out', 'contact.opted_in'])
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
    expect(await eventTypesOf(ctx)).toEqual(['contact.created', 'contact.opted_out'])
  })
})
