import { z } from 'zod'
import { type Contact, ContactInput, type PhoneValidation } from '#core/contacts'
import { ShownId, showId } from './ids.wire.ts'
import { ListOf, Paging, ShownTime, showTime } from './lists.wire.ts'

const Phone = z
  .string()
  .min(1)
  .max(32)
  .meta({ description: "A phone number; without a country code it is read in the workspace's country", examples: ['+14155550123'] })

export const NewContact = ContactInput.extend({ phone: Phone }).meta({ example: { phone: '+14155550123', name: 'Ana' } })
export const ContactFacts = ContactInput.meta({ example: { name: 'Ana', fields: { city: 'Cusco' } } })
export const ContactEdit = ContactInput.extend({ phone: Phone.optional() }).meta({ example: { name: 'Ana', optedOut: false } })
export const ContactPhone = z.object({ phone: Phone })
export const ContactQuery = z.strictObject({
  ...Paging,
  search: z.string().min(1).max(200).optional().describe('In name, phone and e-mail'),
})
export const ContactRemoval = z.strictObject({
  history: z
    .enum(['erase', 'detach'])
    .default('detach')
    .describe('erase: conversations and messages go too; detach: they stay without the contact'),
})

export const ShownContact = z.object({
  id: ShownId('con'),
  name: z.string().nullable(),
  profileName: z.string().nullable().describe('What the person calls himself on WhatsApp'),
  phone: z.string().nullable().describe('E.164'),
  email: z.string().nullable(),
  language: z.string().nullable(),
  timeZone: z.string().nullable(),
  externalId: z.string().nullable(),
  fields: z.record(z.string(), z.unknown()),
  identities: z.array(z.object({ kind: z.string(), value: z.string() })),
  optedOutAt: ShownTime.nullable(),
  blockedAt: ShownTime.nullable(),
  createdAt: ShownTime,
  updatedAt: ShownTime,
})
export const ContactList = ListOf(ShownContact)

export const PhoneToValidate = z.strictObject({ phone: z.string().min(1).max(128) }).meta({ example: { phone: '+14155550123' } })
export const ShownValidation = z.object({
  valid: z.boolean().describe('Whether messages can go there'),
  phone: z.string().nullable().describe('E.164; null when it could not be read'),
  onWhatsApp: z.boolean().nullable().describe('What the network says; null where the channel cannot ask'),
})
export const showValidation = ({ valid, address, onWhatsApp }: PhoneValidation) => ({
  valid,
  phone: address ?? null,
  onWhatsApp: onWhatsApp ?? null,
})

export const ShownPicture = z.object({ url: z.string().nullable().describe('Null when there is none, or the channel cannot ask') })
export const showPicture = (url: string | undefined) => ({ url: url ?? null })

export const showContact = (contact: Contact) => ({
  id: showId('con', contact.id),
  name: contact.name ?? null,
  profileName: contact.profileName ?? null,
  phone: contact.phone ?? null,
  email: contact.email ?? null,
  language: contact.language ?? null,
  timeZone: contact.timeZone ?? null,
  externalId: contact.externalId ?? null,
  fields: contact.fields,
  identities: contact.identities.map(({ kind, value }) => ({ kind, value })),
  optedOutAt: showTime(contact.optedOutAt),
  blockedAt: showTime(contact.blockedAt),
  createdAt: showTime(contact.createdAt),
  updatedAt: showTime(contact.updatedAt),
})
