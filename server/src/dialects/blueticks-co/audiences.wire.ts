import { z } from 'zod'
import { type Audience, AudienceName, MEMBERS_AT_ONCE, type Member, MemberInput, Variables } from '#core/audiences'
import { Path, showId } from './ids.wire.ts'
import { Whole } from './paging.wire.ts'

const ContactInput = z.strictObject({ to: MemberInput.shape.to, variables: Variables.optional() })
const ANA = { to: '+14155551234', variables: { firstName: 'Ana' } }

export const NewAudience = z
  .strictObject({ name: AudienceName, contacts: z.array(ContactInput).max(MEMBERS_AT_ONCE).optional() })
  .meta({ examples: [{ name: 'Spring customers', contacts: [ANA] }] })
export const AudienceEdit = z.strictObject({ name: AudienceName }).meta({ examples: [{ name: 'Summer customers' }] })
export const NewContacts = z
  .strictObject({ contacts: z.array(ContactInput).min(1).max(MEMBERS_AT_ONCE) })
  .meta({ examples: [{ contacts: [ANA, { to: '+14155555678' }] }] })
export const ContactEdit = z
  .strictObject({ to: MemberInput.shape.to.optional(), variables: Variables.optional() })
  .refine((edit) => Object.keys(edit).length > 0, 'nothing to change')
  .meta({ examples: [{ variables: { firstName: 'Anna' } }] })

export const ContactPath = z.object({ id: Path('aud').shape.id, contactId: Path('mem').shape.id })

const PAGES_MOST = 100_000
export const CONTACTS_A_PAGE = 50
export const ContactsPage = z.object({
  page: Whole(1, PAGES_MOST).optional().describe(`Shows its contacts as well, ${CONTACTS_A_PAGE} a page`),
})

export const showAudience = ({ id, name, memberCount, createdAt }: Audience) => ({
  id: showId('aud', id),
  name,
  contactCount: memberCount,
  createdAt: createdAt.toISOString(),
})

export const showContact = ({ id, address, variables, addedAt }: Member) => ({
  id: showId('mem', id),
  to: address,
  variables,
  addedAt: addedAt.toISOString(),
})
