select nextval('ledger.mt_events_sequence') from generate_series(1, $1)
