import { z } from 'zod'
import { operation } from '#kit/operation'
import { badCursor, decodeCursor, type Page, PageInput, pageOf } from '#kit/paging'
import type { Participant } from './group.ts'
import { selectParticipants } from './participant.store.ts'
import { requireGroup } from './require-group.ts'

/** More than WhatsApp lets into a group. */
const ALL = 5_000

export const listParticipants = operation({
  name: 'groups.participants.list',
  does: 'Who is in a group, ordered by address.',
  needs: 'groups:read',
  mayRefuse: ['not_found'],
  input: PageInput.extend({ groupId: z.uuid(), all: z.boolean().default(false).describe('For doors without pages') }),
  async run(ctx, { groupId, limit, cursor, all }): Promise<Page<Participant>> {
    const group = await requireGroup(ctx, groupId)
    const most = all ? ALL : limit
    const rows = await selectParticipants(ctx.db, group, { after: addressIn(cursor), limit: most + 1 })
    return pageOf(rows, most, ({ address }) => address)
  },
})

function addressIn(cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined
  const address = decodeCursor(cursor)
  if (typeof address !== 'string' || address.includes('\0')) throw badCursor()
  return address
}
