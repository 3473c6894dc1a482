import { phoneTwin } from '#core/addresses'
import type { Db } from '#kit/db'
import { selectHeld } from './identity.store.ts'
import { type Person, resolveContacts } from './resolve-contacts.ts'

/** Identities that belong together: the contacts who hold some of them become one that holds all. Nobody new is made; a name fills a gap only. */
export async function joinIdentities(db: Db, workspaceId: string, people: readonly Person[]): Promise<void> {
  const asked = people.flatMap(({ identities }) => identities.flatMap(withTwin))
  if (asked.length === 0) return
  const held = new Set((await selectHeld(db, workspaceId, asked)).map(keyOf))
  const known = people.filter(({ identities }) => identities.flatMap(withTwin).some((identity) => held.has(keyOf(identity))))
  await resolveContacts(db, workspaceId, known, 'fill')
}

type Identity = Person['identities'][number]

const keyOf = ({ kind, value }: Identity) => `${kind} ${value}`

const withTwin = (identity: Identity): Identity[] => {
  const twin = identity.kind === 'phone' ? phoneTwin(identity.value) : undefined
  return twin === undefined ? [identity] : [identity, { kind: 'phone', value: twin }]
}
