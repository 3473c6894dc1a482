-- Messages for the same moment leave in the order they were accepted: numbers kept aside by each connection would mix them.
alter sequence outbox_order cache 1;
