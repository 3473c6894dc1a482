-- What a newly linked number brings along is older than the house: a part of its own, so that new months are cut from a rest that stays empty.
do $$
declare
  first_month uuid;
begin
  select chasqui_uuid_floor(to_date(right(min(c.relname::text), 6), 'YYYYMM')::timestamp at time zone 'UTC') into first_month
  from pg_inherits h join pg_class c on c.oid = h.inhrelid where h.inhparent = 'messages'::regclass and c.relname ~ '^messages_\d{6}$';
  execute format('create table messages_before partition of messages for values from (minvalue) to (%L) with (fillfactor = 75)', first_month);
exception when check_violation then null; -- rows of that time lie in the rest already
end $$;

-- What one person wrote in groups, for when he turns out to be known already, or is erased.
create index messages_in_groups on messages (workspace_id, contact_id) where direction = 'in' and address like '%@g.us';

-- Threads that turned out to be with one person: whoever resolved the former one a moment before writes into the one that was kept.
create table joined_conversations (
  former_id uuid primary key,
  workspace_id uuid not null,
  conversation_id uuid not null references conversations (id) on delete cascade,
  at timestamptz not null
);
create index joined_conversations_at on joined_conversations (at);
create index joined_conversations_kept on joined_conversations (conversation_id);
select chasqui_protect('joined_conversations');
