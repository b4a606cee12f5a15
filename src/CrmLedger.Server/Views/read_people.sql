select r.stream_id, r.row
from ledger.views v
join ledger.view_rows r on r.tenant_id = v.tenant_id and r.view = v.view and r.generation = v.generation
where v.tenant_id = $1 and v.view = 'directory' and r.key = '' and r.valid_to is null and r.stream_id = any($2)
