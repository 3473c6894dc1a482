create sequence channel_numbers;

create table channels (
  id uuid primary key,
  workspace_id uuid not null references workspaces (id),
  number bigint not null default nextval('channel_numbers'),
  kind text not null check (kind in ('cloud', 'web', 'sandbox')),
  name text not null,
  phone text not null, -- E.164
  state text not null check (state in ('connecting', 'awaiting_scan', 'open', 'degraded', 'closed')),
  state_reason text,
  settings jsonb not null default '{}',
  credentials bytea, -- sealed JSON
  remote_id text, -- Meta's phone number id
  account_id text, -- Meta's WABA id
  hook_key text not null unique, -- names the channel in /hooks/meta/{key}
  last_inbound_at timestamptz, -- proof that the network reaches us
  created_at timestamptz not null default now(),
  deleted_at timestamptz
);
create index channels_workspace on channels (workspace_id, id);
create unique index channels_remote on channels (workspace_id, remote_id) where deleted_at is null;
create unique index channels_sandbox on channels (phone) where kind = 'sandbox' and deleted_at is null; -- one simulated network serves all workspaces
select chasqui_protect('channels');
grant usage on sequence channel_numbers to chasqui_tenant;

-- A channel's pace. next_allowed_at is when the next token is there; blocked_until stops the whole channel.
create table buckets (
  channel_id uuid primary key references channels (id),
  workspace_id uuid not null,
  rate double precision not null, -- messages a second
  ceiling double precision not null, -- what rate may grow back to
  capacity double precision not null,
  tokens double precision not null,
  refilled_at timestamptz not null,
  next_allowed_at timestamptz not null,
  daily_cap integer,
  daily_count integer not null default 0,
  daily_on date not null default '2000-01-01',
  cut_at timestamptz, -- when the rate was last halved
  grown_at timestamptz,
  blocked_until timestamptz,
  blocked_reason text
) with (fillfactor = 50);
select chasqui_protect('buckets');

-- What waits behind one bucket, by lane (0 transactional, 1 sequence, 2 campaign) and campaign.
create table queues (
  id bigint generated always as identity primary key,
  workspace_id uuid not null,
  channel_id uuid not null references buckets (channel_id),
  lane smallint not null,
  campaign_id uuid,
  next_due_at timestamptz,
  paused_at timestamptz,
  unique nulls not distinct (channel_id, lane, campaign_id)
) with (fillfactor = 50);
create index queues_due on queues (next_due_at) where next_due_at is not null and paused_at is null;
select chasqui_protect('queues');
