-- The head, and the last checkpoint under an origin ($2), if there is one.
select h.size, h.root, c.note
from ledger.heads h
left join lateral (
  select note from ledger.checkpoints where tenant_id = $1 and origin = $2 order by size desc limit 1) c on true
where h.tenant_id = $1
