-- What failed, expired, was skipped or cancelled is looked for by its state. The states of all others move too often for an index of their own;
-- the time of an end is written once.
create index messages_ended on messages (workspace_id, id) where ended_at is not null;
