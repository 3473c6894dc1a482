create sequence contact_numbers;

create table contacts (
  id uuid primary key,
  workspace_id uuid not null references workspaces (id),
  number bigint not null default nextval('contact_numbers'),
  name text,
  profile_name text, -- what the person calls himself on WhatsApp
  email text,
  phone text, -- E.164; the identities hold every address
  language text,
  time_zone text,
  external_id text,
  fields jsonb not null default '{}',
  opted_out_at timestamptz,
  blocked_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
) with (fillfactor = 85);
create index contacts_workspace on contacts (workspace_id, id);
create unique index contacts_external on contacts (workspace_id, external_id) where external_id is not null;
select chasqui_protect('contacts');
grant usage on sequence contact_numbers to chasqui_tenant;

create table contact_identities (
  workspace_id uuid not null,
  kind text not null check (kind in ('phone', 'wa_id', 'bsuid', 'lid', 'group')),
  value text not null,
  contact_id uuid not null references contacts (id) on delete cascade,
  primary key (workspace_id, kind, value)
);
create index contact_identities_contact on contact_identities (contact_id);
select chasqui_protect('contact_identities');

create sequence conversation_numbers;

create table conversations (
  id uuid primary key,
  workspace_id uuid not null references workspaces (id),
  number bigint not null default nextval('conversation_numbers'),
  channel_id uuid not null references channels (id),
  contact_id uuid references contacts (id) on delete set null,
  address text not null, -- where messages go: E.164, a group's JID, a BSUID
  state text not null default 'open' check (state in ('open', 'pending', 'resolved', 'snoozed')),
  unread integer not null default 0,
  last_inbound_at timestamptz, -- the 24-hour window counts from here
  last_message_id uuid,
  last_message_at timestamptz not null default now(),
  pair_free_at timestamptz, -- pair limit: the theoretical arrival time of its last message
  created_at timestamptz not null default now(),
  unique (channel_id, address)
) with (fillfactor = 75);
create index conversations_recent on conversations (workspace_id, last_message_at desc, id desc);
create index conversations_contact on conversations (contact_id);
select chasqui_protect('conversations');
grant usage on sequence conversation_numbers to chasqui_tenant;
