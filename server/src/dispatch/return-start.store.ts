import { type Db, run, sql } from '#kit/db'

/** The place that a message took of its pair is free again. */
export async function returnPair(db: Db, conversationId: string, everySeconds: number): Promise<void> {
  await run(
    db,
    sql`update conversations set pair_free_at = pair_free_at - make_interval(secs => ${everySeconds}::double precision) where id = ${conversationId}`,
  )
}
