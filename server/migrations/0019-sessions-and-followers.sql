-- When a session that was ended comes back by itself; any node opens it then, whatever became of the one that ended it.
alter table channels add column reopens_at timestamptz;
create index channels_reopening on channels (reopens_at) where reopens_at is not null;

-- Words that no caption holds stand behind their file: they are taken back and moved with it.
alter table messages add column follows uuid;
create index messages_follows on messages (workspace_id, follows) where follows is not null;
