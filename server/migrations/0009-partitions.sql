-- The smallest UUIDv7 of a moment: where a month of messages begins.
create function chasqui_uuid_floor(at timestamptz) returns uuid language sql immutable as $$
  select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '00000000000000000000')::uuid
$$;

-- Makes the partitions of the days and months ahead and drops those past keeping. Called at start and every hour.
create function chasqui_roll_partitions(keep_days integer default 8) returns void language plpgsql as $$
declare
  today date := (chasqui_now() at time zone 'UTC')::date;
  month date;
  day date;
  part text;
  parent text;
begin
  for i in 0..2 loop
    month := (date_trunc('month', today) + make_interval(months => i))::date;
    part := 'messages_' || to_char(month, 'YYYYMM');
    if to_regclass(part) is null then
      begin
        execute format('create table %I partition of messages for values from (%L) to (%L) with (fillfactor = 75)', part,
          chasqui_uuid_floor(month::timestamp at time zone 'UTC'), chasqui_uuid_floor((month + interval '1 month') at time zone 'UTC'));
      exception when check_violation then null; -- rows of that month already lie in the rest
      end;
    end if;
  end loop;
  foreach parent in array array['events', 'deliveries', 'inbound_events'] loop
    for i in 0..3 loop
      day := today + i;
      part := parent || '_' || to_char(day, 'YYYYMMDD');
      if to_regclass(part) is null then
        begin
          execute format('create table %I partition of %I for values from (%L) to (%L)', part, parent,
            day::timestamp at time zone 'UTC', (day + 1)::timestamp at time zone 'UTC');
        exception when check_violation then null;
        end;
      end if;
    end loop;
    for part in
      select c.relname from pg_inherits h join pg_class c on c.oid = h.inhrelid
      where h.inhparent = parent::regclass and c.relname ~ ('^' || parent || '_\d{8}$')
        and to_date(right(c.relname, 8), 'YYYYMMDD') < today - keep_days
    loop
      execute format('drop table %I', part);
    end loop;
  end loop;
end $$;
select chasqui_roll_partitions();
