insert into ledger.views (tenant_id, view, generation, position, projection_version) values ($1, $2, 1, -1, $3)
on conflict do nothing
