import { execFile } from 'node:child_process'
import type pg from 'pg'
import type { Channel } from './world.ts'

const LANES = { transactional: 0, campaign: 2 } as const

export type Load = {
  channel: Channel
  count: number
  lane: keyof typeof LANES /** Seconds from now, the first and the last row. */
  due: readonly [number, number]
}

/** Rows as an accept would have left them, each to a person of its own, without the hour that the door would take for a million of them. */
export async function loadMessages(db: pg.Pool, { channel, count, lane, due }: Load): Promise<void> {
  await db.query(
    `with queue as (select q.id, q.workspace_id from queues q where q.channel_id = $1 and q.lane = $2 and q.campaign_id is null),
      people as (
        insert into conversations (id, workspace_id, channel_id, address)
        select uuidv7(), q.workspace_id, $1, '+4916' || lpad(i::text, 9, '0') from queue q, generate_series(1, $3::int) as i
        on conflict (channel_id, address) do update set state = 'open' returning id, address),
      numbered as (select id, address, row_number() over () as i from people),
      made as (
        insert into messages (workspace_id, id, direction, channel_id, conversation_id, address, state, content, lane, created_at, outside_window, late_seconds)
        select q.workspace_id, uuidv7(), 'out', $1, p.id, p.address, 'scheduled', '{"type":"text","text":"Our summer offers are here"}', $2, now(), 'attempt', null
        from numbered p, queue q returning id, conversation_id)
    insert into outbox (kind, subject, workspace_id, queue_id, conversation_id, lane, order_at, due_at)
    select 'send', m.id, q.workspace_id, q.id, m.conversation_id, $2, at, at
    from (select id, conversation_id, now() + make_interval(secs => $4 + ($5::float8 - $4) * (row_number() over () - 1) / greatest($3 - 1, 1)) as at from made) m, queue q`,
    [channel.uuid, LANES[lane], count, ...due],
  )
  await touch(db, channel)
}

/** An audience of the live workspace with as many people as wanted, the first of them those that `recipient` names; answers its id. */
export async function loadAudience(db: pg.Pool, count: number): Promise<string> {
  const { rows } = await db.query<{ id: string }>(
    `insert into audiences (id, workspace_id, name, member_count) select uuidv7(), id, 'bench', $1::int from workspaces where environment = 'live' returning id`,
    [count],
  )
  const id = rows[0]?.id ?? ''
  await db.query(
    `insert into audience_members (audience_id, id, workspace_id, address, variables)
     select a.id, uuidv7(), a.workspace_id, '+4915' || lpad((110000000 + i / 9000 * 10000 + 10 + i % 9000)::text, 9, '0'), jsonb_build_object('name', 'Person ' || i)
     from audiences a, generate_series(0, $2::int - 1) as i where a.id = $1`,
    [id, count],
  )
  await db.query('analyze audience_members')
  return id
}

/** A million rows within seconds leave a gigabyte that the kernel writes half a minute later, whoever waits for the disk then. */
export async function settleDisk(db: pg.Pool): Promise<void> {
  await db.query('checkpoint')
  await new Promise((done) => execFile('sync', done))
}

/** Tells the queues of a channel when their first work is due, as every accept does. */
async function touch(db: pg.Pool, channel: Channel): Promise<void> {
  await db.query(
    `update queues q set next_due_at = (select min(due_at) from outbox_sends o where o.queue_id = q.id) where channel_id = $1`,
    [channel.uuid],
  )
  await db.query(`select pg_notify('chasqui_due', '*')`)
}

/** More channels like this one, their numbers and Meta's ids counting on from its own. */
export async function copyChannel(db: pg.Pool, channel: Channel, more: number): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `with made as (
      insert into channels (id, workspace_id, kind, name, phone, state, settings, credentials, remote_id, account_id, hook_key)
      select uuidv7(), c.workspace_id, c.kind, c.name || ' ' || i, '+4930' || (2000000 + i), c.state, c.settings, c.credentials, (c.remote_id::bigint + i)::text, c.account_id, 'bench-' || i
      from channels c, generate_series(1, $2::int) as i where c.id = $1 returning id, workspace_id),
    paced as (
      insert into buckets (channel_id, workspace_id, rate, ceiling, capacity, tokens, refilled_at, next_allowed_at)
      select m.id, m.workspace_id, b.rate, b.ceiling, b.capacity, b.capacity, now(), now() from made m, buckets b where b.channel_id = $1 returning channel_id),
    queued as (insert into queues (workspace_id, channel_id, lane) select m.workspace_id, p.channel_id, lane from paced p join made m on m.id = p.channel_id, unnest('{0,1,2}'::smallint[]) as lane)
    select id from made`,
    [channel.uuid, more],
  )
  return rows.map(({ id }) => id)
}
