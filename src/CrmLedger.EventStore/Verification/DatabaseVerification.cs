using System.Diagnostics;
using System.Security.Cryptography;
using CrmLedger.EventStore.Checkpoints;
using CrmLedger.EventStore.Privacy;
using CrmLedger.EventStore.Projections;
using CrmLedger.EventStore.Reading;
using CrmLedger.EventStore.Tenants;
using CrmLedger.EventStore.Views;
using CrmLedger.Transparency;
using Npgsql;

namespace CrmLedger.EventStore.Verification;

/// <summary>What is to be verified, and against what.</summary>
/// <param name="Tenants">Whose logs; all when there are none.</param>
/// <param name="Held">Checkpoints that are kept elsewhere.</param>
/// <param name="Trusted">
/// Keys of logs that came from elsewhere; without any, what is held is checked with the keys in the database.
/// </param>
/// <param name="Views">Whether the views are folded again, too.</param>
public sealed record VerificationRequest(
    IReadOnlyList<string> Tenants, IReadOnlyList<HeldCheckpoint> Held, IReadOnlyList<VerifierKey> Trusted,
    bool Views = true);

/// <summary>How far a verification has come.</summary>
/// <param name="Tenant">Whose log.</param>
/// <param name="View">The view that is folded again now; null while the log is read.</param>
/// <param name="Done">Events that were read again.</param>
/// <param name="Total">How many there are.</param>
public sealed record VerificationProgress(string Tenant, string? View, long Done, long Total);

/// <summary>What the verification of one tenant's log came to.</summary>
/// <param name="Tenant">Whose.</param>
/// <param name="Size">Events that were read and hashed.</param>
/// <param name="Root">The root that they lead to, base64; null when the log has no head.</param>
/// <param name="Checkpoints">Stored checkpoints that were checked.</param>
/// <param name="LatestCheckpoint">The largest size that a stored checkpoint is of; null for none.</param>
/// <param name="SubjectKeys">Keys of people's personal text that were opened.</param>
/// <param name="Rows">Rows of views that were compared.</param>
/// <param name="LogSeconds">How long reading and hashing the log took.</param>
/// <param name="Seconds">How long all of it took.</param>
/// <param name="Findings">How much is wrong.</param>
public sealed record VerifiedTenant(
    string Tenant, long Size, string? Root, long Checkpoints, long? LatestCheckpoint, long SubjectKeys, long Rows,
    double LogSeconds, double Seconds, long Findings);

/// <summary>What a verification came to.</summary>
/// <param name="Tenants">Each tenant's part.</param>
/// <param name="Count">How much is wrong; 0 is as it should be.</param>
/// <param name="Findings">The first thousand of each tenant.</param>
public sealed record VerificationReport(
    IReadOnlyList<VerifiedTenant> Tenants, long Count, IReadOnlyList<Finding> Findings);

/// <summary>
/// Reads a whole database again and believes nothing of it: every event is hashed, every tile and root is made anew,
/// every checkpoint's signature is checked, every subject's key is opened, and every view is folded again and compared.
/// It changes nothing that is recorded, and nobody waits for it.
/// </summary>
public sealed class DatabaseVerification(LedgerDatabase database, MasterKey master, OutsideCopy outside)
{
    private readonly EventReader _reader = new(database);

    private static readonly string s_unknown = Sql.Load("Verification/read_unknown_tenants.sql");
    private static readonly string s_strays = Sql.Load("Verification/read_strays.sql");
    private static readonly string s_versions = Sql.Load("Verification/read_wrong_versions.sql");
    private static readonly string s_streams = Sql.Load("Verification/read_wrong_streams.sql");

    /// <summary>Verifies.</summary>
    /// <param name="request">What.</param>
    /// <param name="progress">Is told how far it has come, some times a second.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="ArgumentException">There is no tenant of a name.</exception>
    public async Task<VerificationReport> RunAsync(
        VerificationRequest request, Action<VerificationProgress>? progress, CancellationToken cancel)
    {
        var there = await TenantDirectory.ListAsync(database, cancel);
        if (request.Tenants.FirstOrDefault(t => !there.Contains(t)) is { } missing)
            throw new ArgumentException($"There is no tenant '{missing}' here.", nameof(request));
        var tenants = new List<VerifiedTenant>();
        var everywhere = new Findings("");
        var kept = new List<Finding>();
        var origins = new HashSet<string>(StringComparer.Ordinal);
        foreach (string tenant in request.Tenants.Count > 0 ? request.Tenants : there)
        {
            var findings = new Findings(tenant);
            tenants.Add(await VerifyAsync(tenant, request, findings, origins, progress, cancel));
            kept.AddRange(findings.Items);
        }
        foreach (var held in request.Held.Where(h => !origins.Contains(h.Signed.Checkpoint.Origin)))
        {
            everywhere.Note(FindingKind.Checkpoint, $"checkpoint of size {held.Signed.Checkpoint.Size}",
                $"It ({held.Where}) is of the log '{held.Signed.Checkpoint.Origin}', which is none of these.");
        }
        foreach (var (tenant, what) in await QueryAsync("", s_unknown, r => (r.GetString(0), r.GetString(1)), cancel))
        {
            everywhere.Note(
                FindingKind.Tenant, $"tenant {tenant}", $"There are {what} of it, and there is no such tenant.");
        }
        return new(tenants, tenants.Sum(t => t.Findings) + everywhere.Count, [.. kept, .. everywhere.Items]);
    }

