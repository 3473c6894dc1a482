import { all, type Db, first, run, sql } from '#kit/db'
import type { Event } from './event.ts'

/** Columns of events to write, one array each, in the order in which they are numbered. */
export type EventColumns = { workspaceId: string[]; id: string[]; type: string[]; subjects: string[]; facts: string[] }

/** Work for the teller: one event (its place among the events, from 1) to one message's own callback. */
export type CallbackColumns = { place: number[]; deliveryId: string[]; receiver: string[]; details: string[] }

/**
 * Numbers events and writes them with their callbacks. The counters stay locked until the commit; a workspace without one breaks the
 * constraint that each event has a number.
 */
export async function insertEvents(db: Db, events: EventColumns, callbacks: CallbackColumns): Promise<void> {
  const workspaceIds = [...new Set(events.workspaceId)]
  await run(
    db,
    sql`with event as (
        select * from unnest(${events.workspaceId}::uuid[], ${events.id}::uuid[], ${events.type}::text[], ${events.subjects}::jsonb[], ${events.facts}::jsonb[])
          with ordinality as e(workspace_id, id, type, subjects, facts, place)),
      wanted as (select workspace_id, count(*) as count from event group by workspace_id),
      locked as (select workspace_id from workspace_counters where workspace_id = any(${workspaceIds}::uuid[]) order by workspace_id for update),
      taken as (
        update workspace_counters c set seq = c.seq + w.count from wanted w where c.workspace_id = w.workspace_id and c.workspace_id = any(array(select workspace_id from locked))
        returning c.workspace_id, c.seq - w.count as before),
      numbered as materialized (
        select e.*, t.before + row_number() over (partition by e.workspace_id order by e.place) as seq from event e left join taken t on t.workspace_id = e.workspace_id),
      written as (
        insert into events (workspace_id, seq, id, type, subjects, facts, at)
        select workspace_id, seq, id, type, subjects, facts, (select chasqui_now()) from numbered order by place)
      insert into outbox (kind, subject, workspace_id, order_at, due_at, receiver, details)
      select 'delivery', c.delivery_id, n.workspace_id, t.at, t.at, c.receiver, c.details || jsonb_build_object('eventSeq', n.seq)
      from unnest(${callbacks.place}::bigint[], ${callbacks.deliveryId}::uuid[], ${callbacks.receiver}::text[], ${callbacks.details}::jsonb[]) as c(place, delivery_id, receiver, details)
      join numbered n on n.place = c.place, (select chasqui_now() as at) t`,
  )
}

type EventRow = {
  workspace_id: string
  seq: number
  id: string
  type: Event['type']
  subjects: Event['subjects']
  facts: Event['facts']
  at: Date
}

const toEvent = ({ workspace_id, ...row }: EventRow): Event => ({ ...row, workspaceId: workspace_id })

const COLUMNS = sql.raw('workspace_id, seq, id, type, subjects, facts, at')

/** The events after a number, oldest first. A first one that is not `afterSeq + 1` means that older ones are no longer kept. */
export async function readEvents(db: Db, workspaceId: string, afterSeq: number, limit: number): Promise<Event[]> {
  const rows = await all(
    db,
    sql<EventRow>`select ${COLUMNS} from events where workspace_id = ${workspaceId} and seq > ${afterSeq} order by seq limit ${limit}`,
  )
  return rows.map(toEvent)
}

/** As readEvents, of some types only; looks no further than `horizon` numbers. */
export async function readEventsOfTypes(
  db: Db,
  workspaceId: string,
  search: { after: number; upTo: number; types: readonly string[]; limit: number },
): Promise<Event[]> {
  const rows = await all(
    db,
    sql<EventRow>`select ${COLUMNS} from events
      where workspace_id = ${workspaceId} and seq > ${search.after} and seq <= ${search.upTo} and type = any(${search.types}::text[]) order by seq limit ${search.limit}`,
  )
  return rows.map(toEvent)
}

/** Named events of a workspace, for retries. */
export async function findEvents(db: Db, keys: readonly { workspaceId: string; seq: number }[]): Promise<Event[]> {
  const rows = await all(
    db,
    sql<EventRow>`select e.workspace_id, e.seq, e.id, e.type, e.subjects, e.facts, e.at
      from unnest(${keys.map((key) => key.workspaceId)}::uuid[], ${keys.map((key) => key.seq)}::bigint[]) as k(workspace_id, seq)
      join events e on e.workspace_id = k.workspace_id and e.seq = k.seq`,
  )
  return rows.map(toEvent)
}

/** The number of the oldest event that is still kept; the next number when none is. A cursor below it minus one has lost events. */
export async function oldestSeq(db: Db, workspaceId: string): Promise<number> {
  const row = await first(db, sql<{ seq: number }>`select seq from events where workspace_id = ${workspaceId} order by seq limit 1`)
  return row?.seq ?? (await latestSeq(db, workspaceId)) + 1
}

/** The number of the last event; 0 before the first. */
export async function latestSeq(db: Db, workspaceId: string): Promise<number> {
  const row = await first(db, sql<{ seq: number }>`select seq from workspace_counters where workspace_id = ${workspaceId}`)
  return row?.seq ?? 0
}
