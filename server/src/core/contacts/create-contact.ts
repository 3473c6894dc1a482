import { z } from 'zod'
import { normalisePhone } from '#core/addresses'
import type { Context } from '#kit/context'
import { DomainError, notFound } from '#kit/errors'
import { operation, raise } from '#kit/operation'
import { applyInput, taken } from './apply-input.ts'
import { countContacts, lockContacts } from './contact.store.ts'
import type { Contact } from './contact.ts'
import { ContactInput } from './contact-input.ts'
import { resolveContacts } from './resolve-contacts.ts'

const NewContact = ContactInput.extend({
  phone: z.string().min(1).max(64).describe('In any spelling; without a country code it is of the workspace\u2019s country'),
})
type NewContact = z.output<typeof NewContact>

export const createContact = operation({
  name: 'contacts.create',
  does: 'Note a person by the phone; refuses one whose phone is known.',
  needs: 'contacts:write',
  mayRefuse: ['invalid', 'conflict', 'plan_limit'],
  input: NewContact,
  async run(ctx, input): Promise<Contact> {
    const { contact, created } = await resolveByPhone(ctx, input.phone)
    if (!created) throw taken('phone', 'There is a contact with this phone', { contactId: contact.id })
    return writeNew(ctx, contact, input)
  },
})

export const upsertContact = operation({
  name: 'contacts.upsert',
  does: 'Note a person by the phone, or change what is given of the one who has it.',
  needs: 'contacts:write',
  mayRefuse: ['invalid', 'conflict', 'plan_limit'],
  input: NewContact,
  async run(ctx, input): Promise<{ contact: Contact; created: boolean }> {
    const { contact, created } = await resolveByPhone(ctx, input.phone)
    if (created) return { contact: await writeNew(ctx, contact, input), created }
    const { phone: _, ...more } = input
    const changed = await applyInput(ctx, contact, more)
    raise(ctx, 'contact.updated', { contactId: contact.id })
    return { contact: changed, created }
  },
})

async function resolveByPhone(ctx: Context, raw: string): Promise<{ contact: Contact; created: boolean }> {
  const { defaultCountry, plan } = await ctx.ports.workspaces.get(ctx.workspaceId)
  const phone = normalisePhone(raw, defaultCountry, 'phone')
  const [resolved] = await resolveContacts(ctx.db, ctx.workspaceId, [{ identities: [{ kind: 'phone', value: phone }] }])
  const [contact] = resolved ? await lockContacts(ctx.db, ctx.workspaceId, [resolved.id]) : []
  if (!resolved || !contact) throw notFound('contact') // erased by somebody between the two
  if (
    resolved.created &&
    plan.subscribers !== undefined &&
    (await countContacts(ctx.db, ctx.workspaceId, plan.subscribers + 1)) > plan.subscribers
  ) {
    throw new DomainError('plan_limit', `This plan lets you keep ${plan.subscribers} contacts`)
  }
  return { contact, created: resolved.created }
}

async function writeNew(ctx: Context, contact: Contact, input: NewContact): Promise<Contact> {
  const { phone: _, ...more } = input
  raise(ctx, 'contact.created', { contactId: contact.id })
  return applyInput(ctx, contact, more)
}
