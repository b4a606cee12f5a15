-- One question for all tenants, each answered by the first row of its index: see passed_deadlines.sql.
select v.tenant_id
from ledger.views v
where v.view = 'relationships' and exists (
  select from ledger.view_rows r
  where r.tenant_id = v.tenant_id and r.view = 'relationships' and r.generation = v.generation
    and r.valid_to is null and r.due < $1)
order by v.tenant_id
