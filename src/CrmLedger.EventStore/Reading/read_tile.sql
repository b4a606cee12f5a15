select hashes from ledger.tiles where tenant_id = $1 and level = $2 and index = $3
union all
-- An edge stands empty where its tile has just been filled.
select hashes from ledger.tile_edges where tenant_id = $1 and level = $2 and index = $3 and hashes <> ''::bytea
