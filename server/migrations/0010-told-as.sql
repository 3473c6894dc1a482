-- A door may tell one event by several bodies, each a delivery of its own: which one this is. Null: none could be made.
alter table deliveries add column told_as text;
