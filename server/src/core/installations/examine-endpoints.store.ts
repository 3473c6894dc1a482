import { all, type Db, sql } from '#kit/db'

export type EndpointHealth = { url: string; disabledReason: string | undefined; failures: number; probeAt: Date | undefined }

/** Not those that a person switched off. */
export async function selectFailing(db: Db, most: number): Promise<EndpointHealth[]> {
  const rows = await all(
    db,
    sql<{ url: string; disabledReason: string | null; failures: number; probeAt: Date | null }>`
      select url, case when state = 'disabled' then disabled_reason end as "disabledReason", failures, probe_at as "probeAt" from endpoints
      where (state = 'disabled' and disabled_reason is distinct from 'by_hand') or (state = 'enabled' and probe_at is not null)
      order by state, failures desc, id limit ${most}`,
  )
  return rows.map(({ disabledReason, probeAt, ...row }) => ({
    ...row,
    disabledReason: disabledReason ?? undefined,
    probeAt: probeAt ?? undefined,
  }))
}
