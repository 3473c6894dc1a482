import { all, type Db, first, json, run, sql } from '#kit/db'
import type { Recurrence, RecurrenceState } from './recurrence.ts'
import { Template } from './recurrence-input.ts'

type Row = { [Key in keyof Recurrence]: undefined extends Recurrence[Key] ? Exclude<Recurrence[Key], undefined> | null : Recurrence[Key] }

const COLUMNS = sql.raw(
  `id, workspace_id as "workspaceId", state, address, template, rule, starts_at as "startsAt", time_zone as "timeZone", handled_through as "handledThrough",
   next_occurrence as "nextOccurrence", next_at as "nextAt", silent_until as "silentUntil", version, created_at as "createdAt", updated_at as "updatedAt", ended_at as "endedAt"`,
)

const toRecurrence = (row: Row): Recurrence => ({
  ...row,
  template: Template.parse(row.template),
  handledThrough: row.handledThrough ?? undefined,
  nextOccurrence: row.nextOccurrence ?? undefined,
  nextAt: row.nextAt ?? undefined,
  silentUntil: row.silentUntil ?? undefined,
  endedAt: row.endedAt ?? undefined,
})

export async function insertRecurrence(db: Db, one: Omit<Recurrence, 'version' | 'updatedAt'>): Promise<Recurrence> {
  const rows = await all(
    db,
    sql<Row>`insert into recurrences (id, workspace_id, state, address, template, rule, starts_at, time_zone, next_occurrence, next_at, created_at, updated_at)
      values (${one.id}, ${one.workspaceId}, ${one.state}, ${one.address}, ${json(one.template)}::jsonb, ${one.rule}, ${one.startsAt}, ${one.timeZone},
        ${one.nextOccurrence ?? null}, ${one.nextAt ?? null}, ${one.createdAt}, ${one.createdAt}) returning ${COLUMNS}`,
  )
  const [row] = rows.map(toRecurrence)
  if (!row) throw new Error('a recurrence was not written')
  return row
}

export async function findRecurrence(db: Db, workspaceId: string, id: string): Promise<Recurrence | undefined> {
  const row = await first(db, sql<Row>`select ${COLUMNS} from recurrences where workspace_id = ${workspaceId} and id = ${id}`)
  return row && toRecurrence(row)
}

/** Its row is the caller's until the end of the transaction. */
export async function lockRecurrence(db: Db, workspaceId: string, id: string): Promise<Recurrence | undefined> {
  const row = await first(db, sql<Row>`select ${COLUMNS} from recurrences where workspace_id = ${workspaceId} and id = ${id} for update`)
  return row && toRecurrence(row)
}

/** The same for one that nobody else holds and that is still as it was read. */
export async function lockUnchanged(db: Db, { workspaceId, id, version }: Recurrence): Promise<boolean> {
  const row = await first(
    db,
    sql`select 1 from recurrences where workspace_id = ${workspaceId} and id = ${id} and version = ${version} and state = 'active' for update skip locked`,
  )
  return row !== undefined
}

type Search = { states: readonly RecurrenceState[] | undefined; after: string | undefined; limit: number }

/** Newest first. */
export async function selectRecurrences(db: Db, workspaceId: string, { states, after, limit }: Search): Promise<Recurrence[]> {
  const among = states ? sql`and state = any(${states}::text[])` : sql``
  const beyond = after === undefined ? sql`` : sql`and id < ${after}`
  const rows = await all(
    db,
    sql<Row>`select ${COLUMNS} from recurrences where workspace_id = ${workspaceId} ${among} ${beyond} order by id desc limit ${limit}`,
  )
  return rows.map(toRecurrence)
}

/** Writes a row that the caller holds. */
export async function saveRecurrence(db: Db, one: Recurrence): Promise<Recurrence> {
  const row = await first(
    db,
    sql<Row>`update recurrences set state = ${one.state}, template = ${json(one.template)}::jsonb, rule = ${one.rule}, starts_at = ${one.startsAt}, time_zone = ${one.timeZone},
        handled_through = ${one.handledThrough ?? null}, next_occurrence = ${one.nextOccurrence ?? null}, next_at = ${one.nextAt ?? null}, ended_at = ${one.endedAt ?? null},
        version = version + 1, updated_at = chasqui_now()
      where workspace_id = ${one.workspaceId} and id = ${one.id} returning ${COLUMNS}`,
  )
  return row ? toRecurrence(row) : one
}

/** Active and paused ones, counted no further than `most`. */
export async function countLive(db: Db, workspaceId: string, most: number): Promise<number> {
  const row = await first(
    db,
    sql<{
      count: number
    }>`select count(*) as count from (select 1 from recurrences where workspace_id = ${workspaceId} and state in ('active', 'paused') limit ${most}) live`,
  )
  return row?.count ?? 0
}

export type DueRecurrence = { workspaceId: string; id: string }

/** Of all workspaces, those whose time has come, the most delayed first; what a restore put on hold waits. */
export async function findDueRecurrences(
  db: Db,
  { now, most, besides }: { now: Date; most: number; besides: readonly string[] },
): Promise<DueRecurrence[]> {
  return all(
    db,
    sql<DueRecurrence>`select workspace_id as "workspaceId", id from recurrences where state = 'active' and next_at <= ${now}
      and next_at > coalesce((select held_since from installation), '-infinity') and id <> all(${besides}::uuid[]) order by next_at limit ${most}`,
  )
}

/** When somebody's time comes next; what is due already, and was left, does not count. */
export async function nextDueAt(db: Db, now: Date): Promise<Date | undefined> {
  const row = await first(
    db,
    sql<{ at: Date }>`select next_at as at from recurrences where state = 'active' and next_at > ${now} order by next_at limit 1`,
  )
  return row?.at
}

/** What was due when a restore put the house on hold will be passed over. */
export async function silenceHeld(db: Db): Promise<void> {
  await run(
    db,
    sql`update recurrences r set silent_until = i.held_since, version = version + 1 from installation i
      where r.state = 'active' and i.held_since is not null and r.next_at <= i.held_since`,
  )
}
