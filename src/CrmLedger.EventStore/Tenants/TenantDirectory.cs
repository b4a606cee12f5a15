using System.Text.RegularExpressions;
using CrmLedger.EventStore.Privacy;
using CrmLedger.Transparency;
using Npgsql;

namespace CrmLedger.EventStore.Tenants;

/// <summary>The tenants: their names and their keys.</summary>
public sealed partial class TenantDirectory(LedgerDatabase database, MasterKey master)
{
    private static readonly string s_create = Sql.Load("Tenants/create_tenant.sql");
    private static readonly string s_read = Sql.Load("Tenants/read_tenant_keys.sql");
    private static readonly string s_add = Sql.Load("Tenants/add_tenant_key.sql");

    /// <summary>What a tenant's name may be: 1–63 of a–z, 0–9 and hyphens, not starting with a hyphen.</summary>
    public static bool IsName(string tenant) => NamePattern().IsMatch(tenant);

    /// <summary>The tenant's keys, or null when there is no such tenant.</summary>
    public async Task<TenantKeys?> FindAsync(string tenant, CancellationToken cancel)
    {
        var (keys, index) = await ReadAsync(tenant, cancel);
        if (keys.Count == 0)
            return null;
        return new(tenant, new(keys, async again => (await ReadAsync(tenant, again)).Keys),
            KeyWrap.Unwrap(keys[keys.Keys.Max()], index, IndexLabel(tenant)));
    }

    /// <summary>The tenant's keys; makes the tenant, with an empty log, when there is none.</summary>
    public async Task<TenantKeys> FindOrCreateAsync(string tenant, CancellationToken cancel)
    {
        if (await FindAsync(tenant, cancel) is { } there)
            return there;
        byte[] key = KeyWrap.NewKey();
        byte[] indexKey = KeyWrap.NewKey();
        var (wrapped, number) = master.WrapTenantKey(tenant, key);
        await MasterKey.WritingAsync(() => database.ExecuteAsync(tenant, s_create, cancel, tenant, wrapped,
            KeyWrap.Wrap(key, indexKey, IndexLabel(tenant)), MerkleTree.EmptyRoot, number));
        return await FindAsync(tenant, cancel)
            ?? throw new InvalidOperationException($"Tenant '{tenant}' was made and is not there.");
    }

    /// <summary>The names of all tenants.</summary>
    public Task<IReadOnlyList<string>> ListAsync(CancellationToken cancel) => ListAsync(database, cancel);

    /// <summary>The names of all tenants; no key is needed to know them.</summary>
    public static async Task<IReadOnlyList<string>> ListAsync(LedgerDatabase database, CancellationToken cancel)
    {
        await using var connection = await database.Server.OpenConnectionAsync(cancel);
        return await ListAsync(connection, cancel);
    }

    /// <summary>The same, asked over a connection that the caller has.</summary>
    public static async Task<IReadOnlyList<string>> ListAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("select ledger.tenant_ids()", connection);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var names = new List<string>();
        while (await reader.ReadAsync(cancel))
            names.Add(reader.GetString(0));
        return names;
    }

    /// <summary>
    /// Adds a key that wraps what is new from now on, unless another one is being replaced already. The index key is
    /// the same, under each.
    /// </summary>
    internal async Task AddKeyAsync(TenantKeys keys, CancellationToken cancel)
    {
        byte[] key = KeyWrap.NewKey();
        var (wrapped, number) = master.WrapTenantKey(keys.Tenant, key);
        await using var command = database.Owner.CreateCommand(s_add);
        foreach (object value in new object[]
        {
            keys.Tenant, keys.Wrapping.Newest + 1, wrapped,
            KeyWrap.Wrap(key, keys.IndexKey, IndexLabel(keys.Tenant)), number,
        })
        {
            command.Parameters.Add(new() { Value = value });
        }
        await MasterKey.WritingAsync(() => command.ExecuteNonQueryAsync(cancel));
    }

    private async Task<(IReadOnlyDictionary<int, byte[]> Keys, byte[] Index)> ReadAsync(
        string tenant, CancellationToken cancel)
    {
        var rows = await database.QueryAsync(tenant, s_read, r => (Number: r.GetInt32(0),
            Key: r.GetFieldValue<byte[]>(1), Index: r.GetFieldValue<byte[]>(2), Master: r.GetInt32(3)), cancel, tenant);
        return (rows.ToDictionary(r => r.Number, r => master.UnwrapTenantKey(tenant, r.Key, r.Master)),
            rows is [.., var newest] ? newest.Index : []);
    }

    private static string IndexLabel(string tenant) => $"index {tenant}";

    [GeneratedRegex(@"^[a-z0-9][a-z0-9-]{0,62}\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NamePattern();
}
