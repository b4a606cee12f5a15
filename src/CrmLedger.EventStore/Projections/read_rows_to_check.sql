-- Every row of a view's generation, whatever is in it, of some of the streams: see StreamPart.
select stream_id, key, valid_from, valid_to, due, member_id, team, row, summary
from ledger.view_rows
where tenant_id = $1 and view = $2 and generation = $3 and (hashtext(stream_id) & 2147483647) % $5 = $4
