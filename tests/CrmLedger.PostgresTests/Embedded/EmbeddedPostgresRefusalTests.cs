using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using CrmLedger.Postgres;
using static CrmLedger.PostgresTests.Embedded.TemporaryHome;

namespace CrmLedger.PostgresTests.Embedded;

/// <summary>Each refusal names the thing and says what to do.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class EmbeddedPostgresRefusalTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Executable = OwnerOnly | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
    private readonly TemporaryHome home = new();

    public void Dispose()
    {
        home.Dispose();
    }

    [Fact]
    public async Task A_folder_without_programs_is_named_with_the_ways_out()
    {
        string refusal = await home.RefusalAsync(binaries: "/tmp");
        refusal.ShouldContain("The folder /tmp does not hold PostgreSQL's programs");
        refusal.ShouldContain("apt-get install postgresql");
        refusal.ShouldContain("CRMLEDGER_PG_BIN");
        refusal.ShouldContain("ConnectionStrings__Ledger");
    }

    [Fact]
    public async Task Programs_that_are_too_old_are_refused_by_their_version()
    {
        string refusal = await home.RefusalAsync(await ProgramsAsync("13.4"));
        refusal.ShouldContain("is version 13; 15 is the oldest");
    }

    [Fact]
    public async Task A_cluster_of_another_major_version_names_both()
    {
        await (await home.StartAsync()).DisposeAsync();
        string programs = await ProgramsAsync("99.1");

        string refusal = await home.RefusalAsync(programs);

        string made = (await File.ReadAllTextAsync(Path.Combine(home.Data, "PG_VERSION"))).Trim();
        refusal.ShouldContain($"made by PostgreSQL {made}");
        refusal.ShouldContain($"{programs} are version 99");
        refusal.ShouldContain($"apt-get install postgresql-{made}");
        refusal.ShouldContain("pg_upgrade");
    }

    [Fact]
    public async Task A_port_that_is_taken_is_refused_when_asked_for_and_left_when_remembered()
    {
        int taken;
        using (var listener = new TcpListener(IPAddress.Loopback, 0))
        {
            listener.Start();
            taken = ((IPEndPoint)listener.LocalEndpoint).Port;
            (await home.RefusalAsync(port: taken)).ShouldContain($"Port {taken} of 127.0.0.1");
        }

        await (await home.StartAsync(port: taken)).DisposeAsync();
        using var later = new TcpListener(IPAddress.Loopback, taken);
        later.Start();
        await using EmbeddedPostgres elsewhere = await home.StartAsync();

        elsewhere.Port.ShouldNotBe(taken);
        (await AskAsync(elsewhere.ServerConnectionString, "select 1")).ShouldBe(1);
    }

    [Fact]
    public async Task A_failing_initdb_is_quoted_and_leaves_nothing_behind()
    {
        string programs = await ProgramsAsync("99.1", "echo 'No space left on device' >&2; exit 1");

        string refusal = await home.RefusalAsync(programs);

        refusal.ShouldContain("No space left on device");
        Directory.EnumerateFileSystemEntries(home.Path, "postgres*")
            .ShouldBe([Path.Combine(home.Path, "postgres.lock")]);
    }

    [Fact]
    public async Task A_server_that_does_not_come_up_is_quoted_from_its_log()
    {
        await (await home.StartAsync()).DisposeAsync();
        await File.AppendAllTextAsync(Path.Combine(home.Data, "postgresql.conf"), "max_connections = many\n");

        string refusal = await home.RefusalAsync();

        refusal.ShouldContain("invalid value for parameter \"max_connections\"");
        refusal.ShouldContain(Path.Combine(home.Path, "logs", "postgresql.log"));
    }

    [Fact]
    public async Task A_folder_on_the_way_that_is_closed_is_named()
    {
        string closed = Path.Combine(home.Path, "closed");
        // Root's PostgreSQL is another user, so what only root may enter is closed to it.
        Directory.CreateDirectory(closed, Environment.IsPrivilegedProcess ? OwnerOnly : UnixFileMode.UserRead);

        string refusal = (await Should.ThrowAsync<EmbeddedPostgresException>(() => StartAtAsync(closed + "/home")))
            .Message;

        refusal.ShouldContain($"may not pass through {closed} ");
        refusal.ShouldContain("--home /var/lib/crmledger");
        Directory.Exists(closed + "/home").ShouldBeFalse();
    }

    [Fact]
    public async Task A_home_that_is_a_file_or_cannot_be_made_is_refused()
    {
        string file = Path.Combine(home.Path, "file");
        await File.WriteAllTextAsync(file, "");
        (await Should.ThrowAsync<EmbeddedPostgresException>(() => StartAtAsync(file)))
            .Message.ShouldContain($"{file} is a file");
        (await Should.ThrowAsync<EmbeddedPostgresException>(() => StartAtAsync("/proc/crmledger")))
            .Message.ShouldContain("The home /proc/crmledger cannot be written");
        (await Should.ThrowAsync<EmbeddedPostgresException>(() => StartAtAsync("data")))
            .Message.ShouldContain("'data' is not an absolute path");
    }

    [Fact]
    public async Task A_folder_that_is_no_cluster_is_not_overwritten()
    {
        Directory.CreateDirectory(home.Data, Executable);
        string precious = Path.Combine(home.Data, "precious");
        await File.WriteAllTextAsync(precious, "");

        (await home.RefusalAsync(await ProgramsAsync("99.1"))).ShouldContain(home.Data);

        File.Exists(precious).ShouldBeTrue();
    }

    [Fact]
    public async Task A_home_whose_path_is_too_long_for_a_socket_works_all_the_same()
    {
        string deep = Path.Combine(home.Path, new string('d', 80), "with space, and comma");
        await using EmbeddedPostgres postgres = await StartAtAsync(deep);
        (await AskAsync(postgres.ServerConnectionString, "select 1")).ShouldBe(1);
        string sockets = new Npgsql.NpgsqlConnectionStringBuilder(postgres.ServerConnectionString).Host!;
        sockets.ShouldStartWith("/tmp/crmledger-");
        await postgres.DisposeAsync();
        Directory.Delete(sockets);
    }

    private static Task<EmbeddedPostgres> StartAtAsync(string path)
    {
        return EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions { Home = path },
            Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, CancellationToken.None);
    }

    /// <summary>Programs that say they are this version, and do no more.</summary>
    private async Task<string> ProgramsAsync(string version, string initdb = "exit 1")
    {
        string folder = Directory.CreateDirectory(Path.Combine(home.Path, "bin"), Executable).FullName;
        await WriteProgramAsync("postgres", $"echo 'postgres (PostgreSQL) {version} (Debian {version})'");
        await WriteProgramAsync("initdb", initdb);
        return folder;

        async Task WriteProgramAsync(string name, string script)
        {
            string path = Path.Combine(folder, name);
            await File.WriteAllTextAsync(path, $"#!/bin/sh\n{script}\n");
            File.SetUnixFileMode(path, Executable);
        }
    }
}
