import { type Db, first, sql } from '#kit/db'

export type Window = { startedAt: Date; used: number }

/** Takes `amount` requests of the running minute for one node, and drops the subject's past minutes. */
export async function takeSlice(db: Db, subject: string, amount: number): Promise<Window> {
  const row = await first(
    db,
    sql<{ window_start: Date; used: number }>`with minute as (select date_trunc('minute', chasqui_now()) as at),
      past as (delete from rate_windows using minute where subject = ${subject} and window_start < minute.at)
      insert into rate_windows as w (subject, window_start, used) select ${subject}, at, ${amount}::integer from minute
      on conflict (subject, window_start) do update set used = w.used + excluded.used
      returning window_start, used`,
  )
  if (!row) throw new Error('a rate window was not written')
  return { startedAt: row.window_start, used: row.used }
}
