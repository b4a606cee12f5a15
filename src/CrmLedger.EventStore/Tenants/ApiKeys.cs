using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace CrmLedger.EventStore.Tenants;

/// <summary>What a key may do.</summary>
public static class Scopes
{
    /// <summary>Record events.</summary>
    public const string Append = "append";

    /// <summary>Read customers and commitments.</summary>
    public const string Read = "read";

    /// <summary>Ask a leader's questions.</summary>
    public const string Lead = "lead";

    /// <summary>Read the whole log and rebuild views.</summary>
    public const string Audit = "audit";

    /// <summary>All of these.</summary>
    public const string Admin = "admin";

    /// <summary>Every scope.</summary>
    public static IReadOnlyList<string> All { get; } = [Append, Read, Lead, Audit, Admin];
}

/// <summary>A new key. The secret is in <paramref name="Key" /> and nowhere else.</summary>
/// <param name="Key">The credential, to be shown once.</param>
/// <param name="KeyId">Its id, which is no secret.</param>
/// <param name="Scopes">What it may do.</param>
public sealed record CreatedApiKey(string Key, string KeyId, IReadOnlyList<string> Scopes);

/// <summary>A key as it is listed.</summary>
/// <param name="KeyId">Its id.</param>
/// <param name="Name">What it is for.</param>
/// <param name="Scopes">What it may do.</param>
/// <param name="CreatedAt">Since when, UTC.</param>
/// <param name="RevokedAt">Until when, UTC; null while it holds.</param>
public sealed record ListedApiKey(
    string KeyId, string Name, IReadOnlyList<string> Scopes, DateTimeOffset CreatedAt, DateTimeOffset? RevokedAt);

/// <summary>Who sent a request, as its key says. It is told to whoever has the key.</summary>
/// <param name="Tenant">The tenant, from the key alone.</param>
/// <param name="KeyId">The key's id.</param>
/// <param name="Name">What the key is for.</param>
/// <param name="Scopes">What it may do.</param>
public sealed record Caller(string Tenant, string KeyId, string Name, IReadOnlyList<string> Scopes);

/// <summary>
/// API keys: <c>crm_{tenant}_{key id}_{secret}</c>. The tenant in it only says where to look; what counts is that the
/// secret's hash stands there. A secret has 256 bits, so that a plain SHA-256 of it suffices.
/// </summary>
public sealed class ApiKeys(LedgerDatabase database)
{
    private static readonly string s_insert = Sql.Load("Tenants/insert_api_key.sql");
    private static readonly string s_read = Sql.Load("Tenants/read_api_key.sql");
    private static readonly string s_list = Sql.Load("Tenants/list_api_keys.sql");
    private static readonly string s_revoke = Sql.Load("Tenants/revoke_api_key.sql");

    /// <summary>Makes a key.</summary>
    public async Task<CreatedApiKey> CreateAsync(
        string tenant, string name, IReadOnlyList<string> scopes, CancellationToken cancel)
    {
        string keyId = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        string secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        await database.ExecuteAsync(tenant, s_insert, cancel, tenant, keyId, name, Hash(secret), scopes.ToArray());
        return new($"crm_{tenant}_{keyId}_{secret}", keyId, scopes);
    }

    /// <summary>Who presents this key, or null when it is not one of ours or was revoked.</summary>
    public async Task<Caller?> FindAsync(string key, CancellationToken cancel)
    {
        string[] parts = key.Split('_', 4);
        if (parts is not ["crm", var tenant, var keyId, var secret] || !TenantDirectory.IsName(tenant))
            return null;
        var rows = await database.QueryAsync(tenant, s_read,
            r => (Hash: r.GetFieldValue<byte[]>(0), Scopes: r.GetFieldValue<string[]>(1), Name: r.GetString(2)),
            cancel, tenant, keyId);
        return rows.Count == 1 && CryptographicOperations.FixedTimeEquals(rows[0].Hash, Hash(secret))
            ? new(tenant, keyId, rows[0].Name, rows[0].Scopes)
            : null;
    }

    /// <summary>The tenant's keys, the oldest first.</summary>
    public Task<List<ListedApiKey>> ListAsync(string tenant, CancellationToken cancel) =>
        database.QueryAsync(tenant, s_list,
            r => new ListedApiKey(r.GetString(0), r.GetString(1), r.GetFieldValue<string[]>(2),
                r.GetFieldValue<DateTimeOffset>(3), r.IsDBNull(4) ? null : r.GetFieldValue<DateTimeOffset>(4)),
            cancel, tenant);

    /// <summary>Revokes a key; false when there is none of that id that still holds.</summary>
    public async Task<bool> RevokeAsync(string tenant, string keyId, CancellationToken cancel) =>
        (await database.QueryAsync(tenant, s_revoke, r => true, cancel, tenant, keyId)).Count > 0;

    private static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}
