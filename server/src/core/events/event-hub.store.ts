import { type Db, run, sql } from '#kit/db'

export async function notifyEvents(db: Db, payload: string): Promise<void> {
  await run(db, sql`select pg_notify('chasqui_events', ${payload})`)
}
