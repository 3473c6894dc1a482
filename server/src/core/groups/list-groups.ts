import { z } from 'zod'
import { getContact } from '#core/contacts'
import { requireNamed } from '#core/conversations'
import { operation } from '#kit/operation'
import { cursorId, type Page, PageInput, pageOf } from '#kit/paging'
import { countGroups, type GroupFilter, selectGroups } from './group.store.ts'
import type { Group } from './group.ts'

export const listGroups = operation({
  name: 'groups.list',
  does: 'The groups that the channels of this workspace are in, newest first.',
  needs: 'groups:read',
  mayRefuse: ['not_found'],
  input: PageInput.extend({
    search: z.string().min(1).max(128).optional().describe('Part of the name'),
    channelId: z.uuid().optional(),
    contactId: z.uuid().optional().describe('Only groups that this person is in as well'),
    participant: z.string().max(128).optional().describe('The same, by address'),
    includeLeft: z.boolean().default(false).describe('Also those that the channel is out of'),
    skip: z.int().min(0).max(1_000_000).optional().describe('For doors that page by number'),
    withTotal: z.boolean().default(false),
  }),
  async run(ctx, { limit, cursor, skip, withTotal, contactId, ...wish }): Promise<Page<Group> & { total: number | undefined }> {
    const { search, channelId, participant, includeLeft } = wish
    await requireNamed(ctx, { channelId })
    const contact = contactId === undefined ? undefined : await getContact(ctx, { contactId })
    const filter: GroupFilter = {
      search,
      channelId,
      includeLeft,
      withAnyOf: contact?.identities.map(({ value }) => value) ?? (participant === undefined ? undefined : [participant]),
    }
    const rows = await selectGroups(ctx.db, ctx.workspaceId, { ...filter, after: cursorId(cursor), limit: limit + 1, skip })
    const total = withTotal ? await countGroups(ctx.db, ctx.workspaceId, filter) : undefined
    return { ...pageOf(rows, limit, ({ id }) => id), total }
  },
})
