import { z } from 'zod'
import { type Group, GroupName, type KeptChange, type Participant, PEOPLE_AT_ONCE } from '#core/groups'
import { invalidField } from '#kit/errors'
import { chatIdOf } from './key.wire.ts'
import { showTime } from './message-parts.wire.ts'
import { Paging } from './paging.wire.ts'
import { searchBy, Truth } from './search-words.wire.ts'

const GROUP_ID = /^\d+(?:-\d+)?@g\.us$/
const PERSON = /^(?:\+[1-9]\d{6,14}|\d+@(?:c\.us|s\.whatsapp\.net|lid))$/
const EXAMPLE = '120363012345678901@g.us'
const ANA = '+14155551234'
const PICTURE_MOST = 20_971_520

const GroupId = z
  .string()
  .max(128)
  .regex(GROUP_ID, 'must be a group id')
  .meta({ examples: [EXAMPLE] })
const Person = z
  .string()
  .max(128)
  .regex(PERSON, 'must be a phone number like +14155551234 or the chat id of a person')
  .meta({ examples: ['14155551234@c.us'] })
const People = z.array(Person).min(1).max(PEOPLE_AT_ONCE)
export const Words = (most: number) => z.string().min(1).max(most).optional()

export const GroupPath = z.object({ id: GroupId })
export const MemberPath = z.object({ id: GroupId, chatId: Person })
export const PersonPath = z.object({ chatId: Person })
export const GroupQuery = z.object({ ...Paging, ...searchBy(Words(128), 'Part of the name'), includeArchive: Truth.optional() })
export const GroupInclude = z.object({ include: z.string().max(128).optional().describe('`participants` shows them as well') })

export const NewGroup = z
  .strictObject({ name: GroupName, participants: People })
  .meta({ examples: [{ name: 'Delivery team', participants: [ANA] }] })
export const GroupEdit = z
  .strictObject({
    name: GroupName.optional(),
    settings: z
      .strictObject({
        announce: z.boolean().optional().describe('Only admins write'),
        restrict: z.boolean().optional().describe('Only admins change the group'),
        editInfoAdminsOnly: z.boolean().optional().describe('The same as `restrict`'),
        description: z.string().min(1).max(2048).optional(),
      })
      .optional(),
  })
  .refine(
    ({ name, settings = {} }) => name !== undefined || Object.values(settings).some((value) => value !== undefined),
    'nothing to change',
  )
  .meta({ examples: [{ name: 'Crew', settings: { announce: true } }] })
export const NewMembers = z
  .strictObject({ chatId: Person.optional(), participants: People.optional() })
  .refine(({ chatId, participants }) => chatId !== undefined || participants !== undefined, 'either chatId or participants is required')
  .meta({ examples: [{ participants: [ANA] }] })
export const Picture = z.strictObject({
  fileDataUrl: z.string().min(1).max(PICTURE_MOST).optional().describe('A data URL of a PNG or JPEG'),
  url: z
    .url({ protocol: /^https?$/ })
    .max(2048)
    .optional(),
  fileName: Words(255),
  fileMimeType: Words(127),
})

/** As the route takes it: a form is no JSON. */
export const MaybePicture = Picture.nullish().meta({ examples: [{ url: 'https://example.com/team.jpg' }] })

export const membersIn = ({ chatId, participants = [] }: z.output<typeof NewMembers>): string[] => [
  ...(chatId === undefined ? [] : [chatId]),
  ...participants,
]

/** Two names of one rule. Throws `invalid` when they differ. */
export function toEdit({ name, settings = {} }: z.output<typeof GroupEdit>) {
  const { announce, restrict, editInfoAdminsOnly, description } = settings
  if (restrict !== undefined && editInfoAdminsOnly !== undefined && restrict !== editInfoAdminsOnly)
    throw invalidField('settings.editInfoAdminsOnly', 'is another name of restrict, and differs from it')
  return { name, description, onlyAdminsWrite: announce, onlyAdminsEdit: restrict ?? editInfoAdminsOnly }
}

/** Lists do without the people. */
export const showGroup = (group: Group, participants?: readonly Participant[]) => ({
  id: group.address,
  name: group.name ?? null,
  description: group.description ?? null,
  owner: group.owner === undefined ? null : chatIdOf(group.owner),
  createdAt: showTime(group.foundedAt ?? group.createdAt),
  lastMessageAt: showTime(group.lastMessageAt),
  participantCount: group.participantCount,
  restrict: group.onlyAdminsEdit,
  announce: group.onlyAdminsWrite,
  participants: participants?.map(showParticipant) ?? null,
})

const showParticipant = ({ address, role, name }: Participant) => ({
  chatId: chatIdOf(address),
  isAdmin: role !== 'member',
  isSuperAdmin: role === 'owner',
  name: name ?? null,
})

/** Who did it, and when. */
const done = ({ address, by, at }: KeptChange) => ({
  groupId: address,
  by: by === undefined ? null : chatIdOf(by),
  timestamp: at.toISOString(),
})

export const showMembership = (change: KeptChange) => ({ ...done(change), participants: change.participants.map(chatIdOf) })

export const showAdminChange = (change: KeptChange) => ({ ...showMembership(change), isAdmin: change.kind === 'promoted' })

/** undefined: these words did not change. */
export function showNewWords(change: KeptChange, word: 'name' | 'description') {
  const { was, isNow } = change
  return word in isNow ? { ...done(change), [word]: isNow[word] ?? null, previous: was[word] ?? null } : undefined
}
