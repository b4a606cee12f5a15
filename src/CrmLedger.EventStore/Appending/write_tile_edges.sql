insert into ledger.tile_edges (tenant_id, level, index, hashes)
select $1, t.level, t.index, t.hashes from unnest($2::smallint[], $3::bigint[], $4::bytea[]) as t (level, index, hashes)
on conflict (tenant_id, level) do update set index = excluded.index, hashes = excluded.hashes
