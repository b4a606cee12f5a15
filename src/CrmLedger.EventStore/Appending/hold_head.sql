-- The lock is held to the end of the transaction: nobody swaps the head meanwhile.
select size from ledger.heads where tenant_id = $1 for update
