-- An event's leaf in the tree, as the tile of level 0 holds it; null where there is none.
create or replace function ledger.leaf_hash(p_tenant varchar, p_position bigint) returns bytea
language sql stable as $$
  select substring(coalesce(
      (select hashes from ledger.tiles where tenant_id = p_tenant and level = 0 and index = p_position >> 8),
      (select hashes from ledger.tile_edges where tenant_id = p_tenant and level = 0 and index = p_position >> 8))
    from (p_position & 255)::integer * 32 + 1 for 32)
$$;
