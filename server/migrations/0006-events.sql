-- Facts with a number: written with the change that caused them. Ids and facts, never content.
create table events (
  workspace_id uuid not null,
  seq bigint not null,
  id uuid not null,
  type text not null,
  subjects jsonb not null,
  facts jsonb not null,
  at timestamptz not null,
  primary key (workspace_id, seq, at)
) partition by range (at);
create table events_rest partition of events default;
select chasqui_protect('events');

create table endpoints (
  id uuid primary key,
  workspace_id uuid not null references workspaces (id),
  url text not null,
  events text[] not null, -- names, or '*'
  style text not null default 'canonical', -- the door that made it
  description text,
  channel_id uuid,
  secrets bytea not null, -- sealed JSON: [{ secret, until }]
  state text not null default 'enabled' check (state in ('enabled', 'disabled')),
  disabled_reason text,
  cursor_seq bigint not null, -- told up to here
  leased_until timestamptz,
  lease uuid,
  failures integer not null default 0, -- in a row
  failing_since timestamptz,
  probe_at timestamptz, -- circuit open: next probe
  probes smallint not null default 0, -- probes that failed since it opened
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
) with (fillfactor = 60);
create index endpoints_workspace on endpoints (workspace_id, id);
create index endpoints_probe on endpoints (probe_at) where probe_at is not null;
select chasqui_protect('endpoints');

-- One attempt a row; the rows of one event and endpoint are its series.
create table deliveries (
  workspace_id uuid not null,
  id uuid not null, -- of the series
  attempt smallint not null,
  endpoint_id uuid, -- null: the message's own callbackUrl
  url text not null,
  event_id uuid not null,
  event_seq bigint not null,
  event_type text not null,
  style text not null,
  status smallint, -- null: no answer
  error text,
  latency_ms integer,
  answer text, -- its first kilobyte
  succeeded boolean not null,
  at timestamptz not null,
  primary key (workspace_id, id, attempt, at)
) partition by range (at);
create table deliveries_rest partition of deliveries default;
create index deliveries_endpoint on deliveries (endpoint_id, id);
select chasqui_protect('deliveries');

-- Whose turn a waiting delivery takes: 'endpoint:<id>', or 'host:<name>' for a message's own callbackUrl.
alter table outbox add column receiver text;
create index outbox_deliveries_receiver on outbox_deliveries (receiver, due_at);
