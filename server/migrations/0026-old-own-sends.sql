-- What an own number sent to those who know it is kept for two days only: found by its age, whatever the channel.
create index own_sends_warm on own_sends (at) where not is_cold;
