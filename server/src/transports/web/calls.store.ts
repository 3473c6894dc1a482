import { all, type Db, first, run, sql } from '#kit/db'

/** Asks whoever holds the session now; undefined: nobody does. */
export async function insertCall(
  db: Db,
  call: { id: string; channelId: string; workspaceId: string; request: Buffer },
): Promise<{ node: string } | undefined> {
  return first(
    db,
    sql<{ node: string }>`
    with holder as (select node, epoch from owners where channel_id = ${call.channelId} and node is not null and until > chasqui_now()),
      made as (insert into session_calls (id, channel_id, workspace_id, epoch, request, asked_at)
        select ${call.id}, ${call.channelId}, ${call.workspaceId}, epoch, ${call.request}, chasqui_now() from holder)
    select node, pg_notify('chasqui_changed', ${`call:${call.channelId}`}) from holder`,
  )
}

export type Call = { id: string; channelId: string; epoch: number; request: Buffer }

/** Takes what is asked of these sessions, each once. */
export async function takeCalls(db: Db, held: readonly { channelId: string; epoch: number }[]): Promise<Call[]> {
  return all(
    db,
    sql<Call>`
    with mine as (select c.id from session_calls c join unnest(${held.map((h) => h.channelId)}::uuid[], ${held.map((h) => h.epoch)}::bigint[]) as h(channel_id, epoch)
      on h.channel_id = c.channel_id and h.epoch = c.epoch where c.taken_at is null order by c.id for update of c skip locked)
    update session_calls c set taken_at = chasqui_now() from mine where c.id = mine.id
    returning c.id, c.channel_id as "channelId", c.epoch, c.request`,
  )
}

export async function writeAnswer(db: Db, id: string, answer: Buffer): Promise<void> {
  await run(db, sql`update session_calls set answer = ${answer} where id = ${id}`)
  await run(db, sql`select pg_notify('chasqui_changed', ${`answer:${id}`})`)
}

/** The answer, if there is one yet. */
export async function selectAnswer(db: Db, id: string): Promise<Buffer | undefined> {
  return (await first(db, sql<{ answer: Buffer | null }>`select answer from session_calls where id = ${id}`))?.answer ?? undefined
}

/** Fetched or given up; answers what had become of it. */
export async function deleteCall(db: Db, id: string): Promise<{ isTaken: boolean; answer: Buffer | null } | undefined> {
  return first(
    db,
    sql<{
      isTaken: boolean
      answer: Buffer | null
    }>`delete from session_calls where id = ${id} returning taken_at is not null as "isTaken", answer`,
  )
}

/** What nobody fetched: its asker died, or gave up. */
export async function deleteOldCalls(db: Db): Promise<void> {
  await run(db, sql`delete from session_calls where asked_at < chasqui_now() - interval '2 minutes'`)
}
