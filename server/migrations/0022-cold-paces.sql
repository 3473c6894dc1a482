-- How an own number may write to people who never wrote to it: its ramp, what it sent today, when the next may go, and why it stopped.
-- Days are those of the workspace's zone.
create table cold_paces (
  channel_id uuid primary key references channels (id),
  workspace_id uuid not null,
  linked_days integer not null default 1, -- days on which it was linked, this one included
  linked_on date not null, -- the last of them
  sent_on date not null,
  sent integer not null default 0, -- cold messages of that day
  next_at timestamptz, -- none before
  stopped_until timestamptz, -- the last stop, also when it is over
  stop_reason text,
  stops smallint not null default 0, -- one after another, without a clean week between
  judged_from timestamptz not null, -- what was sent before says nothing any more
  calls_at timestamptz -- somebody is in line: when the next is called
) with (fillfactor = 70);
create index cold_paces_calls on cold_paces (calls_at) where calls_at is not null;
select chasqui_protect('cold_paces');

-- What an own number started lately, by which its guard judges it.
create table own_sends (
  channel_id uuid not null,
  workspace_id uuid not null,
  message_id uuid not null,
  conversation_id uuid not null,
  is_cold boolean not null,
  at timestamptz not null,
  primary key (channel_id, message_id)
);
create index own_sends_recent on own_sends (channel_id, at);
create index own_sends_cold on own_sends (channel_id, at) where is_cold;
select chasqui_protect('own_sends');

-- A cold message in its channel's line: nobody looks at it before it is called.
alter table outbox add column in_line boolean not null default false;
create index outbox_sends_line on outbox_sends (queue_id, order_at, position) where in_line;

-- Gaps between the tokens of an own number differ by this share of their mean; shift: how far the last one was put off, in tokens.
alter table buckets add column jitter double precision not null default 0;
alter table buckets add column shift double precision not null default 0;
