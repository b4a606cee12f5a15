-- The ledger's tables of before become those of now, in one transaction: all but the events and their streams stand
-- already as Marten's migration wants them, and only change their schema. What is left in the old one is copied after
-- that. From here on a server of before finds nothing to work with, and is refused at its start by step 13.
alter schema ledger rename to ledger_own_store;
create schema ledger;
do $$
declare
  t text;
begin
  for t in select relname from pg_class
    where relnamespace = 'ledger_own_store'::regnamespace and relkind = 'r'
      and relname not in ('mt_events', 'mt_streams') loop
    execute format('alter table ledger_own_store.%I set schema ledger', t);
  end loop;
end $$;
-- Numbers of readings come from a sequence that Marten's migration knows.
alter table ledger.personal_reads alter column number drop identity;
create sequence ledger.personal_reads_number_seq;
select setval('ledger.personal_reads_number_seq', coalesce((select max(number) from ledger.personal_reads), 0) + 1, false);
alter table ledger.personal_reads alter column number set default nextval('ledger.personal_reads_number_seq');
-- A foreign key needs the constraint's index under another name than the constraint's.
alter table ledger.tenant_keys drop constraint wrapped_by_master;
alter table ledger.master_key_in_force drop constraint master_key_in_force_number_key;
create unique index master_key_in_force_number_key on ledger.master_key_in_force (number);
alter table ledger.tenant_keys add constraint wrapped_by_master
  foreign key (master_number) references ledger.master_key_in_force (number) on update cascade;
-- Without a text that anybody could have changed meanwhile: what these steps made is here.
insert into ledger.migrations (number, name, sha256) values (13, '0013_marten_begun', '');
