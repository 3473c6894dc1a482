import { z } from 'zod'
import { type Audience, AudienceName, MEMBERS_AT_ONCE, type Member, MemberInput, Variables } from '#core/audiences'
import { Path, ShownId, showId } from './ids.wire.ts'
import { ListOf, ShownTime, showTime } from './lists.wire.ts'

const ANA = { to: '+14155550123', variables: { name: 'Ana', day: 'Monday' } }

export const NewAudience = z
  .strictObject({ name: AudienceName, members: z.array(MemberInput).max(MEMBERS_AT_ONCE).optional() })
  .meta({ example: { name: 'Spring customers', members: [ANA] } })
export const AudienceEdit = z.strictObject({ name: AudienceName }).meta({ example: { name: 'Summer customers' } })
export const NewMembers = z
  .strictObject({ members: z.array(MemberInput).min(1).max(MEMBERS_AT_ONCE) })
  .meta({ example: { members: [ANA, { to: '+14155550199' }] } })
export const MemberEdit = z
  .strictObject({ to: MemberInput.shape.to.optional(), variables: Variables.optional() })
  .refine((edit) => Object.keys(edit).length > 0, 'nothing to change')
  .meta({ example: { variables: { name: 'Ana', day: 'Tuesday' } } })

/** A member in a path, below its audience. */
export const MemberPath = z.object({ id: Path('aud').shape.id, memberId: Path('mem').shape.id })

export const ShownAudience = z.object({
  id: ShownId('aud'),
  name: z.string(),
  memberCount: z.int(),
  createdAt: ShownTime,
  updatedAt: ShownTime,
})
export const AudienceList = ListOf(ShownAudience)
export const ShownMember = z.object({
  id: ShownId('mem'),
  to: z.string().describe('E.164, or the id of a group or newsletter'),
  variables: z.record(z.string(), z.string()),
  addedAt: ShownTime,
})
export const MemberList = ListOf(ShownMember)
export const Appended = z.object({
  added: z.int(),
  skipped: z.int().describe('Who was in it already, or stood twice in the list'),
  memberCount: z.int(),
})

export const Imported = z.object({
  added: z.int(),
  skipped: z.int().describe('Who was in it already, or stood twice in the file'),
  wrong: z.int().describe('Lines that were left out'),
  memberCount: z.int(),
  errors: z.array(z.object({ line: z.int(), message: z.string() })).describe('What was wrong with them, the first 1,000'),
})

export const showAudience = ({ id, name, memberCount, createdAt, updatedAt }: Audience) => ({
  id: showId('aud', id),
  name,
  memberCount,
  createdAt: showTime(createdAt),
  updatedAt: showTime(updatedAt),
})

export const showMember = ({ id, address, variables, addedAt }: Member) => ({
  id: showId('mem', id),
  to: address,
  variables,
  addedAt: showTime(addedAt),
})
