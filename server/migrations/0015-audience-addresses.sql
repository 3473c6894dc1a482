-- Whoever is forgotten is looked for in all audiences; what is left of deleted ones is taken away piece by piece.
create index audience_members_address on audience_members (workspace_id, address);
create index audiences_deleted on audiences (deleted_at) where deleted_at is not null;
