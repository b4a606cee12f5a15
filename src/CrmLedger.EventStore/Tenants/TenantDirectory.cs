using System.Text.RegularExpressions;
using CrmLedger.EventStore.Privacy;
using CrmLedger.Transparency;

namespace CrmLedger.EventStore.Tenants;

/// <summary>The tenants: their names and their keys.</summary>
public sealed partial class TenantDirectory(LedgerDatabase database, MasterKey master)
{
    private static readonly string s_create = Sql.Load("Tenants/create_tenant.sql");
    private static readonly string s_read = Sql.Load("Tenants/read_tenant.sql");

    /// <summary>What a tenant's name may be: 1–63 of a–z, 0–9 and hyphens, not starting with a hyphen.</summary>
    public static bool IsName(string tenant) => NamePattern().IsMatch(tenant);

    /// <summary>The tenant's keys, or null when there is no such tenant.</summary>
    public async Task<TenantKeys?> FindAsync(string tenant, CancellationToken cancel)
    {
        var rows = await database.QueryAsync(tenant, s_read,
            r => (Key: r.GetFieldValue<byte[]>(0), Index: r.GetFieldValue<byte[]>(1)), cancel, tenant);
        if (rows.Count == 0)
            return null;
        byte[] key = master.UnwrapTenantKey(tenant, rows[0].Key);
        return new(tenant, key, KeyWrap.Unwrap(key, rows[0].Index, IndexLabel(tenant)));
    }

    /// <summary>The tenant's keys; makes the tenant, with an empty log, when there is none.</summary>
    public async Task<TenantKeys> FindOrCreateAsync(string tenant, CancellationToken cancel)
    {
        if (await FindAsync(tenant, cancel) is { } there)
            return there;
        byte[] key = KeyWrap.NewKey();
        byte[] indexKey = KeyWrap.NewKey();
        await database.ExecuteAsync(tenant, s_create, cancel, tenant, master.WrapTenantKey(tenant, key),
            KeyWrap.Wrap(key, indexKey, IndexLabel(tenant)), MerkleTree.EmptyRoot);
        return await FindAsync(tenant, cancel)
            ?? throw new InvalidOperationException($"Tenant '{tenant}' was made and is not there.");
    }

    /// <summary>The names of all tenants.</summary>
    public Task<IReadOnlyList<string>> ListAsync(CancellationToken cancel) => ListAsync(database, cancel);

    /// <summary>The names of all tenants; no key is needed to know them.</summary>
    public static async Task<IReadOnlyList<string>> ListAsync(LedgerDatabase database, CancellationToken cancel)
    {
        await using var command = database.Server.CreateCommand("select ledger.tenant_ids()");
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var names = new List<string>();
        while (await reader.ReadAsync(cancel))
            names.Add(reader.GetString(0));
        return names;
    }

    private static string IndexLabel(string tenant) => $"index {tenant}";

    [GeneratedRegex(@"^[a-z0-9][a-z0-9-]{0,62}\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NamePattern();
}
