using System.Security.Cryptography;
using CrmLedger.EventStore.Checkpoints;
using CrmLedger.EventStore.Privacy;
using CrmLedger.Transparency;

namespace CrmLedger.EventStore.Verification;

/// <summary>A checkpoint that is kept elsewhere than in the database.</summary>
/// <param name="Where">Where it is from, as a finding names it.</param>
/// <param name="Signed">The checkpoint.</param>
public sealed record HeldCheckpoint(string Where, SignedCheckpoint Signed);

/// <summary>
/// The roots that a tenant's log was signed to have: those in the database, whose signatures are checked here, and
/// those that somebody holds.
/// </summary>
internal sealed class SignedRoots
{
    private static readonly string s_between = Sql.Load("Verification/read_checkpoints_between.sql");
    private static readonly string s_columns = Sql.Load("Verification/read_key_columns.sql");

    private readonly LedgerDatabase _database;
    private readonly string _tenant;
    private readonly Findings _findings;
    private readonly IReadOnlyList<HeldCheckpoint> _held;
    private readonly ILookup<string, VerifierKey> _keys;

    private SignedRoots(
        LedgerDatabase database, string tenant, Findings findings, IReadOnlyList<LogKey> keys,
        IReadOnlyList<HeldCheckpoint> held)
    {
        (_database, _tenant, _findings, _held) = (database, tenant, findings, held);
        _keys = keys.ToLookup(k => k.Origin, k => k.Signer.Verifier);
        Origin = keys.Count == 0 ? null : keys[^1].Origin;
    }

    /// <summary>All names that the log has had.</summary>
    public IEnumerable<string> Origins => _keys.Select(k => k.Key);

    /// <summary>The log's name now; null when nothing was ever signed.</summary>
    public string? Origin { get; }

    /// <summary>How many stored checkpoints were checked.</summary>
    public long Checked { get; private set; }

    /// <summary>The largest size that a stored checkpoint is of; -1 for none.</summary>
    public long Latest { get; private set; } = -1;

    /// <summary>Opens the log's keys and checks what is held for it.</summary>
    /// <param name="database">The database.</param>
    /// <param name="tenant">The tenant.</param>
    /// <param name="keys">The tenant's; null when they cannot be opened.</param>
    /// <param name="findings">Where to note what is wrong.</param>
    /// <param name="outside">What is kept in the data folder.</param>
    /// <param name="held">What the auditor holds; those of other logs are passed over.</param>
    /// <param name="trusted">The keys that the auditor trusts; those of the database when there are none.</param>
    /// <param name="cancel">Gives up.</param>
    public static async Task<SignedRoots> OpenAsync(
        LedgerDatabase database, string tenant, TenantKeys? keys, Findings findings, OutsideCopy outside,
        IReadOnlyList<HeldCheckpoint> held, IReadOnlyList<VerifierKey> trusted, CancellationToken cancel)
    {
        var logKeys = keys is null ? [] : await ReadKeysAsync(database, keys, findings, cancel);
        var origins = logKeys.Select(k => k.Origin).ToHashSet(StringComparer.Ordinal);
        var known = held.Where(h => origins.Contains(h.Signed.Checkpoint.Origin)).ToList();
        if (Kept(tenant, logKeys, outside, findings) is { } kept)
            known.Add(kept);
        var opened = new SignedRoots(database, tenant, findings, logKeys, known);
        foreach (var one in known)
            opened.CheckSignature(one.Where, one.Signed, trusted);
        return opened;
    }

