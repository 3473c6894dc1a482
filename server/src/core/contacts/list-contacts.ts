import { z } from 'zod'
import { operation } from '#kit/operation'
import { cursorId, type Page, PageInput, pageOf } from '#kit/paging'
import { selectContacts } from './contact.store.ts'
import type { Contact } from './contact.ts'

export const listContacts = operation({
  name: 'contacts.list',
  does: 'The contacts of this workspace, newest first; `search` looks into names, e-mail, phone and external id.',
  needs: 'contacts:read',
  input: PageInput.extend({ search: z.string().trim().min(1).max(100).optional() }),
  async run(ctx, { search, limit, cursor }): Promise<Page<Contact>> {
    const contacts = await selectContacts(ctx.db, ctx.workspaceId, { search, limit, before: cursorId(cursor) })
    return pageOf(contacts, limit, ({ id }) => id)
  },
})
