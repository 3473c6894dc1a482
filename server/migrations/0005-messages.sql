create sequence message_numbers cache 64;

-- One row a message, both ways. Ids are UUIDv7, so ranges of ids are ranges of time. No index on state: it changes five times.
create table messages (
  workspace_id uuid not null,
  id uuid not null,
  number bigint not null default nextval('message_numbers'),
  direction text not null check (direction in ('in', 'out')),
  channel_id uuid not null,
  conversation_id uuid not null,
  contact_id uuid,
  address text not null,
  state text not null,
  content jsonb not null,
  lane smallint not null default 0,
  category text,
  send_at timestamptz, -- asked for; null: now
  expires_at timestamptz, -- no start after this
  late_seconds integer, -- how late a message with send_at may start; null: any time
  late_action text not null default 'expire',
  on_unknown text not null default 'retry',
  outside_window text not null default 'refuse',
  attempt smallint not null default 0,
  wire_id text,
  reply_to uuid,
  target_wire_id text,
  callback_url text,
  tag text,
  metadata jsonb,
  facts jsonb, -- what the network told: pricing, recipient ids, referral
  door text,
  origin text not null default 'api',
  key_id uuid,
  code text,
  reason text,
  advice text,
  created_at timestamptz not null,
  sending_at timestamptz,
  sent_at timestamptz,
  delivered_at timestamptz,
  read_at timestamptz,
  played_at timestamptz,
  ended_at timestamptz, -- failed, cancelled, expired, skipped
  edited_at timestamptz,
  primary key (workspace_id, id)
) partition by range (id);
create index messages_conversation on messages (conversation_id, id);
create index messages_number on messages using brin (number) with (pages_per_range = 32);
create table messages_rest partition of messages default with (fillfactor = 75);
select chasqui_protect('messages');
grant usage on sequence message_numbers to chasqui_tenant;

-- The network's id -> our message. Inbound inserts here first: a conflict is a repeat.
create table wire_ids (
  workspace_id uuid not null,
  channel_id uuid not null,
  wire_id text not null,
  message_id uuid not null,
  primary key (workspace_id, channel_id, wire_id)
) partition by hash (workspace_id, channel_id, wire_id);
create table wire_ids_0 partition of wire_ids for values with (modulus 4, remainder 0);
create table wire_ids_1 partition of wire_ids for values with (modulus 4, remainder 1);
create table wire_ids_2 partition of wire_ids for values with (modulus 4, remainder 2);
create table wire_ids_3 partition of wire_ids for values with (modulus 4, remainder 3);
select chasqui_protect('wire_ids');

-- What is to be done and when; a row is gone when its work is. order_at never changes, due_at is when to try next.
create sequence outbox_order cache 64;
create table outbox (
  kind text not null check (kind in ('send', 'delivery', 'task')),
  subject uuid not null, -- message, delivery, task
  workspace_id uuid not null,
  queue_id bigint, -- sends: the channel's queue
  conversation_id uuid,
  lane smallint not null default 0,
  position bigint not null default nextval('outbox_order'),
  order_at timestamptz not null,
  due_at timestamptz not null,
  attempt smallint not null default 0,
  lease_until timestamptz,
  claim uuid, -- whose lease it is
  held_since timestamptz, -- first time it was tried without an end: followers wait 2 minutes from here
  parked boolean not null default false, -- nothing was tried: it waits behind another message or for its pair
  awaited boolean not null default false, -- a door waits for the outcome
  details jsonb,
  primary key (subject, kind) -- subject first: a look by kind alone must not seem cheap
) partition by list (kind);
create table outbox_sends partition of outbox for values in ('send') with (fillfactor = 70, autovacuum_enabled = on, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000);
create table outbox_deliveries partition of outbox for values in ('delivery') with (fillfactor = 70);
create table outbox_tasks partition of outbox for values in ('task') with (fillfactor = 70);
create index outbox_sends_due on outbox_sends (queue_id, due_at, order_at, position);
create index outbox_sends_pair on outbox_sends (conversation_id, lane, order_at, position);
create index outbox_sends_held on outbox_sends (held_since) where held_since is not null;
create index outbox_deliveries_due on outbox_deliveries (due_at);
create index outbox_tasks_due on outbox_tasks (due_at);
select chasqui_protect('outbox');
grant usage on sequence outbox_order to chasqui_tenant;

-- One row a key and workspace, 24 hours. body: the sealed first answer, or the message the key made.
create table idempotency_keys (
  workspace_id uuid not null,
  key text not null,
  fingerprint bytea not null, -- of method, path and body
  subject uuid, -- the message made, where one was
  note bytea, -- of a bulk: its messages and refusals, in order
  answer bytea,
  status smallint,
  created_at timestamptz not null,
  primary key (workspace_id, key)
);
create index idempotency_keys_age on idempotency_keys using brin (created_at);
select chasqui_protect('idempotency_keys');
