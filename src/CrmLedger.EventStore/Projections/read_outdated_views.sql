-- One question for all tenants, asked every few seconds; there is a row for each tenant and view, and no more.
select v.tenant_id, v.view
from unnest($1::varchar[], $2::integer[]) as known (view, version)
join ledger.views v on v.view = known.view and v.projection_version <> known.version
order by v.tenant_id, v.view
