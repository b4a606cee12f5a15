using CrmLedger.EventStore;
using CrmLedger.EventStore.Privacy;
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

    /// <summary>Replaces a tenant's key; null when there is no such tenant.</summary>
    /// <param name="home">The data folder.</param>
    /// <param name="tenant">The tenant.</param>
    /// <param name="progress">Is told how many keys have been wrapped anew.</param>
    /// <param name="cancel">Interrupts it; the next time goes on.</param>
    public static Task<ReplacedTenantKey?> RotateAsync(
        string home, string tenant, Action<long> progress, CancellationToken cancel) =>
        WithDatabaseAsync(home, tenant, (database, directory) =>
            new TenantKeyRotation(database, directory).RunAsync(tenant, progress, cancel), cancel);

    /// <summary>Replaces the master key.</summary>
    /// <param name="home">The data folder.</param>
    /// <param name="given">The new key; null has one made, where the key is a file.</param>
    /// <param name="cancel">Gives up, unless the database has taken it.</param>
    /// <returns>What it came to; null when one that had been interrupted was completed.</returns>
    /// <exception cref="MasterKeyException">Nothing was replaced; the message says why.</exception>
    public static Task<(ReplacedMasterKey? Replaced, SettledReplacement? Settled)> RotateMasterAsync(
        string home, byte[]? given, CancellationToken cancel) =>
        WithHomeAsync(home, async (opened, database) => (opened.Master.Settled is { Completed: true }
            ? null
            : await new MasterKeyRotation(database, opened.Master).RunAsync(given, cancel), opened.Master.Settled),
            cancel);

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
