using System.Globalization;

namespace CrmLedger.Postgres;

/// <summary>One installed PostgreSQL.</summary>
/// <param name="Folder">Holds <c>postgres</c>, <c>initdb</c> and the others.</param>
/// <param name="Major">15 or more.</param>
/// <param name="HasLz4">Whether it was built with LZ4, which costs an eighth of what its own compression costs.</param>
internal sealed record PostgresBinaries(string Folder, int Major, bool HasLz4)
{
    private const int OldestMajor = 15;
    private const string Remedy = "Install PostgreSQL 15 or later (apt-get install postgresql), name its folder in "
        + "CRMLEDGER_PG_BIN, or set ConnectionStrings__Ledger to a PostgreSQL of your own.";

    private static readonly string[] s_roots =
        ["/usr/lib/postgresql", "/usr", "/opt/homebrew/opt", "/usr/local/opt", "/usr/local"];

    public string Postgres => Path.Combine(Folder, "postgres");
    public string Initdb => Path.Combine(Folder, "initdb");

    /// <summary>
    /// The binaries that were named, or of those found the ones that made the data folder (which <c>dataVersion</c>
    /// tells, when there is one), else the newest.
    /// </summary>
    public static async Task<PostgresBinaries> FindAsync(
        string? named, string? dataVersion, CancellationToken cancel)
    {
        named ??= Environment.GetEnvironmentVariable("CRMLEDGER_PG_BIN") is { Length: > 0 } set ? set : null;
        var found = new List<PostgresBinaries>();
        foreach (string folder in named is null ? Candidates() : [named])
        {
            if (await ExamineAsync(folder, cancel) is { } binaries)
                found.Add(binaries);
        }
        PostgresBinaries? newest = found.OrderByDescending(binaries => binaries.Major).FirstOrDefault();
        if (newest is null)
        {
            throw new EmbeddedPostgresException(named is null
                ? $"No PostgreSQL was found on this machine. {Remedy}"
                : $"The folder {named} does not hold PostgreSQL's programs (postgres, initdb). {Remedy}");
        }
        PostgresBinaries? matching = dataVersion is null
            ? newest
            : found.Find(binaries => binaries.Major.ToString(CultureInfo.InvariantCulture) == dataVersion);
        if ((matching ?? newest).Major < OldestMajor)
        {
            throw new EmbeddedPostgresException(
                $"The PostgreSQL in {newest.Folder} is version {newest.Major}; {OldestMajor} is the oldest that the "
                + $"ledger works with. {Remedy}");
        }
        return matching ?? throw new EmbeddedPostgresException($"The ledger's cluster was made by PostgreSQL "
            + $"{dataVersion}, and the programs in {newest.Folder} are version {newest.Major}, which cannot read it. "
            + $"Install version {dataVersion} beside it (apt-get install postgresql-{dataVersion}) or name its folder "
            + $"in CRMLEDGER_PG_BIN; or carry the cluster over to version {newest.Major} with pg_upgrade.");
    }

    private static IEnumerable<string> Candidates()
    {
        IEnumerable<string> installed = s_roots.Where(Directory.Exists)
            .SelectMany(root => Directory.EnumerateDirectories(root))
            .Where(folder => folder.StartsWith("/usr/lib/postgresql/", StringComparison.Ordinal)
                || Path.GetFileName(folder).StartsWith("pgsql", StringComparison.Ordinal)
                || Path.GetFileName(folder).StartsWith("postgresql", StringComparison.Ordinal))
            .Select(folder => Path.Combine(folder, "bin"));
        string[] path = (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(':', StringSplitOptions.RemoveEmptyEntries);
        return installed.Concat(path.Where(Path.IsPathFullyQualified)).Distinct();
    }

    /// <summary>Null when the folder does not hold a PostgreSQL server that runs here.</summary>
    private static async Task<PostgresBinaries?> ExamineAsync(string folder, CancellationToken cancel)
    {
        string postgres = Path.Combine(folder, "postgres");
        if (!File.Exists(postgres) || !File.Exists(Path.Combine(folder, "initdb")))
            return null;
        try
        {
            // "postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)", "postgres (PostgreSQL) 18beta1"
            ChildResult result = await ChildProcess.RunAsync([postgres, "-V"], input: null, cancel);
            string digits = new([.. result.Output.SkipWhile(c => !char.IsAsciiDigit(c)).TakeWhile(char.IsAsciiDigit)]);
            if (!result.Succeeded || !int.TryParse(digits, CultureInfo.InvariantCulture, out int major))
                return null;
            // It looks at what it is told before it finds that there is no such cluster.
            ChildResult told = await ChildProcess.RunAsync(
                [postgres, "-D", "/nonexistent", "-C", "wal_compression", "-c", "wal_compression=lz4"], null, cancel);
            return new(folder, major, !told.Errors.Contains("wal_compression", StringComparison.Ordinal));
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // Not executable: for another processor, or not a program at all.
            return null;
        }
    }
}
