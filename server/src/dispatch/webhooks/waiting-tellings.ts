import type { Event } from '#core/events'
import type { Ending, Telling } from './post-event.ts'
import { isSpeakable, renderEvents } from './render-events.ts'
import type { Claimed, EndpointNow } from './teller.store.ts'
import { knownEndpoint, type TellerParts, unspoken } from './teller-parts.ts'

/** Ready to be told; failed: its event could not be put into words. */
export type Tellable = { telling: Telling; failed: Ending | undefined }

type Order = {
  rows: readonly Claimed[]
  events: readonly Event[]
  endpoints: ReadonlyMap<string, EndpointNow>
  /** Deliveries that are the probe of their endpoint. */
  probes: ReadonlySet<string>
}

const keyOf = (workspaceId: string, seq: number) => `${workspaceId} ${seq}`

/** Renders waiting deliveries, one call for each workspace, style and endpoint. wordless: the event is no longer kept, or its door does not tell it. */
export async function waitingTellings(
  parts: TellerParts,
  { rows, events, endpoints, probes }: Order,
): Promise<{ tellable: Tellable[]; wordless: string[] }> {
  const byKey = new Map(events.map((event) => [keyOf(event.workspaceId, event.seq), event]))
  const tellable: Tellable[] = []
  const wordless: string[] = []
  for (const group of Map.groupBy(rows, (row) => `${row.workspace_id} ${row.details.endpointId ?? row.details.style}`).values()) {
    const told = group.flatMap((row) => byKey.get(keyOf(row.workspace_id, row.details.eventSeq)) ?? [])
    const receiver = receiverOf(parts, group[0], endpoints)
    if (!receiver) continue // its claim ends, and we look again
    const db = parts.database.engine
    const bodies = await renderEvents(
      { db, workspaceId: group[0]?.workspace_id ?? '', style: receiver.style, endpoint: receiver.endpoint },
      [...new Set(told)],
    )
    for (const row of group) {
      const event = byKey.get(keyOf(row.workspace_id, row.details.eventSeq))
      const rendered = bodies.get(row.details.eventSeq)
      if (!event || !rendered) {
        wordless.push(row.subject)
        continue
      }
      const words = isSpeakable(rendered) ? rendered : { eventId: event.id, type: event.type, body: '' }
      const failed = isSpeakable(rendered) ? undefined : unspoken(rendered, parts.clock.now())
      tellable.push({ telling: tellingOf(row, { ...receiver, event, rendered: words, probe: probes.has(row.subject) }), failed })
    }
  }
  return { tellable, wordless }
}

/** Where a group goes and how it is told there. */
function receiverOf(parts: TellerParts, row: Claimed | undefined, endpoints: ReadonlyMap<string, EndpointNow>) {
  const found = endpoints.get(row?.details.endpointId ?? '')
  if (!found) return { style: parts.styleOf(row?.details.style ?? ''), endpoint: undefined }
  const endpoint = knownEndpoint(parts, found)
  return endpoint && { style: endpoint.style, endpoint }
}

type Words = NonNullable<ReturnType<typeof receiverOf>> & Pick<Telling, 'event' | 'rendered' | 'probe'>

const tellingOf = (
  { subject, workspace_id, attempt, receiver, details }: Claimed,
  { style, endpoint, event, rendered, probe }: Words,
): Telling => ({
  deliveryId: subject,
  workspaceId: workspace_id,
  attempt: attempt + 1,
  before: details.before ?? 0,
  receiver,
  endpointId: details.endpointId,
  messageId: details.messageId,
  url: endpoint?.url ?? details.url,
  styleName: endpoint?.styleName ?? details.style,
  style,
  secrets: endpoint?.secrets ?? [],
  event,
  rendered,
  probe,
})
