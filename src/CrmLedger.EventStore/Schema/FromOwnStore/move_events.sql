insert into ledger.mt_events (seq_id, id, stream_id, version, data, bdata, type, timestamp, tenant_id, mt_dotnet_type,
  correlation_id, causation_id, headers, is_archived)
select position + 1, id, stream_id, version, data, bdata, type, timestamp, tenant_id, mt_dotnet_type,
  correlation_id, causation_id, headers, is_archived
from ledger_own_store.mt_events where tenant_id = $1 order by position
