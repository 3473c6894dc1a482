-- Since when a channel has been stopped without a break: what waits for it may be late by so much, however long it had waited for its turn before.
alter table buckets add column blocked_since timestamptz;