    /// <summary>The roots that were signed of trees of some sizes, by size.</summary>
    /// <param name="above">Exclusive.</param>
    /// <param name="upTo">Inclusive.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<ILookup<long, (string Where, byte[] Root)>> BetweenAsync(
        long above, long upTo, CancellationToken cancel)
    {
        var roots = _held.Where(h => h.Signed.Checkpoint.Size > above && h.Signed.Checkpoint.Size <= upTo)
            .Select(h => (h.Signed.Checkpoint.Size, (h.Where, h.Signed.Checkpoint.Root))).ToList();
        foreach (var (size, origin, root, note) in await StoredAsync(above, upTo, cancel))
        {
            Checked++;
            // What was signed under an earlier name need not lead here: an operator has declared so.
            if (IsGenuine(size, origin, root, note) && origin == Origin)
            {
                roots.Add((size, ("the database", root)));
                Latest = Math.Max(Latest, size);
            }
        }
        return roots.ToLookup(r => r.Size, r => r.Item2);
    }

    /// <summary>What is held of a larger log than this one.</summary>
    public void RequireNoneAbove(long size)
    {
        foreach (var (where, signed) in _held.Where(h => h.Signed.Checkpoint.Size > size))
        {
            NoteAt(signed.Checkpoint.Size, $"The log has {size} events, and {signed.Checkpoint.Size} were signed "
                + $"({where}): events at its end are missing.");
        }
    }

    /// <summary>A tree that is not the one that was signed.</summary>
    /// <param name="size">Its size.</param>
    /// <param name="where">Where the checkpoint is from.</param>
    /// <param name="met">The largest size below at which a signed root was met, 0 for none.</param>
    public void NoteOther(long size, string where, long met) => NoteAt(size,
        $"The log's first {size} events are not those that were signed ({where}): something among the events {met} to "
        + $"{size - 1} was altered, or their tiles were.");

    private static async Task<IReadOnlyList<LogKey>> ReadKeysAsync(
        LedgerDatabase database, TenantKeys keys, Findings findings, CancellationToken cancel)
    {
        try
        {
            var logKeys = await new LogKeys(database).ListAsync(keys, cancel);
            var columns = (await LedgerDatabase.QueryAsync(database.Loader, keys.Tenant, s_columns,
                r => (Number: r.GetInt32(0), Public: r.GetFieldValue<byte[]>(1)), cancel, keys.Tenant)).ToDictionary();
            foreach (var key in logKeys)
            {
                if (!columns[key.Number].AsSpan().SequenceEqual(key.Signer.Verifier.PublicKey))
                {
                    findings.Note(FindingKind.Checkpoint, $"log key {key.Number}",
                        "Its public key is not that of the secret one.");
                }
            }
            return logKeys;
        }
        catch (Exception altered) when (altered is CryptographicException or FormatException or ArgumentException)
        {
            findings.Note(FindingKind.Checkpoint, "log keys",
                $"A key that signs cannot be opened, it was altered: {altered.Message}");
            return [];
        }
    }

    private static HeldCheckpoint? Kept(
        string tenant, IReadOnlyList<LogKey> keys, OutsideCopy outside, Findings findings)
    {
        try
        {
            if (outside.Read(tenant) is not { } kept)
                return null;
            string origin = kept.Checkpoint.Origin;
            if (keys.Any(k => k.Origin == origin))
                return origin == keys[^1].Origin ? new("the data folder", kept) : null;
            if (keys.All(k => k.Supersedes != origin))
            {
                findings.Note(FindingKind.Checkpoint, $"checkpoint of size {kept.Checkpoint.Size}",
                    $"The data folder keeps a checkpoint of the log '{origin}', of which the database knows nothing.");
            }
        }
        catch (LogStoppedException damaged)
        {
            findings.Note(FindingKind.Checkpoint, "checkpoint in the data folder", damaged.Message);
        }
        return null;
    }

    private Task<List<(long Size, string Origin, byte[] Root, byte[] Note)>> StoredAsync(
        long above, long upTo, CancellationToken cancel) =>
        LedgerDatabase.QueryAsync(_database.Loader, _tenant, s_between,
            r => (r.GetInt64(0), r.GetString(1), r.GetFieldValue<byte[]>(2), r.GetFieldValue<byte[]>(3)), cancel,
            _tenant, above, upTo);

    private bool IsGenuine(long size, string origin, byte[] root, byte[] note)
    {
        SignedCheckpoint signed;
        try
        {
            signed = SignedCheckpoint.Parse(note);
        }
        catch (FormatException malformed)
        {
            NoteAt(size, $"What is stored as signed is no checkpoint: {malformed.Message}");
            return false;
        }
        var said = signed.Checkpoint;
        if (said.Size == size && said.Origin == origin && said.Root.AsSpan().SequenceEqual(root))
            return CheckSignature("the database", signed, []);
        NoteAt(size, "The columns beside the checkpoint do not say what it says.");
        return false;
    }

    private bool CheckSignature(string where, SignedCheckpoint signed, IReadOnlyList<VerifierKey> trusted)
    {
        var (origin, size) = (signed.Checkpoint.Origin, signed.Checkpoint.Size);
        VerifierKey[] keys = [.. trusted.Where(k => k.Name == origin)];
        if (keys.Length == 0)
            keys = [.. _keys[origin]];
        string? refused = keys.Length == 0
            ? $"no key of the log '{origin}' is known."
            : signed.Check(new(origin, keys, [], 0))?.Detail;
        if (refused is not null)
            NoteAt(size, $"The checkpoint ({where}) is not to be believed: {refused}");
        return refused is null;
    }

    private void NoteAt(long size, string detail) =>
        _findings.Note(FindingKind.Checkpoint, $"checkpoint of size {size}", detail);
}
