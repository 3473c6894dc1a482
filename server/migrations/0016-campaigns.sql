create sequence campaign_numbers;

-- One send to many. Its people are frozen when it starts; from then on `campaign_recipients` says who they are.
create table campaigns (
  id uuid primary key,
  workspace_id uuid not null references workspaces (id),
  number bigint not null default nextval('campaign_numbers'),
  name text not null,
  channel_id uuid not null references channels (id),
  audience_id uuid not null, -- may be gone, once frozen
  queue_id bigint, -- its own queue, from start to end
  state text not null check (state in ('draft', 'scheduled', 'running', 'paused', 'completed', 'cancelled', 'failed')),
  reason text, -- why it is paused, or failed
  content jsonb not null,
  start_at timestamptz, -- asked for; null: at once
  send_until timestamptz,
  settings jsonb not null default '{}',
  door text,
  key_id uuid,
  retry_of uuid,
  frozen_after uuid, -- members up to here are recipients
  frozen_at timestamptz,
  total integer, -- recipients, once frozen
  look_at timestamptz, -- when the engine has something to do for it; null: nothing
  counts jsonb, -- the last count of the rows
  counted_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  started_at timestamptz,
  ended_at timestamptz
) with (fillfactor = 70);
create index campaigns_workspace on campaigns (workspace_id, id);
create index campaigns_audience on campaigns (audience_id);
create index campaigns_look on campaigns (look_at) where look_at is not null;
select chasqui_protect('campaigns');
grant usage on sequence campaign_numbers to chasqui_tenant;

-- One row a person. The id is that of the message made for him, so that making it twice is making it once; from then on the message says how he fares.
create table campaign_recipients (
  campaign_id uuid not null references campaigns (id) on delete cascade,
  id uuid not null,
  workspace_id uuid not null,
  address text not null,
  variables jsonb not null,
  state text not null check (state in ('waiting', 'made', 'skipped', 'cancelled', 'erased')),
  code text,
  reason text,
  due_at timestamptz not null, -- not before: his morning, or the campaign's start
  primary key (campaign_id, id),
  unique (campaign_id, address)
) with (fillfactor = 80);
create index campaign_recipients_unmade on campaign_recipients (campaign_id, state, due_at, id) where state <> 'made';
select chasqui_protect('campaign_recipients');

alter table messages add column campaign_id uuid;
create index messages_campaign on messages (campaign_id, id) where campaign_id is not null;

-- Audiences of campaigns with people of their own are listed nowhere.
alter table audiences add column for_campaign boolean not null default false;
