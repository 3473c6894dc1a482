-- The one clock of the house. Test databases replace this function to move time.
create function chasqui_now() returns timestamptz language sql volatile as 'select clock_timestamp()';

-- The role that verbs take on: row-level security binds it, the owner stays free for work on many workspaces.
do $$ begin
  create role chasqui_tenant nologin;
exception when duplicate_object or unique_violation then null;
end $$;
do $$ begin
  execute format('grant chasqui_tenant to %I', current_user);
exception when others then null; -- a superuser needs no grant
end $$;
grant usage on schema public to chasqui_tenant;

-- Puts a tenant table under row-level security; every table with a workspace goes through here.
create function chasqui_protect(name text, key text default 'workspace_id') returns void language plpgsql as $$
begin
  execute format('alter table %I enable row level security', name);
  execute format(
    'create policy workspace on %I to chasqui_tenant using (%I = nullif(current_setting(''app.workspace_id'', true), '''')::uuid) with check (%I = nullif(current_setting(''app.workspace_id'', true), '''')::uuid)',
    name, key, key);
  execute format('grant select, insert, update, delete on %I to chasqui_tenant', name);
end $$;

-- Who we are: receipts carry this id, and a restored or copied database is recognised by it.
create table installation (
  only_one boolean primary key default true check (only_one),
  id uuid not null,
  system_identifier text not null,
  timeline integer not null,
  held_since timestamptz, -- after a restore: what was due before waits for a person
  first_run_at timestamptz,
  created_at timestamptz not null default now()
);
