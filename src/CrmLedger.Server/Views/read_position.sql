-- How far the last of some views is; null while one of them has not begun.
select case when bool_and(v.view is not null) then min(v.position) end
from unnest($2::varchar[]) as wanted (view)
left join ledger.views v on v.tenant_id = $1 and v.view = wanted.view
