import { z } from 'zod'
import { forgetMembers } from '#core/audiences'
import type { Context } from '#kit/context'
import { notFound } from '#kit/errors'
import { operation, raise } from '#kit/operation'
import { lockContacts, notifyMoved } from './contact.store.ts'
import type { Contact } from './contact.ts'
import {
  deleteContactRow,
  detachConversations,
  eraseConversations,
  eraseFromGroupChanges,
  eraseFromGroups,
  eraseRecipients,
  eraseRecurrences,
  lockConversations,
} from './delete.store.ts'

export const deleteContact = operation({
  name: 'contacts.delete',
  does: 'Forget a person. `erase`: what was said goes too, his place in audiences and campaigns and what recurs for him as well, and what waits for him is not sent; `detach`: conversations stay without a name.',
  needs: 'contacts:write',
  mayRefuse: ['not_found'],
  input: z.strictObject({ contactId: z.uuid(), history: z.enum(['erase', 'detach']) }),
  async run(ctx, { contactId, history }): Promise<void> {
    const [contact] = await lockContacts(ctx.db, ctx.workspaceId, [contactId])
    if (!contact) throw notFound('contact')
    const conversationIds = await lockConversations(ctx.db, ctx.workspaceId, contactId)
    if (conversationIds.length > 0)
      await (history === 'erase' ? eraseConversations : detachConversations)(ctx.db, ctx.workspaceId, conversationIds)
    if (history === 'erase') await eraseTraces(ctx, contact)
    await deleteContactRow(ctx.db, ctx.workspaceId, contactId)
    await notifyMoved(ctx.db, ctx.workspaceId)
    ctx.transaction?.afterCommit.push(() => ctx.ports.addressBook.forget(ctx.workspaceId))
    raise(ctx, 'contact.deleted', { contactId }, { history })
  },
})

/** Where he stands beside his conversations. */
async function eraseTraces(ctx: Context, { id, identities }: Contact): Promise<void> {
  const addresses = identities.map(({ value }) => value)
  await eraseFromGroups(ctx.db, ctx.workspaceId, id)
  await eraseFromGroupChanges(ctx.db, ctx.workspaceId, addresses)
  await forgetMembers(ctx.db, ctx.workspaceId, addresses)
  await eraseRecipients(ctx.db, ctx.workspaceId, addresses)
  for (const recurrenceId of await eraseRecurrences(ctx.db, ctx.workspaceId, addresses))
    raise(ctx, 'recurrence.cancelled', { recurrenceId }, { reason: 'contact_erased' })
}
