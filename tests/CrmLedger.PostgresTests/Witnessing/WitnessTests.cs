using System.Text.Json;
using CrmLedger.Cli;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Checkpoints;
using CrmLedger.EventStore.Tenants;
using CrmLedger.PostgresTests.Imports;
using CrmLedger.Transparency;

namespace CrmLedger.PostgresTests.Witnessing;

/// <summary>A witness beside a real server: what it cosigns, and what it refuses to.</summary>
public sealed class WitnessTests : WitnessTest
{
    [Fact]
    public async Task Every_size_that_continues_the_last_one_is_cosigned_once()
    {
        string greeting = (await CosignAsync("--key", LogKey, "--name", "witness.example/w1")).Out;
        string key = SignerKey.Parse(
            (await File.ReadAllTextAsync(Path.Combine(State, "witness.key"))).TrimEnd('\n')).Verifier.ToString();
        key.ShouldStartWith("witness.example/w1+");
        greeting.ShouldContain(key);
        SizeCosigned().ShouldBe(5);
        string first = Cosigned()!;
        (await CosignAsync()).Out.ShouldStartWith("Nothing new");
        Cosigned().ShouldBe(first);

        // Over the border of a tile, so that the proof needs tiles of two levels.
        foreach (int more in new[] { 1, 250, 1, 300 })
        {
            long before = SizeCosigned();
            await RegisterManyAsync(more);
            (await CosignAsync()).Out.ShouldContain($"with {before + more} events");
            SizeCosigned().ShouldBe(before + more);
        }
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(Path.Combine(State, "witness.key"))
                .ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    [Fact]
    public async Task The_first_look_needs_a_key_and_the_log_is_never_asked_for_it()
    {
        (await RefusedAsync(ExitCode.Usage)).ShouldContain("--key");
        foreach (string bad in new[]
        {
            "no key", new SignerKey("w", SignatureKind.Cosignature, new byte[32]).Verifier.ToString(),
        })
        {
            (await RefusedAsync(ExitCode.Usage, "--key", bad)).ShouldStartWith("--key");
        }
        (await RefusedAsync(ExitCode.Usage, "--key", LogKey, "--name", "two words")).ShouldStartWith("--name");
    }

    [Fact]
    public async Task A_log_that_another_key_signs_is_not_cosigned_and_a_pinned_key_is_not_exchanged()
    {
        var log = VerifierKey.Parse(LogKey);
        string forged = new SignerKey(log.Name, SignatureKind.Ed25519, new byte[32]).Verifier.ToString();
        string elsewhere = new SignerKey("other/log", SignatureKind.Ed25519, new byte[32]).Verifier.ToString();
        (await RefusedAsync(ExitCode.Failed, "--key", forged)).ShouldContain("None of the trusted keys has signed");
        (await RefusedAsync(ExitCode.Failed, "--key", elsewhere)).ShouldContain("not of 'other/log'");

        await CosignAsync("--key", LogKey);
        await RegisterAsync(1);
        (await RefusedAsync(ExitCode.Failed, "--key", forged)).ShouldContain("not the key that is pinned");
        (await RefusedAsync(ExitCode.Failed, "--key", elsewhere)).ShouldContain("not the key that is pinned");
        (await RefusedAsync(ExitCode.Usage, "--name", "another")).ShouldContain("keeps its name");
        await CosignAsync("--key", LogKey);
        SizeCosigned().ShouldBe(6);
    }

    [Fact]
    public async Task A_new_key_of_the_log_is_trusted_when_the_operator_adds_it_to_those_that_are_pinned()
    {
        await CosignAsync("--key", LogKey);
        await using (var database = new LedgerDatabase(Ledger.Connections))
        {
            var keys = (await new TenantDirectory(database, Ledger.Master).FindAsync(Tenant, CancellationToken.None))!;
            await new LogKeys(database).RotateAsync(keys, "yearly", CancellationToken.None);
        }
        await RegisterAsync(1);
        await RefusedAsync(ExitCode.Failed);
        await File.AppendAllTextAsync(Files + ".log", await PublishedKeyAsync(Tenant) + "\n");
        await CosignAsync();
        SignedCheckpoint.Parse(File.ReadAllBytes(Files + ".checkpoint")).Checkpoint.Size.ShouldBe(6);
    }

    [Fact]
    public async Task One_state_folder_serves_several_logs_and_each_only_once()
    {
        using var other = await Ledger.ClientAsync("other");
        (await other.PostAsync("/v1/customers", """{"name":"Bert"}""")).Status.ShouldBe(201);
        string otherKey = await PublishedKeyAsync("other");
        string otherLog = new Uri(Ledger.Url, "/log/other/").AbsoluteUri;
        await CosignAsync("--key", LogKey);
        string made = await File.ReadAllTextAsync(Path.Combine(State, "witness.key"));
        var second = await CommandLineOf.RunAsync(
            Ledger, Http, "witness", otherLog, "--state", State, "--once", "--key", otherKey);
        second.ExitCode.ShouldBe(ExitCode.Done, second.Error);
        (await File.ReadAllTextAsync(Path.Combine(State, "witness.key"))).ShouldBe(made);
        Directory.GetFiles(State, "*.checkpoint").Length.ShouldBe(2);

        await RegisterAsync(1);
        using (File.Open(Files + ".lock", FileMode.Open, FileAccess.ReadWrite, FileShare.None))
            (await RefusedAsync(ExitCode.Failed)).ShouldContain("Another witness");
        await CosignAsync();
        SizeCosigned().ShouldBe(6);
    }

    [Fact]
    public async Task On_a_terminal_each_new_size_is_one_line_until_the_witness_is_stopped()
    {
        using StringWriter written = new(), errors = new();
        using var stopping = new CancellationTokenSource();
        var shell = new Shell(written, errors, OutIsTerminal: true, ErrorIsTerminal: true, 100, _ => null,
            () => new SocketsHttpHandler { AllowAutoRedirect = false }, TimeProvider.System);
        var following = CommandLine.RunAsync(
            ["witness", Address, "--state", State, "--key", LogKey, "--every", "1"], shell, stopping.Token);
        await GivenOutAsync(5);
        await RegisterAsync(1);
        await GivenOutAsync(6);
        await Task.Delay(TimeSpan.FromSeconds(2));
        await stopping.CancelAsync();
        (await following).ShouldBe(ExitCode.Done);
        errors.ToString().ShouldBeEmpty();
        string[] lines = written.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBe(3, written.ToString());
        lines[1].ShouldEndWith("with 5 events.");
        lines[2].ShouldEndWith("with 6 events.");
    }

    private async Task GivenOutAsync(long size)
    {
        for (int i = 0; i < 600 && (Cosigned() is null || SizeCosigned() != size); i++)
            await Task.Delay(50);
        SizeCosigned().ShouldBe(size);
    }

    [Fact]
    public async Task A_log_that_is_away_ends_one_look_with_4_and_what_is_no_log_with_another_code()
    {
        await CosignAsync("--key", LogKey);
        var lost = await CommandLineOf.RunAsync(Ledger, Http, "witness", new Uri(Ledger.Url, "/log/nobody").AbsoluteUri,
            "--state", State, "--once", "--key", LogKey);
        (lost.ExitCode, lost.Out).ShouldBe((ExitCode.Refused, ""), lost.Error);
        (await CommandLineOf.RunAsync(Ledger, Http, "witness", "not an address", "--state", State, "--once"))
            .ExitCode.ShouldBe(ExitCode.Usage);
        const string nobody = "http://127.0.0.1:1/log/t";
        var away = await CommandLineOf.RunAsync(
            Ledger, Http, "witness", nobody, "--state", State, "--once", "--key", LogKey);
        (away.ExitCode, away.Out).ShouldBe((ExitCode.NotReachable, ""));
        away.Error.ShouldContain(nobody);
        await CosignAsync();
    }

    private async Task RegisterManyAsync(int customers)
    {
        string lines = string.Join('\n', Enumerable.Range(0, customers).Select(_ => JsonSerializer.Serialize(new
        {
            specversion = "1.0",
            id = Guid.CreateVersion7(),
            source = "test",
            type = "customer_registered",
            subject = $"customer/c-{Guid.CreateVersion7():N}",
            data = new { name = "Anna" },
        })));
        (await Http.PostAsync("/v1/events", lines, ("Content-Type", "application/jsonl"))).Status.ShouldBe(200);
    }
}
