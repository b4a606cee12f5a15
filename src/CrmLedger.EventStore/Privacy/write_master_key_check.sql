-- Another server may have been quicker, with the same key or another: whoever writes reads it again.
insert into ledger.master_key_check (wrapped) values ($1) on conflict do nothing
