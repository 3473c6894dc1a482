import { z } from 'zod'
import { DomainError, noSuch } from '#kit/errors'
import { operation } from '#kit/operation'
import type { Group, Refused } from './group.ts'
import { GroupName, People } from './group-input.ts'
import { readPeople } from './read-people.ts'
import { roadTo } from './require-group.ts'
import { granted } from './road-answer.ts'
import { writeDeed } from './write-deed.ts'

export const createGroup = operation({
  name: 'groups.create',
  does: 'Found a group with up to 256 people. Who cannot be added (not on WhatsApp) is told; the others are in it.',
  needs: 'groups:write',
  mayRefuse: ['invalid', 'not_found', 'no_channel', 'channel_closed', 'unsupported', 'unavailable'],
  transaction: 'none', // the network is asked before anything is locked
  input: z.strictObject({ channelId: z.uuid().optional(), name: GroupName, participants: People }),
  async run(ctx, { channelId, name, participants }): Promise<{ group: Group; refused: Refused[] }> {
    const people = await readPeople(ctx, participants)
    const entry = await ctx.ports.channels.find(ctx.workspaceId, { channelId, persona: 'own_number' })
    if (!entry)
      throw channelId ? noSuch('channelId', 'channel') : new DomainError('no_channel', 'There is no channel to found a group from')
    const road = roadTo(ctx, entry)
    const others = people.filter((address) => address !== entry.number)
    const { group, refused } = granted(await road.create(entry, { name, people: others }))
    return { group: await writeDeed(ctx, { entry, address: group.address }, { kind: 'known', group }), refused }
  },
})
