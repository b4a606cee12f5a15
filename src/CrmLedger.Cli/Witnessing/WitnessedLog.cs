using System.Text;
using CrmLedger.Postgres;
using CrmLedger.Transparency;

namespace CrmLedger.Cli.Witnessing;

/// <summary>
/// What a witness keeps of one log: whom it trusts for it, the last checkpoint that it saw to continue the one before,
/// and what it gave out. Nobody else works on it meanwhile.
/// </summary>
/// <remarks>
/// The files are named after the log's origin, not its address: under two addresses it is still one log, of which one
/// history is cosigned.
/// </remarks>
internal sealed class WitnessedLog : IDisposable
{
    private const string LogSuffix = ".log";

    private readonly string _files;
    private readonly Uri _address;
    private readonly IReadOnlyList<VerifierKey> _keys;
    private readonly FileStream _lock;

    private WitnessedLog(string files, Uri address, IReadOnlyList<VerifierKey> keys)
    {
        (_files, _address, _keys) = (files, address, keys);
        Policy = new LogPolicy(keys[0].Name, keys, [], requiredWitnesses: 0);
        _lock = Lock(files + ".lock");
    }

    /// <summary>The log by its pinned keys, and no witness beside this one.</summary>
    public LogPolicy Policy { get; }

    /// <summary>The cosigned checkpoint, for others to take.</summary>
    public string CosignedFile => _files + ".checkpoint";

    /// <summary>Where two notes lie that contradict one another; while it is there, nothing is cosigned.</summary>
    public string EvidenceFolder => _files + ".evidence";

    private string KnownFile => _files + ".known";

    /// <summary>Opens what is kept of the log at an address.</summary>
    /// <param name="folder">The state folder.</param>
    /// <param name="address">Where the log is, without a slash at its end.</param>
    /// <param name="given">Its keys as the operator gave them; none to go by those that are pinned.</param>
    /// <exception cref="CliFailure">
    /// No key is given and none pinned, another one is pinned, or another witness has the log open.
    /// </exception>
    public static WitnessedLog Open(string folder, Uri address, IReadOnlyList<VerifierKey> given)
    {
        string? pinned = Directory.EnumerateFiles(folder, "*" + LogSuffix)
            .FirstOrDefault(file => Read(file).Address == address);
        if (pinned is null && given.Count == 0)
        {
            throw new CliFailure(ExitCode.Usage, $"This witness does not know the log at {address} yet. Give its key "
                + "with --key, as its operator gave it to you: never one that the log itself has answered with.");
        }
        string files = pinned?[..^LogSuffix.Length]
            ?? Path.Combine(folder, Uri.EscapeDataString(given[0].Name));
        string file = files + LogSuffix;
        var keys = File.Exists(file) ? Read(file).Keys : given;
        if (given.FirstOrDefault(key => keys.All(k => k.ToString() != key.ToString())) is { } other)
        {
            throw new CliFailure(ExitCode.Failed, $"'{other}' is not the key that is pinned for the log at {address}. "
                + $"If the log has a new key, add it to {file} as a line of its own; if it is another log, remove "
                + "that file.");
        }
        return new(files, address, keys);
    }

    public void Dispose() => _lock.Dispose();

    /// <summary>The last checkpoint that was kept; null before the first.</summary>
    /// <exception cref="CliFailure">The file holds none any more that the log has signed.</exception>
    public SignedCheckpoint? Known()
    {
        if (!File.Exists(KnownFile))
        {
            return File.Exists(CosignedFile)
                ? throw new CliFailure(ExitCode.Failed, $"{KnownFile} is gone, though something was cosigned. Put it "
                    + "back; without it nobody can tell whether the log continues what was cosigned.")
                : null;
        }
        var known = Parsed(KnownFile);
        return known.Check(Policy) is { } refusal
            ? throw new CliFailure(ExitCode.Failed, $"{KnownFile} is not what this witness kept: {refusal.Detail} Put "
                + "it back as it was; without it nobody can tell whether the log continues what was cosigned.")
            : known;
    }

    /// <summary>What was given out last; null before the first.</summary>
    public SignedCheckpoint? Cosigned() => File.Exists(CosignedFile) ? Parsed(CosignedFile) : null;

    /// <summary>Keeps a checkpoint that continues the last one, and the log's keys; then both are on disk.</summary>
    public void Keep(SignedCheckpoint checkpoint)
    {
        UnixFiles.Replace(_files + LogSuffix,
            string.Concat(((string[])[_address.AbsoluteUri, .. _keys.Select(k => $"{k}")]).Select(line => line + "\n")),
            UnixFiles.ReadableFile);
        UnixFiles.Replace(KnownFile, Text(checkpoint), UnixFiles.ReadableFile);
    }

    /// <summary>Gives a cosigned checkpoint out, which must be kept.</summary>
    public void GiveOut(SignedCheckpoint cosigned) =>
        UnixFiles.Replace(CosignedFile, Text(cosigned), UnixFiles.ReadableFile);

    /// <summary>Keeps two notes of which the log can answer for one at most.</summary>
    public void KeepEvidence(SignedCheckpoint known, SignedCheckpoint offered, ProofRefusal refusal)
    {
        UnixFiles.CreateFolder(EvidenceFolder, UnixFiles.PassThroughFolder);
        foreach (var (name, content) in new[]
        {
            ("known.checkpoint", Text(known)), ("offered.checkpoint", Text(offered)),
            ("fault.txt", $"{refusal.Fault}: {refusal.Detail}\n"),
        })
        {
            UnixFiles.Replace(Path.Combine(EvidenceFolder, name), content, UnixFiles.ReadableFile);
        }
        UnixFiles.FlushFolder(Path.GetDirectoryName(EvidenceFolder)!);
    }

    private static FileStream Lock(string file)
    {
        try
        {
            return UnixFiles.Create(file, FileMode.OpenOrCreate, FileShare.None);
        }
        catch (IOException held)
        {
            throw new CliFailure(ExitCode.Failed, "Another witness follows this log with this state folder, which must "
                + $"not be: {held.Message}", held);
        }
    }

    private static (Uri Address, IReadOnlyList<VerifierKey> Keys) Read(string file)
    {
        try
        {
            string[] lines = File.ReadAllLines(file);
            VerifierKey[] keys = [.. lines.Skip(1).Select(VerifierKey.Parse)];
            return keys.Length > 0 && keys.All(k => k.Name == keys[0].Name && k.Kind == SignatureKind.Ed25519)
                ? (new Uri(lines[0]), keys)
                : throw new FormatException("it holds no key, a witness's, or those of different logs.");
        }
        catch (FormatException unreadable)
        {
            throw new CliFailure(ExitCode.Usage,
                $"{file} reads: the log's address, then its keys, one a line. This does not: {unreadable.Message}",
                unreadable);
        }
    }

    private static SignedCheckpoint Parsed(string file)
    {
        try
        {
            return SignedCheckpoint.Parse(File.ReadAllBytes(file));
        }
        catch (FormatException damaged)
        {
            throw new CliFailure(ExitCode.Failed,
                $"{file} holds no checkpoint any more: {damaged.Message} Put it back as it was.", damaged);
        }
    }

    private static string Text(SignedCheckpoint checkpoint) => Encoding.UTF8.GetString(checkpoint.ToUtf8());
}