    private async Task<VerifiedTenant> VerifyAsync(
        string tenant, VerificationRequest request, Findings findings, HashSet<string> origins,
        Action<VerificationProgress>? progress, CancellationToken cancel)
    {
        long started = Stopwatch.GetTimestamp();
        var keys = await KeysAsync(tenant, findings, cancel);
        var signed = await SignedRoots.OpenAsync(
            database, tenant, keys, findings, outside, request.Held, request.Trusted, cancel);
        origins.UnionWith(signed.Origins);
        var log = await new LogVerification(database, tenant, findings, signed,
            (done, total) => progress?.Invoke(new(tenant, null, done, total))).RunAsync(cancel);
        double logSeconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        await CheckRulesAsync(tenant, signed.Origin, findings, cancel);
        long subjects = await new SubjectKeyVerification(database, tenant, keys, findings).RunAsync(cancel);
        long rows = 0;
        foreach (var view in request.Views ? LedgerViews.All : [])
        {
            progress?.Invoke(new(tenant, view.Name, log?.Size ?? 0, log?.Size ?? 0));
            rows += await CheckViewAsync(tenant, view, findings, cancel);
        }
        return new(tenant, log?.Size ?? 0, log is { } verified ? Convert.ToBase64String(verified.Root) : null,
            signed.Checked, signed.Latest < 0 ? null : signed.Latest, subjects, rows, logSeconds,
            Stopwatch.GetElapsedTime(started).TotalSeconds, findings.Count);
    }

    private async Task<TenantKeys?> KeysAsync(string tenant, Findings findings, CancellationToken cancel)
    {
        try
        {
            return await new TenantDirectory(database, master).FindAsync(tenant, cancel);
        }
        catch (Exception altered) when (altered is MasterKeyException or CryptographicException)
        {
            findings.Note(FindingKind.Tenant, $"tenant {tenant}", $"Its keys cannot be opened: {altered.Message}");
            return null;
        }
    }

    /// <summary>What hashes do not cover, and what must agree with the log.</summary>
    private async Task CheckRulesAsync(string tenant, string? origin, Findings findings, CancellationToken cancel)
    {
        foreach (var (what, place) in await QueryAsync(
            tenant, s_strays, r => (r.GetString(0), r.GetString(1)), cancel, tenant, origin ?? "", Findings.Most))
        {
            findings.Note(what switch
            {
                "event" => FindingKind.Event,
                "tile" => FindingKind.Tile,
                "checkpoint of size" => FindingKind.Checkpoint,
                _ => FindingKind.Head,
            }, $"{what} {place}", "It stands where the log's head says that there is nothing.");
        }
        foreach (var (position, stream, version, place) in await QueryAsync(tenant, s_versions,
            r => (r.GetInt64(0), r.GetString(1), r.GetInt64(2), r.GetInt64(3)), cancel, tenant, Findings.Most))
        {
            findings.Event(position, $"It is number {place} of the stream {stream} and has the version {version}.");
        }
        foreach (var (stream, fault) in await QueryAsync(
            tenant, s_streams, r => (r.GetString(0), FaultOf(r)), cancel, tenant, Findings.Most))
        {
            findings.Note(FindingKind.Stream, $"stream {stream}", fault);
        }
    }

    private static string FaultOf(NpgsqlDataReader r) =>
        !r.GetBoolean(1) ? "It has events, and no row of its own."
        : !r.GetBoolean(2) ? "It has a row of its own, and no events."
        : r.GetInt64(3) != r.GetInt64(4) ? $"Its version is {r.GetInt64(3)}, and it has {r.GetInt64(4)} events."
        : r.GetBoolean(5) ? "It is marked as archived."
        : r.GetBoolean(8) ? "It has a type, which no stream has."
        : "Its times are not those of its first and last event.";

    private async Task<long> CheckViewAsync(
        string tenant, View view, Findings findings, CancellationToken cancel)
    {
        try
        {
            var result = await new ConsistencyCheck(database, _reader).RunAsync(tenant, view, cancel);
            foreach (var item in result.Items)
            {
                findings.Note(FindingKind.View, $"view {view.Name}, {item.Stream} {item.Key}".TrimEnd(),
                    item.Kind switch
                    {
                        DifferenceKind.Missing => "The log gives a row that is not there",
                        DifferenceKind.Unexpected => "There is a row that the log does not give",
                        _ => $"What is stored differs from what the log gives in {string.Join(", ", item.Columns)}",
                    } + (item.ValidFrom is { } from ? $", from position {from}." : "."));
            }
            if (result.Position >= (await _reader.ReadHeadAsync(tenant, cancel)).Size)
            {
                findings.Note(FindingKind.View, $"view {view.Name}",
                    $"It is said to reflect position {result.Position}, and the log ends before.");
            }
            if (result.Differences - result.Items.Count is > 0 and var more)
                findings.Note(FindingKind.View, $"view {view.Name}", $"{more} more rows differ.");
            return result.Rows;
        }
        catch (Exception unreadable) when (unreadable is not (OperationCanceledException or NpgsqlException))
        {
            findings.Note(FindingKind.View, $"view {view.Name}", $"It cannot be compared: {unreadable.Message}");
            return 0;
        }
    }

    private Task<List<T>> QueryAsync<T>(
        string tenant, string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancel,
        params object?[] parameters) =>
        LedgerDatabase.QueryAsync(database.Verifying, tenant, sql, read, cancel, parameters);
}
