-- Marten's own append, and whatever else would write past append_batch.
create or replace function ledger.refuse_stray_append() returns trigger language plpgsql as $$
begin
  raise exception 'events come into the ledger through ledger.append_batch alone'
    using errcode = 'CL003', hint = 'Send a command to the ledger''s API, or append through the Sequencer: it places '
      'events densely, hashes them and grows the tree, which Events.Append and a plain insert do not.';
end $$;
