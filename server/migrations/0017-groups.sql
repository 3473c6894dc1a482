-- Groups that a channel is in, or was in. What the network tells keeps them in step.
create table groups (
  id uuid primary key,
  workspace_id uuid not null references workspaces (id),
  channel_id uuid not null references channels (id),
  address text not null, -- its JID
  name text,
  description text,
  owner text, -- E.164 or a LID
  only_admins_write boolean not null default false,
  only_admins_edit boolean not null default false,
  picture_id uuid, -- a stored file, while it is kept
  participant_count integer not null default 0,
  founded_at timestamptz,
  left_at timestamptz, -- since when the channel is not in it
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (channel_id, address)
) with (fillfactor = 85);
create index groups_workspace on groups (workspace_id, id);
create index groups_address on groups (workspace_id, address);
select chasqui_protect('groups');

create table group_participants (
  group_id uuid not null references groups (id) on delete cascade,
  workspace_id uuid not null,
  address text not null, -- E.164 or a LID
  role text not null default 'member' check (role in ('member', 'admin', 'owner')),
  joined_at timestamptz not null default now(),
  primary key (group_id, address)
);
create index group_participants_address on group_participants (workspace_id, address); -- the groups of a person
select chasqui_protect('group_participants');

-- Who did what to a group: events name these rows, so that whoever is erased is erased here alone. Kept for 30 days.
create table group_changes (
  id uuid primary key,
  group_id uuid not null references groups (id) on delete cascade,
  workspace_id uuid not null,
  road_id text, -- the network's id of it: told twice, done once
  kind text not null,
  participants text[] not null default '{}',
  by text,
  was jsonb,
  is_now jsonb,
  at timestamptz not null,
  kept_at timestamptz not null default now(),
  unique (group_id, road_id)
);
create index group_changes_age on group_changes (group_id, kept_at);
create index group_changes_workspace on group_changes (workspace_id); -- whoever is forgotten is looked for in all of them
select chasqui_protect('group_changes');

create table newsletters (
  id uuid primary key,
  workspace_id uuid not null references workspaces (id),
  channel_id uuid not null references channels (id),
  address text not null, -- its JID
  name text not null,
  description text,
  subscribers integer,
  invite text,
  verified boolean,
  founded_at timestamptz,
  created_at timestamptz not null default now(),
  unique (channel_id, address)
) with (fillfactor = 85);
create index newsletters_workspace on newsletters (workspace_id, id);
create index newsletters_address on newsletters (workspace_id, address);
select chasqui_protect('newsletters');
