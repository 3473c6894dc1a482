import { z } from 'zod'
import { notFound } from '#kit/errors'
import { operation } from '#kit/operation'
import { findContacts } from './contact.store.ts'
import type { Contact } from './contact.ts'

export const getContact = operation({
  name: 'contacts.get',
  does: 'One contact with all its identities.',
  needs: 'contacts:read',
  mayRefuse: ['not_found'],
  input: z.strictObject({ contactId: z.uuid() }),
  async run(ctx, { contactId }): Promise<Contact> {
    const [contact] = await findContacts(ctx.db, ctx.workspaceId, [contactId])
    if (!contact) throw notFound('contact')
    return contact
  },
})
