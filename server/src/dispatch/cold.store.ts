import { all, type Db, first, run, sql } from '#kit/db'
import type { GuardFigures } from './judge-cold.ts'

type Told = { contactId: string; channelId: string }

/** Those of these people who wrote to that channel from another address of theirs: they are not cold. */
export async function findKnown(db: Db, people: readonly Told[]): Promise<Told[]> {
  return all(
    db,
    sql<Told>`select distinct v.contact_id as "contactId", v.channel_id as "channelId" from conversations v
      where v.contact_id = any(${people.map(({ contactId }) => contactId)}::uuid[]) and v.channel_id = any(${people.map(({ channelId }) => channelId)}::uuid[])
        and v.last_inbound_at is not null and v.address !~ '@(g[.]us|newsletter)$'`,
  )
}

/** What a channel's guard judges by: its last 100 sends that ended, and the last 50 people it wrote to first, a day ago or longer. */
export async function readGuardFigures(db: Db, { channelId, from }: { channelId: string; from: Date }, now: Date): Promise<GuardFigures> {
  const row = await first(
    db,
    sql<GuardFigures>`
    select s.tried, s.failed, r.written, r.replied from (
      select count(*)::integer as tried, (count(*) filter (where m.state = 'failed'))::integer as failed
      from (select workspace_id, message_id from own_sends where channel_id = ${channelId} and at >= ${from} order by at desc limit 100) l
      join messages m on m.workspace_id = l.workspace_id and m.id = l.message_id where m.state in ('sent', 'delivered', 'read', 'played', 'failed')
    ) s, (
      select count(*)::integer as written, (count(*) filter (where v.last_inbound_at is not null or exists (
        select 1 from conversations o where o.contact_id = v.contact_id and o.channel_id = v.channel_id and o.last_inbound_at is not null)))::integer as replied
      from (select conversation_id, min(at) as at from own_sends where channel_id = ${channelId} and is_cold and at >= ${from} group by conversation_id
        having min(at) <= ${now}::timestamptz - interval '1 day' order by min(at) desc limit 50) l
      join conversations v on v.id = l.conversation_id
    ) r`,
  )
  return row ?? { tried: 0, failed: 0, written: 0, replied: 0 }
}

export type OwnSend = { channelId: string; workspaceId: string; messageId: string; conversationId: string; isCold: boolean }

/** Notes what an own number starts, once each. */
export async function noteSends(db: Db, sends: readonly OwnSend[], at: Date): Promise<void> {
  await run(
    db,
    sql`insert into own_sends (channel_id, workspace_id, message_id, conversation_id, is_cold, at)
      select s.*, ${at}::timestamptz from unnest(${sends.map((s) => s.channelId)}::uuid[], ${sends.map((s) => s.workspaceId)}::uuid[], ${sends.map((s) => s.messageId)}::uuid[],
        ${sends.map((s) => s.conversationId)}::uuid[], ${sends.map((s) => s.isCold)}::boolean[]) as s order by 1, 3 on conflict do nothing`,
  )
}

export type SendRef = { channelId: string; messageId: string }

/** Takes back that a cold message was sent; answers the day (of that zone) for which it was counted, undefined: it was not. */
export async function forgetSend(db: Db, { channelId, messageId }: SendRef, timeZone: string): Promise<string | undefined> {
  const row = await first(
    db,
    sql<{ day: string }>`delete from own_sends where channel_id = ${channelId} and message_id = ${messageId} and is_cold
      returning (at at time zone ${timeZone})::date::text as day`,
  )
  return row?.day
}

const PURGED_AT_ONCE = 5_000

/** What no guard asks for any more. */
export async function purgeOwnSends(db: Db, now: Date): Promise<void> {
  const oldWarm = sql`select ctid from own_sends where not is_cold and at < ${now}::timestamptz - interval '2 days' order by at limit ${PURGED_AT_ONCE}`
  const oldCold = sql`select o.ctid from cold_paces p cross join lateral (select ctid from own_sends s
    where s.channel_id = p.channel_id and s.is_cold and s.at < ${now}::timestamptz - interval '60 days' order by s.at limit ${PURGED_AT_ONCE}) o limit ${PURGED_AT_ONCE}`
  for (const old of [oldWarm, oldCold]) while ((await run(db, sql`delete from own_sends where ctid = any(array(${old}))`)) > 0);
}
