-- Own numbers (WhatsApp Web). One process at a time holds the session of a number; what it writes carries the epoch under which it took it,
-- and a takeover locks the row for update, so that nothing of an earlier holder is written after it.
create table owners (
  channel_id uuid primary key references channels (id),
  workspace_id uuid not null,
  node uuid, -- null: nobody
  epoch bigint not null default 0,
  until timestamptz not null default '-infinity',
  replaced_at timestamptz -- when another client last took the session from us
) with (fillfactor = 50);
select chasqui_protect('owners');

-- What a linked session must remember to go on without a person: identity, keys, ratchets. Sealed.
create table session_keys (
  workspace_id uuid not null,
  channel_id uuid not null references channels (id),
  type text not null,
  id text not null,
  value bytea not null,
  primary key (channel_id, type, id)
);
select chasqui_protect('session_keys');

-- How a person links a number: asked for by a door, shown by whoever holds the session.
create table channel_links (
  channel_id uuid primary key references channels (id),
  workspace_id uuid not null,
  fresh boolean not null, -- a new identity is wanted; the old one is forgotten when linking begins
  phone text, -- E.164, of whoever wants to type letters instead of scanning
  code bytea, -- sealed: those letters
  code_until timestamptz, -- null: not yet known to the network
  qr bytea, -- sealed: what is to be scanned
  qr_until timestamptz,
  asked_at timestamptz not null
);
select chasqui_protect('channel_links');

-- Null: any process may send. Else only that one may; nobody has the channel's own id.
alter table buckets add column held_by uuid;
