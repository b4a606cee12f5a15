copy ledger.view_rows (tenant_id, view, generation, stream_id, key, valid_from, valid_to, due, member_id, team, row,
  summary)
from stdin (format binary)
