-- Rows and checkpoint commit together; another projector that was quicker, or a rebuild's swap, leaves nothing to
-- update.
update ledger.views set position = $5 where tenant_id = $1 and view = $2 and generation = $3 and position = $4
