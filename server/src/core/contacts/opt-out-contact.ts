import type { Ports, RaisedEvent } from '#kit/context'
import { type Db, inTransaction } from '#kit/db'
import { newId } from '#kit/ids'
import { noteOptOuts } from './contact.store.ts'

/** For the engine: the network says that a person wants no more of this kind. Noted and told once. `db` is the owner's pool. */
export async function optOutContact(db: Db, events: Ports['events'], workspaceId: string, contactId: string): Promise<void> {
  const event: RaisedEvent = { id: newId(), workspaceId, type: 'contact.opted_out', subjects: { contactId }, facts: {} }
  const noted = await inTransaction(db, {}, async (tx) => {
    const fresh = await noteOptOuts(tx, workspaceId, [contactId], true)
    if (fresh.length > 0) events.append(tx, [event])
    return fresh.length > 0
  })
  if (noted) events.hint([event])
}
