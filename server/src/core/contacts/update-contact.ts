import { z } from 'zod'
import { normalisePhone } from '#core/addresses'
import type { Context } from '#kit/context'
import { notFound } from '#kit/errors'
import { operation, raise } from '#kit/operation'
import { applyInput, taken } from './apply-input.ts'
import { lockContacts } from './contact.store.ts'
import type { Contact } from './contact.ts'
import { ContactInput } from './contact-input.ts'
import { deleteIdentity, findHolder, insertIdentities } from './identity.store.ts'

export const updateContact = operation({
  name: 'contacts.update',
  does: 'Change what is given of a contact; null takes a value back.',
  needs: 'contacts:write',
  mayRefuse: ['invalid', 'not_found', 'conflict'],
  input: ContactInput.extend({ contactId: z.uuid(), phone: z.string().min(1).max(64).optional() }),
  async run(ctx, { contactId, phone: raw, ...input }): Promise<Contact> {
    const [contact] = await lockContacts(ctx.db, ctx.workspaceId, [contactId])
    if (!contact) throw notFound('contact')
    const phone =
      raw === undefined ? undefined : normalisePhone(raw, (await ctx.ports.workspaces.get(ctx.workspaceId)).defaultCountry, 'phone')
    if (phone !== undefined && phone !== contact.phone) await movePhone(ctx, contact, phone)
    const changed = await applyInput(ctx, contact, { ...input, phone })
    raise(ctx, 'contact.updated', { contactId })
    return changed
  },
})

/** The new number must be nobody else's; the old one is free again. */
async function movePhone(ctx: Context, { id: contactId, phone: old }: Contact, phone: string): Promise<void> {
  const identity = { kind: 'phone', value: phone } as const
  const made = await insertIdentities(ctx.db, ctx.workspaceId, [{ ...identity, contactId }])
  const holder = made > 0 ? contactId : await findHolder(ctx.db, ctx.workspaceId, identity)
  if (holder !== contactId) throw taken('phone', 'Another contact has this phone', { contactId: holder })
  if (old !== undefined) await deleteIdentity(ctx.db, ctx.workspaceId, { kind: 'phone', value: old, contactId })
}
