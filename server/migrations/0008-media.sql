create table media (
  id uuid primary key,
  workspace_id uuid not null references workspaces (id),
  mime_type text not null,
  size bigint not null,
  sha256 text not null,
  filename text,
  storage_key text not null,
  source text not null, -- upload, url, base64, inbound
  created_at timestamptz not null default now()
);
create index media_workspace on media (workspace_id, id);
select chasqui_protect('media');

-- A file that a network already holds: sent again by its id until it goes there.
create table media_uploads (
  workspace_id uuid not null,
  media_id uuid not null references media (id) on delete cascade,
  channel_id uuid not null,
  remote_id text not null,
  expires_at timestamptz not null,
  primary key (media_id, channel_id)
);
select chasqui_protect('media_uploads');
