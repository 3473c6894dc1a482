-- What a network sent, byte for byte, before anybody understood it.
create table inbound_events (
  id uuid not null,
  workspace_id uuid not null,
  channel_id uuid not null,
  body bytea not null,
  received_at timestamptz not null,
  parsed_at timestamptz,
  primary key (id, received_at)
) partition by range (received_at);
create table inbound_events_rest partition of inbound_events default;
create index inbound_events_waiting on inbound_events (channel_id, id) where parsed_at is null;
select chasqui_protect('inbound_events');

-- What the parser choked on, kept for a person.
create table inbound_rejects (
  id uuid primary key,
  workspace_id uuid not null,
  channel_id uuid not null,
  body bytea not null,
  reason text not null,
  at timestamptz not null
);
select chasqui_protect('inbound_rejects');

-- Receipts of messages we do not know (yet): matched again when their message turns up.
create table stray_receipts (
  workspace_id uuid not null,
  channel_id uuid not null,
  wire_id text not null,
  receipt jsonb not null,
  at timestamptz not null
);
create index stray_receipts_wire on stray_receipts (workspace_id, channel_id, wire_id);
select chasqui_protect('stray_receipts');
