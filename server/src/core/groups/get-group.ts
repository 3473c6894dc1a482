import { z } from 'zod'
import { notFound } from '#kit/errors'
import { operation } from '#kit/operation'
import { findGroupAt } from './group.store.ts'
import type { Group } from './group.ts'
import { requireGroup } from './require-group.ts'

export const getGroup = operation({
  name: 'groups.get',
  does: 'One group: its name, its rules and how many are in it.',
  needs: 'groups:read',
  mayRefuse: ['not_found'],
  input: z.strictObject({ groupId: z.uuid() }),
  run: (ctx, { groupId }): Promise<Group> => requireGroup(ctx, groupId),
})

export const findGroup = operation({
  name: 'groups.find',
  does: 'One group by its WhatsApp id.',
  needs: 'groups:read',
  mayRefuse: ['not_found'],
  input: z.strictObject({ address: z.string().max(128) }),
  async run(ctx, { address }): Promise<Group> {
    const group = await findGroupAt(ctx.db, ctx.workspaceId, address)
    if (!group) throw notFound('group')
    return group
  },
})
