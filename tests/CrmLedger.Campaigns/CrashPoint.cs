using System.Diagnostics;
using System.Runtime.Versioning;
using CrmLedger.PostgresTests;
using CrmLedger.PostgresTests.Appending;
using Npgsql;

namespace CrmLedger.Campaigns;

/// <summary>A place between two durable steps of a server, at which it is killed.</summary>
/// <param name="name">What was done, and what was not.</param>
[UnsupportedOSPlatform("windows")]
internal abstract class CrashPoint(string name)
{
    public string Name => name;

    /// <summary>Lets the server come to the point and kills it there.</summary>
    /// <param name="server">Runs; is dead afterwards.</param>
    /// <param name="act">What brings it there; its failure is expected.</param>
    public abstract Task CrashAsync(ServerProcess server, Func<Task> act);
}

/// <summary>
/// Killed while PostgreSQL commits what it wrote into a table: everything was sent, and no answer has come. What
/// becomes of the transaction is decided afterwards: it fails, or it is committed and nobody learns it.
/// </summary>
/// <param name="name">What was done, and what was not.</param>
/// <param name="admin">The superuser's connection string.</param>
/// <param name="table">The table.</param>
/// <param name="tenant">Whose rows.</param>
/// <param name="persists">Whether it is committed.</param>
[UnsupportedOSPlatform("windows")]
internal sealed class CommitPoint(string name, string admin, string table, string tenant, bool persists)
    : CrashPoint(name)
{
    // A constraint trigger that is deferred runs within COMMIT, when nothing is left to be received from the client.
    private const string Gate = """
        create or replace function public.crash_gate() returns trigger language plpgsql as
          $$ begin perform pg_advisory_xact_lock_shared(4711); return null; end $$;
        create constraint trigger crash_gate after insert on ledger.{0} deferrable initially deferred
          for each row when (new.tenant_id = '{1}') execute function public.crash_gate();
        select pg_advisory_lock(4711)
        """;

    private const string Waiting = """
        select l.pid from pg_locks l join pg_database d on d.oid = l.database
        where d.datname = current_database() and l.locktype = 'advisory' and not l.granted
        """;

    public override async Task CrashAsync(ServerProcess server, Func<Task> act)
    {
        await using var source = NpgsqlDataSource.Create(admin);
        await using var gate = await source.OpenConnectionAsync();
        await ExecuteAsync(gate, string.Format(null, Gate, table, tenant));
        var acting = act();
        int backend = 0;
        await Eventually.TrueAsync(async () => (backend = await WaitingAsync(gate)) != 0, $"{table} is never written");
        await server.KillAsync();
        if (!persists)
            await ExecuteAsync(gate, $"select pg_terminate_backend({backend})");
        await ExecuteAsync(gate, "select pg_advisory_unlock(4711)");
        await Eventually.TrueAsync(async () => await ScalarAsync(
            gate, $"select count(*) from pg_stat_activity where pid = {backend}") is 0L, "the backend does not end");
        await ExecuteAsync(gate, $"drop trigger crash_gate on ledger.{table}");
        await ((Task)acting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static async Task<int> WaitingAsync(NpgsqlConnection connection) =>
        await ScalarAsync(connection, Waiting) is int pid ? pid : 0;

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    private static Task<object?> ExecuteAsync(NpgsqlConnection connection, string sql) => ScalarAsync(connection, sql);
}

/// <summary>Killed as it enters a call to the operating system that changes a file or makes it durable.</summary>
/// <param name="name">What was done, and what was not.</param>
/// <param name="call">The call's name, a regular expression.</param>
/// <param name="path">The file or folder.</param>
[UnsupportedOSPlatform("windows")]
internal sealed class FilePoint(string name, string call, string path) : CrashPoint(name)
{
    public override async Task CrashAsync(ServerProcess server, Func<Task> act)
    {
        using var strace = Process.Start(new ProcessStartInfo("strace",
        [
            "-f", "-qq", "-o", "/dev/null", "-P", path, "-e", $"trace=/^{call}$", "-e",
            $"inject=/^{call}$:signal=SIGKILL", "-p", $"{server.Id}",
        ])
        {
            RedirectStandardError = true,
        })!;
        while (!strace.HasExited && Processes.TracerOf(server.Id) != strace.Id)
            await Task.Delay(10);
        strace.HasExited.ShouldBeFalse("strace could not hold the server");
        var acting = act();
        await server.WaitForDeathAsync();
        await strace.WaitForExitAsync();
        await ((Task)acting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
