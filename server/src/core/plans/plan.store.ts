import { all, type Db, first, sql } from '#kit/db'
import type { Plan } from './plan.ts'

type PlanRow = {
  name: string
  requests_per_minute: number | null
  scheduled_waiting: number | null
  messages_per_month: number | null
  subscribers: number | null
  footer: string | null
}

const toPlan = (row: PlanRow): Plan => ({
  name: row.name,
  requestsPerMinute: row.requests_per_minute ?? undefined,
  scheduledWaiting: row.scheduled_waiting ?? undefined,
  messagesPerMonth: row.messages_per_month ?? undefined,
  subscribers: row.subscribers ?? undefined,
  footer: row.footer ?? undefined,
})

export async function findPlan(db: Db, name: string): Promise<Plan | undefined> {
  const row = await first(
    db,
    sql<PlanRow>`select name, requests_per_minute, scheduled_waiting, messages_per_month, subscribers, footer from plans where name = ${name}`,
  )
  return row && toPlan(row)
}

export const listPlanNames = async (db: Db): Promise<string[]> =>
  (await all(db, sql<{ name: string }>`select name from plans order by name`)).map(({ name }) => name)
