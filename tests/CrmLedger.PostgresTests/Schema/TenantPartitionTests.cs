using CrmLedger.EventStore;
using CrmLedger.PostgresTests.Appending;
using Marten;
using Npgsql;

namespace CrmLedger.PostgresTests.Schema;

/// <summary>A tenant is made by a function of the owner's, and has what Marten would have made for it.</summary>
public sealed class TenantPartitionTests(TestStore store) : IClassFixture<TestStore>
{
    /// <summary>What stands in a tenant's part of Marten's tables, without the names that differ.</summary>
    private const string Parts = """
        with part as (
          select c.oid, c.relname, p.partition_value, p.partition_suffix
          from ledger.mt_tenant_partitions p
          join pg_class c on c.relname in ('mt_events_' || p.partition_suffix, 'mt_streams_' || p.partition_suffix)
          where p.partition_value = $1 and c.relnamespace = 'ledger'::regnamespace),
        told as (
          select partition_suffix, partition_value, relname || ' ' || a.attname || ' '
            || format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull::text || ' '
            || coalesce(pg_get_expr(d.adbin, d.adrelid), '') as line
          from part join pg_attribute a on a.attrelid = oid and a.attnum > 0 and not a.attisdropped
          left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
          union all
          select partition_suffix, partition_value,
            relname || ' ' || contype::text || ' ' || pg_get_constraintdef(k.oid)
          from part join pg_constraint k on k.conrelid = part.oid
          union all
          select partition_suffix, partition_value,
            regexp_replace(pg_get_indexdef(i.indexrelid), ' INDEX \S+ ON ', ' INDEX ON ')
          from part join pg_index i on i.indrelid = part.oid
          union all
          select partition_suffix, partition_value, relname || ' trigger ' || t.tgname
          from part join pg_trigger t on t.tgrelid = part.oid
          union all
          select partition_suffix, partition_value, part.relname || ' ' || pg_get_expr(c.relpartbound, c.oid)
          from part join pg_class c on c.oid = part.oid
          union all
          select p.partition_suffix, p.partition_value, s.sequencename || ' ' || s.start_value || ' ' || s.increment_by
            || ' ' || s.cache_size || ' ' || s.data_type
          from ledger.mt_tenant_partitions p
          join pg_sequences s on s.schemaname = 'ledger'
            and s.sequencename = 'mt_events_sequence_' || p.partition_suffix
          where p.partition_value = $1)
        select replace(replace(line, partition_suffix, 'SUFFIX'), partition_value, 'TENANT') from told order by 1
        """;

    [Fact]
    public async Task A_tenant_has_what_Marten_makes_for_one_and_an_index_of_imports()
    {
        string ours = await store.NewTenantAsync();
        await using var owner = DocumentStore.For(options =>
        {
            options.Connection(store.Database.Owner);
            options.ReadsLedger();
        });
        await owner.Advanced.AddMartenManagedTenantsAsync(
            CancellationToken.None, new Dictionary<string, string> { ["martens"] = "t900" });

        var martens = await PartsAsync("martens");
        var made = await PartsAsync(ours);

        martens.Count.ShouldBeGreaterThan(30);
        made.Except(martens).ShouldBe(
            ["CREATE INDEX ON ledger.mt_streams_SUFFIX USING btree (id) WHERE ((id)::text ~~ 'import-%'::text)"]);
        martens.Except(made).ShouldBeEmpty();
        await owner.Storage.Database.AssertDatabaseMatchesConfigurationAsync();
    }

    private async Task<List<string>> PartsAsync(string tenant)
    {
        await using var admin = NpgsqlDataSource.Create(store.Admin);
        await using var command = admin.CreateCommand(Parts);
        command.Parameters.Add(new() { Value = tenant });
        await using var reader = await command.ExecuteReaderAsync();
        var parts = new List<string>();
        while (await reader.ReadAsync())
            parts.Add(reader.GetString(0));
        return parts;
    }
}
