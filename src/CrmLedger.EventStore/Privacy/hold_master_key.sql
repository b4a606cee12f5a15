-- Until the transaction ends nobody else replaces the master key, or makes a tenant with it. What is read beside it
-- would be as it was before this waited: it is read afterwards.
select from ledger.master_key_in_force for update
