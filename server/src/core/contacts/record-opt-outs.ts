import type { OptOut } from '#core/transport'
import type { Ports, RaisedEvent } from '#kit/context'
import { type Db, inTransaction } from '#kit/db'
import { newId } from '#kit/ids'
import { updateOptedIn, updateOptedOut } from './contact.store.ts'
import { identitiesOf } from './identities-of.ts'
import { resolveContacts } from './resolve-contacts.ts'

/** What people told the network, not us: no more marketing, or again. Each change is noted and told once. `db` is the owner's pool. */
export async function recordOptOuts(db: Db, events: Ports['events'], workspaceId: string, optOuts: readonly OptOut[]): Promise<void> {
  const raised = await inTransaction(db, {}, async (tx) => {
    const people = await resolveContacts(
      tx,
      workspaceId,
      optOuts.map(({ from }) => ({ identities: identitiesOf(from) })),
    )
    const changed: RaisedEvent[] = []
    for (const [i, { out }] of optOuts.entries()) {
      const contactId = people[i]?.id
      if (contactId === undefined) continue
      const fresh = out ? await updateOptedOut(tx, workspaceId, contactId) : await updateOptedIn(tx, workspaceId, contactId)
      const type = out ? 'contact.opted_out' : 'contact.opted_in'
      if (fresh) changed.push({ id: newId(), workspaceId, type, subjects: { contactId }, facts: {} })
    }
    if (changed.length > 0) await events.append(tx, changed)
    return changed
  })
  if (raised.length > 0) events.hint(raised)
}
