-- What one team or one member owes, in the order of its dates: without these, a page of it reads what all of them owe.
create index ix_open_commitments_team on ledger.view_rows (tenant_id, generation, team, due, stream_id, key)
  where valid_to is null and view = 'open-commitments';
create index ix_open_commitments_member on ledger.view_rows (tenant_id, generation, member_id, due, stream_id, key)
  where valid_to is null and view = 'open-commitments';
