import type { OptOut } from '#core/transport'
import type { Ports, RaisedEvent } from '#kit/context'
import { type Db, inTransaction } from '#kit/db'
import { newId } from '#kit/ids'
import { noteOptOuts } from './contact.store.ts'
import { identitiesOf } from './identities-of.ts'
import { resolveContacts } from './resolve-contacts.ts'

/** What people told the network, not us: no more marketing, or again. The last word of each counts; each change is noted and told once. `db` is the owner's pool. */
export async function recordOptOuts(db: Db, events: Ports['events'], workspaceId: string, optOuts: readonly OptOut[]): Promise<void> {
  const inOrder = optOuts.toSorted((a, b) => a.at.getTime() - b.at.getTime())
  const raised = await inTransaction(db, {}, async (tx) => {
    const people = await resolveContacts(
      tx,
      workspaceId,
      inOrder.map(({ from }) => ({ identities: identitiesOf(from) })),
    )
    const made = (type: string, contactId: string): RaisedEvent => ({ id: newId(), workspaceId, type, subjects: { contactId }, facts: {} })
    const news = people.filter(({ created }) => created).map(({ id }) => made('contact.created', id))
    const last = new Map(people.map(({ id }, i) => [id, inOrder[i]?.out ?? false]))
    for (const out of [true, false]) {
      const meant = [...last].flatMap(([id, isOut]) => (isOut === out ? id : []))
      const fresh = await noteOptOuts(tx, workspaceId, meant, out)
      news.push(...fresh.map((id) => made(out ? 'contact.opted_out' : 'contact.opted_in', id)))
    }
    if (news.length > 0) events.append(tx, news)
    return news
  })
  if (raised.length > 0) events.hint(raised)
}
