-- When a session that was ended comes back by itself; any node opens it then, whatever became of the one that ended it.
alter table channels add column reopens_at timestamptz;
create index channels_reopening on channels (reopens_at) where reopens_at is not null;
