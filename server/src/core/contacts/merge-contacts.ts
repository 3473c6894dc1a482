import type { Db } from '#kit/db'
import { lockContacts, notifyMoved, updateContactRow } from './contact.store.ts'
import type { Contact } from './contact.ts'
import { moveToContact } from './merge.store.ts'

/** Makes one contact of several: the oldest stays, keeps its own words and takes what it lacks from the others; a refusal to be written to stays in force. */
export async function mergeContacts(db: Db, workspaceId: string, contactIds: readonly string[]): Promise<void> {
  const [kept, ...dropped] = await lockContacts(db, workspaceId, contactIds)
  if (!kept || dropped.length === 0) return
  await moveToContact(
    db,
    workspaceId,
    kept.id,
    dropped.map(({ id }) => id),
  )
  await notifyMoved(db, workspaceId)
  const all = [kept, ...dropped]
  const firstOf = <Key extends keyof Contact>(key: Key): Contact[Key] | undefined =>
    all.find((contact) => contact[key] !== undefined)?.[key]
  await updateContactRow(db, kept, {
    name: firstOf('name'),
    profileName: firstOf('profileName'),
    email: firstOf('email'),
    phone: firstOf('phone'),
    language: firstOf('language'),
    timeZone: firstOf('timeZone'),
    externalId: firstOf('externalId'),
    fields: Object.assign({}, ...all.map(({ fields }) => fields).reverse()),
    optedOutAt: firstOf('optedOutAt'),
    blockedAt: firstOf('blockedAt'),
  })
}
