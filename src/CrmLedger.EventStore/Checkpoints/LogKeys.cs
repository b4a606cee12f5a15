using System.Security.Cryptography;
using CrmLedger.EventStore.Privacy;
using CrmLedger.Transparency;

namespace CrmLedger.EventStore.Checkpoints;

/// <summary>A key that a log signs with, or has signed with.</summary>
/// <param name="Number">From 1, in the order in which they were made.</param>
/// <param name="Signer">The key; its name is the log's origin.</param>
/// <param name="Since">When it was made, UTC.</param>
/// <param name="Reason">Why it followed another one; null for the first.</param>
/// <param name="Supersedes">
/// The log that was kept outside the database when this one was declared, known here or not; null for none.
/// </param>
public sealed record LogKey(int Number, SignerKey Signer, DateTimeOffset Since, string? Reason, string? Supersedes)
{
    /// <summary>The first line of the checkpoints that it signs.</summary>
    public string Origin => Signer.Verifier.Name;
}

/// <summary>
/// The keys of tenants' logs (C2SP signed-note, Ed25519). A seed is kept under the tenant's key, so that who holds the
/// database alone can sign nothing.
/// </summary>
public sealed class LogKeys(LedgerDatabase database)
{
    private static readonly string s_read = Sql.Load("Checkpoints/read_log_keys.sql");
    private static readonly string s_write = Sql.Load("Checkpoints/write_log_key.sql");

    /// <summary>All keys, the one that signs last; the first one is made when there is none.</summary>
    public async Task<IReadOnlyList<LogKey>> ReadOrMakeAsync(TenantKeys keys, CancellationToken cancel)
    {
        var there = await ListAsync(keys, cancel);
        if (there.Count > 0)
            return there;
        await WriteAsync(keys, 1, NewOrigin(keys.Tenant), null, null, cancel);
        return await ListAsync(keys, cancel);
    }

    /// <summary>Replaces the key that signs; the log stays what it is.</summary>
    /// <param name="keys">The tenant's.</param>
    /// <param name="reason">Why.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<LogKey> RotateAsync(TenantKeys keys, string reason, CancellationToken cancel)
    {
        var last = (await ReadOrMakeAsync(keys, cancel))[^1];
        return await FollowAsync(keys, last, last.Origin, reason, null, cancel);
    }

    /// <summary>
    /// Declares that the log goes on under another name: what the database holds need not continue what was signed
    /// under the old one.
    /// </summary>
    /// <param name="keys">The tenant's.</param>
    /// <param name="outside">Tells which log is given up; a copy that cannot be read any more is set aside.</param>
    /// <param name="reason">Why.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<LogKey> DeclareOriginAsync(
        TenantKeys keys, OutsideCopy outside, string reason, CancellationToken cancel)
    {
        var last = (await ReadOrMakeAsync(keys, cancel))[^1];
        return await FollowAsync(
            keys, last, NewOrigin(keys.Tenant), reason, outside.OriginOrSetAside(keys.Tenant), cancel);
    }

    private async Task<LogKey> FollowAsync(
        TenantKeys keys, LogKey last, string origin, string reason, string? supersedes, CancellationToken cancel)
    {
        if (await WriteAsync(keys, last.Number + 1, origin, reason, supersedes, cancel) == 0)
            throw new InvalidOperationException("Somebody else has just made a key for this log. Look, and try again.");
        return (await ListAsync(keys, cancel))[last.Number];
    }

    private async Task<int> WriteAsync(
        TenantKeys keys, int number, string origin, string? reason, string? supersedes, CancellationToken cancel)
    {
        byte[] seed = KeyWrap.NewKey();
        return await keys.Wrapping.WriteAsync(seed, LabelOf(keys.Tenant, number), wrapped => database.ExecuteAsync(
            keys.Tenant, s_write, cancel, keys.Tenant, number, origin, Ed25519.PublicKey(seed), wrapped.Bytes,
            LedgerDatabase.Typed(NpgsqlTypes.NpgsqlDbType.Varchar, reason),
            LedgerDatabase.Typed(NpgsqlTypes.NpgsqlDbType.Varchar, supersedes), wrapped.KeyNumber), cancel);
    }

    /// <summary>All keys, the one that signs last; none before anything was signed.</summary>
    public async Task<IReadOnlyList<LogKey>> ListAsync(TenantKeys keys, CancellationToken cancel)
    {
        var rows = await keys.Wrapping.ReadAsync(() => database.QueryAsync(keys.Tenant, s_read, r => (
            Number: r.GetInt32(0), Origin: r.GetString(1), Seed: new WrappedKey(
                r.GetInt32(6), r.GetFieldValue<byte[]>(2)), Reason: r.IsDBNull(3) ? null : r.GetString(3),
            Since: r.GetFieldValue<DateTimeOffset>(4), Supersedes: r.IsDBNull(5) ? null : r.GetString(5)),
            cancel, keys.Tenant), r => r.Seed.KeyNumber, cancel);
        return rows.ConvertAll(r => new LogKey(r.Number, new(r.Origin, SignatureKind.Ed25519,
            keys.Wrapping.Unwrap(r.Seed, LabelOf(keys.Tenant, r.Number))), r.Since, r.Reason, r.Supersedes));
    }

    /// <summary>What a seed is wrapped for.</summary>
    internal static string LabelOf(string tenant, int number) => $"log key {number} of {tenant}";

    /// <summary>A name that no other log has, whatever its tenant is called.</summary>
    private static string NewOrigin(string tenant) =>
        $"crmledger/{tenant}/{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";
}
