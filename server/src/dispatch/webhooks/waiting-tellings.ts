import type { Event } from '#core/events'
import type { Rendered } from '#core/webhooks'
import { newId } from '#kit/ids'
import type { Ending, Telling } from './post-event.ts'
import { isSpeakable, renderEvents, type Unspeakable } from './render-events.ts'
import { type Claimed, type EndpointNow, partClaimed } from './teller.store.ts'
import { knownEndpoint, type TellerParts, unspoken } from './teller-parts.ts'

/** Ready to be told; failed: its event could not be put into words. */
export type Tellable = { telling: Telling; failed: Ending | undefined }

type Order = {
  claim: string
  rows: readonly Claimed[]
  events: readonly Event[]
  endpoints: ReadonlyMap<string, EndpointNow>
  /** Deliveries that are the probe of their endpoint. */
  probes: ReadonlySet<string>
}

type Receiver = NonNullable<ReturnType<typeof receiverOf>>
type Bodies = readonly Rendered[] | Unspeakable | undefined
type Told = { row: Claimed; event: Event; receiver: Receiver; probe: boolean }

const keyOf = (workspaceId: string, seq: number) => `${workspaceId} ${seq}`

/** Renders waiting deliveries, one call for each workspace, style and endpoint. wordless: the event is no longer kept, or its door does not tell it. */
export async function waitingTellings(
  parts: TellerParts,
  { claim, rows, events, endpoints, probes }: Order,
): Promise<{ tellable: Tellable[]; wordless: string[] }> {
  const byKey = new Map(events.map((event) => [keyOf(event.workspaceId, event.seq), event]))
  const eventOf = (row: Claimed) => byKey.get(keyOf(row.workspace_id, row.details.eventSeq))
  const tellable: Tellable[] = []
  const wordless: string[] = []
  const several: { told: Told; bodies: readonly Rendered[] }[] = []
  for (const group of Map.groupBy(rows, (row) => `${row.workspace_id} ${row.details.endpointId ?? row.details.style}`).values()) {
    const receiver = receiverOf(parts, group[0], endpoints)
    if (!receiver) continue // its claim ends, and we look again
    const db = parts.database.engine
    const asked = [...new Set(group.flatMap((row) => eventOf(row) ?? []))]
    const rendered = await renderEvents(
      { db, workspaceId: group[0]?.workspace_id ?? '', style: receiver.style, endpoint: receiver.endpoint },
      asked,
    )
    for (const row of group) {
      const event = eventOf(row)
      const told = event && { row, event, receiver, probe: probes.has(row.subject) }
      const bodies = bodiesOf(row, rendered.get(row.details.eventSeq))
      if (!told || !bodies || (isSpeakable(bodies) && bodies.length === 0)) wordless.push(row.subject)
      else if (!isSpeakable(bodies)) tellable.push({ telling: tellingOf(told, undefined), failed: unspoken(bodies, parts.clock.now()) })
      else if (bodies.length === 1) tellable.push({ telling: tellingOf(told, bodies[0]), failed: undefined })
      else several.push({ told, bodies })
    }
  }
  if (several.length > 0) tellable.push(...(await part(parts, claim, several)))
  return { tellable, wordless }
}

/** The one body that the row is about, or all. */
const bodiesOf = ({ details }: Claimed, bodies: Bodies): Bodies =>
  details.toldAs === undefined || !bodies || !isSpeakable(bodies) ? bodies : bodies.filter(({ type }) => type === details.toldAs)

/** From now on each body is a delivery of its own: the row keeps the first, and the probe. */
async function part(
  parts: TellerParts,
  claim: string,
  several: readonly { told: Told; bodies: readonly Rendered[] }[],
): Promise<Tellable[]> {
  const rows = several.flatMap(({ told, bodies }) =>
    bodies.map((rendered, i) => ({ told, rendered, parent: told.row.subject, subject: i === 0 ? told.row.subject : newId() })),
  )
  const ours = await partClaimed(
    parts.database.engine,
    claim,
    rows.map(({ parent, subject, rendered }) => ({ parent, subject, toldAs: rendered.type })),
  )
  return rows.flatMap(({ told, rendered, parent, subject }) => {
    if (!ours.has(subject)) return []
    if (subject === parent) return { telling: tellingOf(told, rendered), failed: undefined }
    if (told.probe) return [] // its claim ends, and then it waits like any other
    const row = { ...told.row, subject, attempt: 0, details: { ...told.row.details, before: 0 } }
    return { telling: tellingOf({ ...told, row }, rendered), failed: undefined }
  })
}

/** Where a group goes and how it is told there. */
function receiverOf(parts: TellerParts, row: Claimed | undefined, endpoints: ReadonlyMap<string, EndpointNow>) {
  const found = endpoints.get(row?.details.endpointId ?? '')
  if (!found) return { style: parts.styleOf(row?.details.style ?? ''), endpoint: undefined }
  const endpoint = knownEndpoint(parts, found)
  return endpoint && { style: endpoint.style, endpoint }
}

const tellingOf = ({ row, event, receiver: { style, endpoint }, probe }: Told, rendered: Rendered | undefined): Telling => ({
  deliveryId: row.subject,
  workspaceId: row.workspace_id,
  attempt: row.attempt + 1,
  before: row.details.before ?? 0,
  receiver: row.receiver,
  endpointId: row.details.endpointId,
  messageId: row.details.messageId,
  url: endpoint?.url ?? row.details.url,
  styleName: endpoint?.styleName ?? row.details.style,
  style,
  secrets: endpoint?.secrets ?? [],
  event,
  toldAs: rendered?.type ?? row.details.toldAs,
  rendered,
  probe,
})
