-- A message that comes again and again. The message of an occurrence is made when its time has come, in the transaction that moves next_at on.
create table recurrences (
  id uuid primary key,
  workspace_id uuid not null references workspaces (id),
  state text not null default 'active' check (state in ('active', 'paused', 'completed', 'cancelled')),
  address text not null, -- E.164, or the JID of a group or newsletter
  template jsonb not null, -- what each message is made from
  rule text not null, -- RFC 5545
  starts_at text not null, -- the local time of its first occurrence
  time_zone text not null,
  handled_through timestamptz, -- the last occurrence that was sent, skipped or missed
  next_occurrence timestamptz, -- by the rule
  next_at timestamptz, -- when its message leaves: the same, unless it was moved
  silent_until timestamptz, -- what was due by then is passed over: a restore whose held messages were let go
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  ended_at timestamptz
) with (fillfactor = 75);
create index recurrences_workspace on recurrences (workspace_id, id);
create index recurrences_address on recurrences (workspace_id, address);
create index recurrences_live on recurrences (workspace_id) where state in ('active', 'paused');
create index recurrences_due on recurrences (next_at) where state = 'active';
select chasqui_protect('recurrences');

-- One occurrence that is not like the others; gone once its time is over.
create table occurrence_changes (
  recurrence_id uuid not null references recurrences (id) on delete cascade,
  occurrence timestamptz not null,
  workspace_id uuid not null,
  skipped boolean not null default false,
  send_at timestamptz,
  content jsonb,
  primary key (recurrence_id, occurrence)
);
select chasqui_protect('occurrence_changes');

alter table messages add column recurrence_id uuid;
create index messages_recurrence on messages (recurrence_id, id) where recurrence_id is not null;
