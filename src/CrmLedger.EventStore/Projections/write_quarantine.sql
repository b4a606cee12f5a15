insert into ledger.quarantine (tenant_id, view, generation, stream_id, position, reason) values ($1, $2, $3, $4, $5, $6)
on conflict do nothing
