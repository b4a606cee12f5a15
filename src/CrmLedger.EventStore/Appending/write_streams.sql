-- The head's lock is held: the versions cannot have moved since they were compared.
insert into ledger.mt_streams (tenant_id, id, version, timestamp, created)
select $1, s.id, s.version, $4, $4 from unnest($2::varchar[], $3::bigint[]) as s (id, version)
on conflict (tenant_id, id) do update set version = excluded.version, timestamp = excluded.timestamp
