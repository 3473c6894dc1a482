import { z } from 'zod'
import { type Group, GroupDescription, GroupName, type KeptChange, type Participant, People, type Refused } from '#core/groups'
import { MediaSource } from './content.wire.ts'
import { Id, Path, ShownId, showId, showMaybe } from './ids.wire.ts'
import { ListOf, Paging, ShownTime, showTime } from './lists.wire.ts'

const ANA = '+14155550123'
const BO = '+14155550124'

export const GroupQuery = z.strictObject({
  ...Paging,
  search: z.string().min(1).max(128).optional().describe('Part of the name'),
  channelId: Id('cha').optional(),
  includeLeft: z
    .enum(['true', 'false'])
    .default('false')
    .transform((word) => word === 'true')
    .describe('Also groups that the channel is out of'),
})
export const ParticipantQuery = z.strictObject(Paging)

export const NewGroup = z
  .strictObject({
    channelId: Id('cha').optional().describe('An own number; by default the first one'),
    name: GroupName,
    participants: People.describe('Phone numbers in any spelling'),
  })
  .meta({ example: { name: 'Delivery team', participants: [ANA, BO] } })
export const GroupEdit = z
  .strictObject({
    name: GroupName.optional(),
    description: GroupDescription.optional().describe("'' takes it away"),
    onlyAdminsWrite: z.boolean().optional(),
    onlyAdminsEdit: z.boolean().optional().describe('Name, description and picture'),
  })
  .refine((edit) => Object.values(edit).some((value) => value !== undefined), 'nothing to change')
  .meta({ example: { description: 'Routes of the day', onlyAdminsEdit: true } })
export const NewParticipants = z.strictObject({ participants: People }).meta({ example: { participants: [ANA] } })
export const Role = z.strictObject({ role: z.enum(['member', 'admin']) }).meta({ example: { role: 'admin' } })
export const Picture = z.strictObject({ media: MediaSource }).meta({ example: { media: { url: 'https://example.com/team.jpg' } } })

/** Somebody in a group, in a path. */
export const ParticipantPath = z.object({
  id: Path('grp').shape.id,
  participant: z
    .string()
    .min(1)
    .max(128)
    .meta({ description: 'His phone number', examples: [ANA] }),
})

export const ShownGroup = z.object({
  id: ShownId('grp'),
  channelId: ShownId('cha'),
  address: z.string().describe('Its WhatsApp id: the `to` of messages'),
  name: z.string().nullable(),
  description: z.string().nullable(),
  owner: z.string().nullable(),
  onlyAdminsWrite: z.boolean(),
  onlyAdminsEdit: z.boolean(),
  pictureId: ShownId('med').nullable(),
  participantCount: z.int(),
  foundedAt: ShownTime.nullable(),
  leftAt: ShownTime.nullable().describe('Since when the channel is not in it'),
  lastMessageAt: ShownTime.nullable(),
  createdAt: ShownTime,
  updatedAt: ShownTime,
})
export const GroupList = ListOf(ShownGroup)
const ShownRefusals = z
  .array(z.object({ address: z.string(), code: z.string(), reason: z.string() }))
  .describe('Who could not be added, and why')
export const MadeGroup = ShownGroup.extend({ refused: ShownRefusals })
export const ParticipantList = ListOf(
  z.object({ address: z.string(), role: z.enum(['member', 'admin', 'owner']), name: z.string().nullable(), joinedAt: ShownTime }),
)

export const showGroup = (group: Group) => ({
  id: showId('grp', group.id),
  channelId: showId('cha', group.channelId),
  address: group.address,
  name: group.name ?? null,
  description: group.description ?? null,
  owner: group.owner ?? null,
  onlyAdminsWrite: group.onlyAdminsWrite,
  onlyAdminsEdit: group.onlyAdminsEdit,
  pictureId: showMaybe('med', group.pictureId),
  participantCount: group.participantCount,
  foundedAt: showTime(group.foundedAt),
  leftAt: showTime(group.leftAt),
  lastMessageAt: showTime(group.lastMessageAt),
  createdAt: showTime(group.createdAt),
  updatedAt: showTime(group.updatedAt),
})

export const showMade = ({ group, refused }: { group: Group; refused: readonly Refused[] }) => ({ ...showGroup(group), refused })

export const showParticipant = ({ address, role, name, joinedAt }: Participant) => ({
  address,
  role,
  name: name ?? null,
  joinedAt: showTime(joinedAt),
})

/** What happened, as events tell it. */
export const showChange = ({ participants, by, was, isNow }: KeptChange) => ({ participants, by: by ?? null, was, isNow })
