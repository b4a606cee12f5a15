-- The head and the right edge of the tree, as they stood at one moment.
select h.size, h.recorded_at, h.root, e.level, e.index, e.hashes
from ledger.heads h left join ledger.tile_edges e on e.tenant_id = h.tenant_id
where h.tenant_id = $1
order by e.level
