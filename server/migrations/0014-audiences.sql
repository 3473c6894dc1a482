create sequence audience_numbers;

-- People to send to, with words of their own for each. member_count is changed by those alone who hold the row.
create table audiences (
  id uuid primary key,
  workspace_id uuid not null references workspaces (id),
  number bigint not null default nextval('audience_numbers'),
  name text not null,
  member_count integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz
) with (fillfactor = 85);
create index audiences_workspace on audiences (workspace_id, id) where deleted_at is null;
select chasqui_protect('audiences');
grant usage on sequence audience_numbers to chasqui_tenant;

create table audience_members (
  audience_id uuid not null references audiences (id) on delete cascade,
  id uuid not null, -- in the order of their coming
  workspace_id uuid not null,
  address text not null, -- E.164, or the JID of a group or newsletter
  variables jsonb not null default '{}',
  added_at timestamptz not null default now(),
  primary key (audience_id, id),
  unique (audience_id, address)
);
select chasqui_protect('audience_members');
