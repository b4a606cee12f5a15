select pg_notify('ledger_appended', $1 || ' ' || $2)
