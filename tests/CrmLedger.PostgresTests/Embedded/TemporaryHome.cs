using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.Versioning;
using CrmLedger.Postgres;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CrmLedger.PostgresTests.Embedded;

/// <summary>A data folder of one test, under /tmp because root's PostgreSQL runs as a user who must reach it.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class TemporaryHome : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public string Path { get; } = Directory.CreateDirectory(
        $"/tmp/crmledger-test-{Guid.CreateVersion7():N}",
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute).FullName;

    public string Data => System.IO.Path.Combine(Path, "postgres");

    public string SecretsFile => System.IO.Path.Combine(Path, "secrets", "postgres.json");

    public int PostmasterId => int.Parse(
        File.ReadLines(System.IO.Path.Combine(Data, "postmaster.pid")).First(), CultureInfo.InvariantCulture);

    public EmbeddedPostgresOptions Options(string? binaries = null, int? port = null)
    {
        return new EmbeddedPostgresOptions
        {
            Home = Path,
            BinDirectory = binaries,
            Port = port,
            Settings = new Dictionary<string, string> { ["fsync"] = "off", ["shared_buffers"] = "16MB" },
        };
    }

    public Task<EmbeddedPostgres> StartAsync(string? binaries = null, int? port = null)
    {
        return EmbeddedPostgres.StartAsync(Options(binaries, port), NullLogger.Instance, CancellationToken.None);
    }

    public Task<EmbeddedPostgres> AttachOrStartAsync()
    {
        return EmbeddedPostgres.AttachOrStartAsync(Options(), NullLogger.Instance, CancellationToken.None);
    }

    public async Task<string> RefusalAsync(string? binaries = null, int? port = null)
    {
        var refusal = await Should.ThrowAsync<EmbeddedPostgresException>(() => StartAsync(binaries, port));
        return refusal.Message;
    }

    [SuppressMessage("Security", "CA2100", Justification = "The tests' own text.")]
    public static async Task<object?> AskAsync(string connectionString, string sql)
    {
        var own = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false };
        await using var connection = new NpgsqlConnection(own.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    public static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        var waited = Stopwatch.StartNew();
        while (!await condition())
        {
            waited.Elapsed.ShouldBeLessThan(Patience, what);
            await Task.Delay(20);
        }
    }

    public static Task UntilAsync(Func<bool> condition, string what)
    {
        return UntilAsync(() => Task.FromResult(condition()), what);
    }

    public static bool Runs(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    public static void Kill(int processId)
    {
        using var process = Process.GetProcessById(processId);
        process.Kill();
    }

    public void Dispose()
    {
        Directory.Delete(Path, recursive: true);
    }
}
