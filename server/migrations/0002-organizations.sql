-- Plans are data: limits and marks. Null means no limit.
create table plans (
  name text primary key,
  requests_per_minute integer,
  scheduled_waiting integer,
  messages_per_month bigint,
  subscribers integer,
  footer text
);
insert into plans (name, requests_per_minute, scheduled_waiting, footer) values
  ('unlimited', 6000, null, null),
  ('pro', 600, null, null),
  ('free', 60, 1, 'Powered by blueticks.co');
grant select on plans to chasqui_tenant;

create table organizations (
  id uuid primary key,
  name text not null,
  plan text not null default 'unlimited' references plans (name),
  created_at timestamptz not null default now()
);

create table workspaces (
  id uuid primary key,
  organization_id uuid not null references organizations (id),
  environment text not null check (environment in ('live', 'test')),
  default_country text not null default 'US', -- ISO 3166-1 alpha-2, for numbers without a country code
  time_zone text not null default 'UTC',
  settings jsonb not null default '{}',
  created_at timestamptz not null default now(),
  unique (organization_id, environment)
);
select chasqui_protect('workspaces', 'id');

-- A tenant sees the organization of its workspace (whose own policy answers which one that is).
alter table organizations enable row level security;
create policy organization on organizations for select to chasqui_tenant
  using (exists (select 1 from workspaces w where w.organization_id = organizations.id));
grant select on organizations to chasqui_tenant;

-- The last event number of each workspace: taken as the last statement of a transaction, so that numbers have no gaps.
create table workspace_counters (
  workspace_id uuid primary key references workspaces (id),
  seq bigint not null default 0
) with (fillfactor = 50);
select chasqui_protect('workspace_counters');

create table keys (
  id uuid primary key,
  workspace_id uuid not null references workspaces (id),
  name text not null,
  owner text not null default 'operator',
  style text not null,
  scopes text[] not null,
  hash bytea not null unique, -- SHA-256 of the key without the number that may stand before a bar; the key itself is shown once
  last_four text not null,
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  revoked_at timestamptz
) with (fillfactor = 70);
create index keys_workspace on keys (workspace_id, id);
select chasqui_protect('keys');

-- Requests a minute, counted in slices that nodes take (http/rate-limits).
create table rate_windows (
  subject text not null,
  window_start timestamptz not null,
  used integer not null,
  primary key (subject, window_start)
);
