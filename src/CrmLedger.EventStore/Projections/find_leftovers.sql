-- The views with rows, or a quarantine, of older generations: a rebuild that was killed after its swap left them. The
-- rows go first, so that a quarantine may be left alone.
select v.tenant_id, v.view, v.generation
from ledger.views v
where exists (
    select from ledger.view_rows r
    where r.tenant_id = v.tenant_id and r.view = v.view and r.generation < v.generation)
  or exists (
    select from ledger.quarantine q
    where q.tenant_id = v.tenant_id and q.view = v.view and q.generation < v.generation)
