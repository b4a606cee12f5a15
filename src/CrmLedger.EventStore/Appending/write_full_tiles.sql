insert into ledger.tiles (tenant_id, level, index, hashes)
select $1, t.level, t.index, t.hashes from unnest($2::smallint[], $3::bigint[], $4::bytea[]) as t (level, index, hashes)
