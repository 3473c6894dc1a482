import { z } from 'zod'
import { operation } from '#kit/operation'
import { cursorId, PAGE_DEFAULT, type Page, PageInput, pageOf } from '#kit/paging'
import { countListed, selectContacts } from './contact.store.ts'
import type { Contact } from './contact.ts'

/** For doors that may ask for everybody. */
export const CONTACTS_AT_ONCE = 10_000

export const listContacts = operation({
  name: 'contacts.list',
  does: 'The contacts of this workspace, newest first; `search` looks into names, e-mail, phone and external id.',
  needs: 'contacts:read',
  input: PageInput.extend({
    limit: z.int().min(1).max(CONTACTS_AT_ONCE).default(PAGE_DEFAULT),
    search: z.string().trim().min(1).max(100).optional(),
    reachable: z.boolean().optional().describe('Only who has an address on WhatsApp'),
    archived: z.boolean().optional().describe('Whether a conversation with the person is archived'),
    skip: z.int().min(0).max(1_000_000).optional().describe('For doors that page by number'),
    withTotal: z.boolean().default(false),
  }),
  async run(ctx, { limit, cursor, skip, withTotal, ...filter }): Promise<Page<Contact> & { total: number | undefined }> {
    const contacts = await selectContacts(ctx.db, ctx.workspaceId, { ...filter, limit, before: cursorId(cursor), skip })
    const total = withTotal ? await countListed(ctx.db, ctx.workspaceId, filter) : undefined
    return { ...pageOf(contacts, limit, ({ id }) => id), total }
  },
})
