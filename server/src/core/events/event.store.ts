import { all, type Db, first, run, sql } from '#kit/db'
import type { Event } from './event.ts'

/** Takes `count` numbers of each workspace; answers the last number taken. The counters stay locked until the commit. */
export async function takeNumbers(db: Db, counts: ReadonlyMap<string, number>): Promise<Map<string, number>> {
  const rows = await all(
    db,
    sql<{ workspace_id: string; seq: number }>`
      with wanted as (select * from unnest(${[...counts.keys()]}::uuid[], ${[...counts.values()]}::int[]) as w(workspace_id, count)),
        locked as (select c.workspace_id, w.count from wanted w join workspace_counters c on c.workspace_id = w.workspace_id order by c.workspace_id for update of c)
      update workspace_counters c set seq = c.seq + l.count from locked l where c.workspace_id = l.workspace_id
      returning c.workspace_id, c.seq`,
  )
  return new Map(rows.map((row) => [row.workspace_id, row.seq]))
}

/** Columns of rows to insert, one array each. */
export type NumberedColumns = { workspaceId: string[]; seq: number[]; id: string[]; type: string[]; subjects: string[]; facts: string[] }

export async function insertEvents(db: Db, rows: NumberedColumns): Promise<void> {
  await run(
    db,
    sql`insert into events (workspace_id, seq, id, type, subjects, facts, at)
      select *, (select chasqui_now()) from unnest(${rows.workspaceId}::uuid[], ${rows.seq}::bigint[], ${rows.id}::uuid[], ${rows.type}::text[],
        ${rows.subjects}::jsonb[], ${rows.facts}::jsonb[])`,
  )
}

export type CallbackColumns = { workspaceId: string[]; deliveryId: string[]; receiver: string[]; details: string[] }

/** Work for the teller: one event to one message's own callback. */
export async function insertCallbacks(db: Db, rows: CallbackColumns): Promise<void> {
  await run(
    db,
    sql`insert into outbox (kind, subject, workspace_id, order_at, due_at, receiver, details)
      select 'delivery', c.id, c.workspace_id, n.at, n.at, c.receiver, c.details
      from unnest(${rows.workspaceId}::uuid[], ${rows.deliveryId}::uuid[], ${rows.receiver}::text[], ${rows.details}::jsonb[]) as c(workspace_id, id, receiver, details),
        (select chasqui_now() as at) n`,
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
