using System.Runtime.Versioning;
using CrmLedger.Postgres;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using static CrmLedger.PostgresTests.Embedded.TemporaryHome;

namespace CrmLedger.PostgresTests.Embedded;

/// <summary>What a start removes, what it leaves alone, and what must not stop the next one.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class ClusterFolderTests : IDisposable
{
    private readonly TemporaryHome _home = new();

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task Only_what_an_interrupted_start_marked_is_removed()
    {
        string unfinished = Make("postgres.new-0123abcd");
        await File.WriteAllTextAsync(unfinished + ".unfinished", "");
        string gone = Path.Combine(_home.Path, "postgres.new-00000000.unfinished"); // its folder was never made
        await File.WriteAllTextAsync(gone, "");
        string[] others =
        [
            Make("postgres.new-4567cdef"), Make("postgres.newest"), Make("postgres.new"),
            Make("postgres.new-backup"), Make("postgres.new-0123abcd.old"),
        ];
        await File.WriteAllTextAsync(Path.Combine(_home.Path, "postgres.new-backup.unfinished"), "");

        await (await _home.StartAsync()).DisposeAsync();

        Directory.Exists(unfinished).ShouldBeFalse();
        Directory.GetFiles(_home.Path, "*.unfinished").Select(Path.GetFileName)
            .ShouldBe(["postgres.new-backup.unfinished"]);
        others.ShouldAllBe(folder => Directory.Exists(folder));
    }

    [Fact]
    public async Task A_whole_cluster_without_its_name_is_named_and_not_made_anew()
    {
        await using (var first = await _home.StartAsync())
            await AskAsync(first.OwnerConnectionString, "create table promise as select 'kept' as outcome");
        string nameless = _home.Data + ".new-89abcdef";
        Directory.Move(_home.Data, nameless);

        string refusal = await _home.RefusalAsync();

        refusal.ShouldContain($"mv {nameless} {_home.Data}");
        Directory.Move(nameless, _home.Data);
        await using var second = await _home.StartAsync();
        (await AskAsync(second.OwnerConnectionString, "select outcome from promise")).ShouldBe("kept");
    }

    [Fact]
    public async Task A_lock_file_that_names_another_clusters_postgres_is_removed()
    {
        await (await _home.StartAsync()).DisposeAsync();
        await PostgresCluster.RunningAsync();
        string[] foreign = await File.ReadAllLinesAsync(Path.Combine(PostgresCluster.Home, "postgres/postmaster.pid"));
        foreign[1] = _home.Data;
        await File.WriteAllLinesAsync(Path.Combine(_home.Data, "postmaster.pid"), foreign);

        await using var postgres = await _home.StartAsync();

        (await AskAsync(postgres.ServerConnectionString, "select 1")).ShouldBe(1);
        Runs(int.Parse(foreign[0])).ShouldBeTrue("the other cluster is left alone");
    }

    [Fact]
    public async Task The_log_stays_small_while_postgres_runs()
    {
        await using var postgres = await EmbeddedPostgres.StartAsync(
            new()
            {
                Home = _home.Path,
                LogCheck = TimeSpan.FromMilliseconds(20),
                Settings = _home.Options().Settings,
            },
            NullLogger.Instance, CancellationToken.None);
        string log = Path.Combine(_home.Path, "logs", "postgresql.log");
        string line = new string('x', 1023) + "\n";
        for (int round = 1; round <= 3; round++)
        {
            await File.AppendAllTextAsync(log, string.Concat(Enumerable.Repeat(line, 5 << 10)));
            await UntilAsync(() => new FileInfo(log).Length < 1 << 20, "the log is emptied");
        }

        Directory.GetFiles(Path.GetDirectoryName(log)!).Order().Select(Path.GetFileName)
            .ShouldBe(["postgresql.log", "postgresql.log.1", "postgresql.log.2"]);
        new FileInfo(log + ".1").Length.ShouldBe(4 << 20);
        var wrong = new NpgsqlConnectionStringBuilder(postgres.ServerConnectionString) { Password = "guessed" };
        await Should.ThrowAsync<PostgresException>(() => AskAsync(wrong.ConnectionString, "select 1"));
        await UntilAsync(
            async () => (await File.ReadAllTextAsync(log)).Contains("password authentication failed"),
            "PostgreSQL writes to it as before");
    }

    [Fact]
    public async Task A_failure_while_stopping_leaves_the_home_free()
    {
        var log = new FailingLog();
        var postgres = await EmbeddedPostgres.StartAsync(_home.Options(), log, CancellationToken.None);
        Task disposed = Task.CompletedTask;
        var met = new TaskCompletionSource();
        log.OnError = () =>
        {
            disposed = postgres.DisposeAsync().AsTask(); // has begun when this returns
            met.SetResult();
            throw new IOException("No space left on device");
        };
        Kill(_home.PostmasterId);
        await met.Task;

        await disposed;

        await using var next = await _home.StartAsync();
        (await AskAsync(next.ServerConnectionString, "select 1")).ShouldBe(1);
    }

    [Fact]
    public async Task A_failure_that_ends_the_watch_is_told()
    {
        var log = new FailingLog { OnError = () => throw new IOException("No space left on device") };
        await using var postgres = await EmbeddedPostgres.StartAsync(_home.Options(), log, CancellationToken.None);

        Kill(_home.PostmasterId);

        (await postgres.Failed.WaitAsync(TimeSpan.FromSeconds(30))).Message.ShouldContain("cannot be kept running");
    }

    private string Make(string name) =>
        Directory.CreateDirectory(Path.Combine(_home.Path, name, "base")).Parent!.FullName;

    /// <summary>Fails at the moment when an error is logged.</summary>
    private sealed class FailingLog : ILogger
    {
        public Action? OnError { get; set; }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (logLevel == LogLevel.Error)
                OnError?.Invoke();
        }
    }
}
