-- Another server may have signed the same: a signature by one key over one text is always the same bytes.
insert into ledger.checkpoints (tenant_id, origin, size, root, note) values ($1, $2, $3, $4, $5)
on conflict do nothing
