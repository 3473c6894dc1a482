import type { Context } from '#kit/context'
import { sqlState } from '#kit/db'
import { DomainError } from '#kit/errors'
import { raise } from '#kit/operation'
import { type ContactFacts, findContacts, updateContactRow } from './contact.store.ts'
import type { Contact } from './contact.ts'
import type { ContactInput } from './contact-input.ts'

/** Writes what a caller said of a contact that he holds locked; answers it as it is then. Throws `conflict` when the external id is another contact's. */
export async function applyInput(ctx: Context, contact: Contact, input: ContactInput & { phone?: string | undefined }): Promise<Contact> {
  await updateContactRow(ctx.db, contact, factsOf(ctx, contact, input)).catch((error: unknown) => {
    throw sqlState(error) === '23505' ? taken('externalId', 'Another contact has this external id') : error
  })
  if (input.optedOut === true && !contact.optedOutAt) raise(ctx, 'contact.opted_out', { contactId: contact.id })
  if (input.optedOut === false && contact.optedOutAt) raise(ctx, 'contact.opted_in', { contactId: contact.id })
  const [now] = await findContacts(ctx.db, ctx.workspaceId, [contact.id])
  return now ?? contact
}

export const taken = (path: string, message: string, facts: Record<string, unknown> = {}): DomainError =>
  new DomainError('conflict', message, { issues: [{ path, code: 'taken', message }], facts })

/** undefined: not mentioned; null: taken back. */
const chosen = <Value>(wish: Value | null | undefined, now: Value | undefined): Value | undefined =>
  wish === undefined ? now : (wish ?? undefined)

function factsOf(ctx: Context, contact: Contact, input: ContactInput & { phone?: string | undefined }): ContactFacts {
  const fields = Object.fromEntries(Object.entries({ ...contact.fields, ...input.fields }).filter(([, value]) => value !== null))
  const mark = (wish: boolean | undefined, since: Date | undefined) =>
    wish === undefined ? since : wish ? (since ?? ctx.now()) : undefined
  return {
    name: chosen(input.name, contact.name),
    profileName: contact.profileName,
    email: chosen(input.email, contact.email),
    phone: chosen(input.phone, contact.phone),
    language: chosen(input.language, contact.language),
    timeZone: chosen(input.timeZone, contact.timeZone),
    externalId: chosen(input.externalId, contact.externalId),
    fields,
    optedOutAt: mark(input.optedOut, contact.optedOutAt),
    blockedAt: mark(input.blocked, contact.blockedAt),
  }
}
