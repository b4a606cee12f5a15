using CrmLedger.EventStore;
using CrmLedger.EventStore.Tenants;
using CrmLedger.Server.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace CrmLedger.Server;

/// <summary>A new key, with whose it is.</summary>
/// <param name="Key">The credential, to be shown once.</param>
/// <param name="KeyId">Its id, which is no secret.</param>
/// <param name="Tenant">The tenant.</param>
/// <param name="Name">What it is for.</param>
/// <param name="Scopes">What it may do.</param>
public sealed record CreatedKey(string Key, string KeyId, string Tenant, string Name, IReadOnlyList<string> Scopes);

/// <summary>Makes, lists and revokes API keys in the database itself: for whoever holds the data folder.</summary>
public static class KeyAdministration
{
    /// <summary>Makes a key, and the tenant when there is none of that name.</summary>
    /// <exception cref="ArgumentException">The tenant's name is not one.</exception>
    public static Task<CreatedKey> CreateAsync(
        string home, string tenant, string name, IReadOnlyList<string> scopes, CancellationToken cancel) =>
        WithDatabaseAsync(home, tenant, async (database, directory) =>
        {
            await directory.FindOrCreateAsync(tenant, cancel);
            var made = await new ApiKeys(database).CreateAsync(tenant, name, scopes, cancel);
            return new CreatedKey(made.Key, made.KeyId, tenant, name, made.Scopes);
        }, cancel);

    /// <summary>The tenant's keys, the oldest first; null when there is no such tenant.</summary>
    public static Task<List<ListedApiKey>?> ListAsync(string home, string tenant, CancellationToken cancel) =>
        WithDatabaseAsync(home, tenant, async (database, directory) =>
            (await directory.ListAsync(cancel)).Contains(tenant)
                ? await new ApiKeys(database).ListAsync(tenant, cancel)
                : null, cancel);

    /// <summary>Revokes a key; false when there is none of that id that still holds.</summary>
    public static Task<bool> RevokeAsync(string home, string tenant, string keyId, CancellationToken cancel) =>
        WithDatabaseAsync(
            home, tenant, (database, _) => new ApiKeys(database).RevokeAsync(tenant, keyId, cancel), cancel);

    internal static async Task<T> WithDatabaseAsync<T>(
        string folder, string tenant, Func<LedgerDatabase, TenantDirectory, Task<T>> work, CancellationToken cancel)
    {
        if (!TenantDirectory.IsName(tenant))
        {
            throw new ArgumentException(
                $"'{tenant}' cannot be a tenant's name: use 1 to 63 of a to z, 0 to 9 and hyphens, "
                    + "starting with a letter or digit.",
                nameof(tenant));
        }
        return await WithHomeAsync(
            folder, (home, database) => work(database, new TenantDirectory(database, home.Master)), cancel);
    }

    internal static async Task<T> WithHomeAsync<T>(
        string folder, Func<LedgerHome, LedgerDatabase, Task<T>> work, CancellationToken cancel)
    {
        await using var home = await LedgerHome.OpenAsync(folder, null, toServe: false, NullLogger.Instance, cancel);
        await using var database = new LedgerDatabase(home.Connections);
        return await work(home, database);
    }
}
