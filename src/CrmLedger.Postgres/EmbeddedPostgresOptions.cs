namespace CrmLedger.Postgres;

/// <summary>Where the private cluster lives and how long to wait for it.</summary>
public sealed class EmbeddedPostgresOptions
{
    /// <summary>
    /// Absolute path of the data folder. It is made when missing (0711 for root, whose PostgreSQL runs as another user
    /// and has to pass through it; 0700 for anybody else).
    /// </summary>
    public required string Home { get; init; }

    /// <summary>
    /// Folder with <c>postgres</c>, <c>initdb</c> and <c>pg_ctl</c>, used as it is. Null searches
    /// <c>CRMLEDGER_PG_BIN</c>, the places where Linux distributions and Homebrew install, then <c>PATH</c>, and takes
    /// the version that made the data folder, else the highest from 15 on.
    /// </summary>
    public string? BinDirectory { get; init; }

    /// <summary>
    /// TCP port on 127.0.0.1, refused when taken. Null uses the port remembered in the home, or another free one when
    /// there is none or somebody took it.
    /// </summary>
    public int? Port { get; init; }

    /// <summary>
    /// How long one start may take, crash recovery included; 5 minutes. A PostgreSQL that ends is noticed at once and
    /// does not wait for this.
    /// </summary>
    public TimeSpan StartupTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a fast shutdown may take before an immediate one follows; 30 seconds.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long to wait for a short command that owns the cluster to finish; 20 seconds. A server that owns it is never
    /// waited for.
    /// </summary>
    public TimeSpan OwnerPatience { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How often PostgreSQL's log is looked at, which is emptied when it has grown; a minute.</summary>
    public TimeSpan LogCheck { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Further lines for the cluster's configuration, by PostgreSQL's names, written after ours and so stronger
    /// (<c>shared_buffers</c> = <c>1GB</c>). <c>ALTER SYSTEM</c> is stronger still.
    /// </summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();
}
