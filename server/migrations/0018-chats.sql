-- What people do with a chat in their list, and what is pinned in it.
alter table conversations
  add column archived_at timestamptz,
  add column pinned_at timestamptz,
  add column marked_unread boolean not null default false;
-- the list of all has an index; these few among a million are found by theirs
create index conversations_archived on conversations (workspace_id, last_message_at desc, id desc) where archived_at is not null;
create index conversations_pinned on conversations (workspace_id, last_message_at desc, id desc) where pinned_at is not null;
create index conversations_marked on conversations (workspace_id, last_message_at desc, id desc) where marked_unread;
create index conversations_groups on conversations (workspace_id, last_message_at desc, id desc) where address like '%@g.us';
create index conversations_newsletters on conversations (workspace_id, last_message_at desc, id desc) where address like '%@newsletter';

create table message_pins (
  conversation_id uuid not null references conversations (id) on delete cascade,
  message_id uuid not null,
  workspace_id uuid not null,
  pinned_at timestamptz not null,
  until timestamptz not null,
  primary key (conversation_id, message_id)
);
select chasqui_protect('message_pins');
