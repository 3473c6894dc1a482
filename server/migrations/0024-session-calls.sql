-- What a process asks of the one that holds a session: a group founded, a number looked up. Rows live for seconds.
create table session_calls (
  id uuid primary key,
  channel_id uuid not null references channels (id),
  workspace_id uuid not null,
  epoch bigint not null, -- of the holder that was asked; a later one does not do it a second time
  request bytea not null,
  taken_at timestamptz,
  answer bytea,
  asked_at timestamptz not null
);
create index session_calls_open on session_calls (channel_id) where taken_at is null;
create index session_calls_asked on session_calls (asked_at);
select chasqui_protect('session_calls');
