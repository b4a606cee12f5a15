-- Full tiles of one level, in order.
select index, hashes from ledger.tiles
where tenant_id = $1 and level = $2 and index between $3 and $4
order by index
