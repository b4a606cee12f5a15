-- Every row of a view's generation, whatever is in it.
select stream_id, key, valid_from, valid_to, due, member_id, team, row, summary
from ledger.view_rows where tenant_id = $1 and view = $2 and generation = $3
