import type { GroupChange } from '#core/transport'
import type { Ports, RaisedEvent } from '#kit/context'
import { type Database, inTransaction } from '#kit/db'
import { newId } from '#kit/ids'
import { applyDeed } from './apply-deed.ts'
import { lockGroup } from './group.store.ts'

type Parts = { database: Database; events: Ports['events'] }
/** `number`: E.164. */
type Channel = { id: string; workspaceId: string; number: string }

/** What a network told of groups takes effect, rows and events in one transaction; told again it changes nothing. */
export async function hearGroupChanges({ database, events }: Parts, channel: Channel, changes: readonly GroupChange[]): Promise<void> {
  const raised = await inTransaction(database.engine, {}, async (db) => {
    const raised: RaisedEvent[] = []
    const byGroup = Map.groupBy(changes, ({ group }) => group)
    for (const address of [...byGroup.keys()].sort()) {
      const { id: channelId, workspaceId, number: own } = channel
      let { group, created } = await lockGroup(db, { id: newId(), workspaceId, channelId, address })
      const told = byGroup.get(address) ?? []
      for (const { id: roadId, at, by, deed } of created ? fromWhole(told) : told) {
        const done = await applyDeed(db, group, { deed, at, by, roadId, own, created })
        group = done.group
        created = false
        raised.push(...done.facts.map((fact) => ({ ...fact, id: newId(), workspaceId })))
      }
    }
    if (raised.length > 0) events.append(db, raised)
    return raised
  })
  if (raised.length > 0) events.hint(raised)
}

/** Of a group that is new to us, what came before the whole is in it. */
const fromWhole = (told: readonly GroupChange[]): readonly GroupChange[] =>
  told.slice(
    Math.max(
      0,
      told.findLastIndex(({ deed }) => deed.kind === 'known'),
    ),
  )
