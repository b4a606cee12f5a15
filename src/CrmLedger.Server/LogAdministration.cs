using CrmLedger.EventStore.Checkpoints;
using CrmLedger.EventStore.Privacy;
using CrmLedger.EventStore.Verification;
using CrmLedger.Server.Hosting;

namespace CrmLedger.Server;

/// <summary>A key of a log, as others are given it.</summary>
/// <param name="Number">From 1, in the order in which they were made.</param>
/// <param name="Origin">The first line of the checkpoints that it signs.</param>
/// <param name="Verifier">The key in the text form of C2SP signed-note.</param>
/// <param name="Since">When it was made, UTC.</param>
/// <param name="Reason">Why it followed another one; null for the first.</param>
public sealed record ListedLogKey(int Number, string Origin, string Verifier, DateTimeOffset Since, string? Reason);

/// <summary>The keys of logs, in the database itself: for whoever holds the data folder.</summary>
public static class LogAdministration
{
    /// <summary>The keys of a tenant's log, the one that signs last; null when there is no such tenant.</summary>
    public static Task<IReadOnlyList<ListedLogKey>?> ListAsync(string home, string tenant, CancellationToken cancel) =>
        WithKeysAsync<IReadOnlyList<ListedLogKey>>(home, tenant, async (logKeys, keys, _) =>
            [.. (await logKeys.ReadOrMakeAsync(keys, cancel)).Select(Listed)], cancel);

    /// <summary>Replaces the key that signs; the log stays what it is. Null when there is no such tenant.</summary>
    public static Task<ListedLogKey?> RotateAsync(
        string home, string tenant, string reason, CancellationToken cancel) =>
        WithKeysAsync(home, tenant,
            async (logKeys, keys, _) => Listed(await logKeys.RotateAsync(keys, reason, cancel)), cancel);

    /// <summary>
    /// Declares that the log goes on under another name, from what the database holds now. Null when there is no such
    /// tenant.
    /// </summary>
    public static Task<ListedLogKey?> DeclareOriginAsync(
        string home, string tenant, string reason, CancellationToken cancel) =>
        WithKeysAsync(home, tenant, async (logKeys, keys, outside) =>
            Listed(await logKeys.DeclareOriginAsync(keys, outside, reason, cancel)), cancel);

    /// <summary>Verifies the whole database, or what it holds of some tenants.</summary>
    /// <param name="home">The data folder, whose own copies of checkpoints are held against the database.</param>
    /// <param name="request">What, and against what.</param>
    /// <param name="progress">Is told how far it has come.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="ArgumentException">There is no tenant of a name.</exception>
    public static Task<VerificationReport> VerifyAsync(
        string home, VerificationRequest request, Action<VerificationProgress> progress, CancellationToken cancel) =>
        KeyAdministration.WithHomeAsync(home, (opened, database) =>
            new DatabaseVerification(database, opened.Master, new(opened.CheckpointFolder))
                .RunAsync(request, progress, cancel), cancel);

    private static Task<T?> WithKeysAsync<T>(
        string home, string tenant, Func<LogKeys, TenantKeys, OutsideCopy, Task<T>> work, CancellationToken cancel)
        where T : class =>
        KeyAdministration.WithDatabaseAsync(home, tenant, async (database, directory) =>
            await directory.FindAsync(tenant, cancel) is { } keys
                ? await work(new(database), keys, new(LedgerHome.CheckpointFolderIn(home)))
                : null, cancel);

    private static ListedLogKey Listed(LogKey key) =>
        new(key.Number, key.Origin, key.Signer.Verifier.ToString(), key.Since, key.Reason);
}
