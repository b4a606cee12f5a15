using System.Runtime.Versioning;
using System.Text.Json;
using CrmLedger.EventStore.Privacy;
using CrmLedger.PostgresTests.Embedded;
using CrmLedger.PostgresTests.Http;
using CrmLedger.PostgresTests.Imports;
using ExitCode = CrmLedger.Cli.ExitCode;

namespace CrmLedger.PostgresTests.Privacy;

/// <summary>Keys are replaced by the command line, beside a server that runs its own PostgreSQL.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class RotationCommandTests : IAsyncLifetime
{
    private readonly TemporaryHome _home = new();
    private ServerProcess _server = null!;
    private LedgerHttp _http = null!;

    public async Task InitializeAsync()
    {
        _server = new(_home.Path, new Dictionary<string, string>());
        await _server.StartAsync();
        _http = new(_server.Url, await _server.CreateKeyAsync("acme"), "");
        await RegisterAsync(_http, "anna");
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
        _home.Dispose();
    }

    [Fact]
    public async Task Both_keys_are_replaced_beside_a_server_which_goes_on_and_starts_again()
    {
        string old = await File.ReadAllTextAsync(Path.Combine(_home.Path, "master.key"));
        var rotated = await RunAsync("keys", "rotate", "--tenant", "acme");
        rotated.ExitCode.ShouldBe(ExitCode.Done, rotated.Error);
        rotated.Out.ShouldContain("The key of acme was replaced.");
        rotated.Error.ShouldBeEmpty();
        var asJson = await RunAsync("keys", "rotate", "--tenant", "acme", "--json");
        var json = JsonDocument.Parse(asJson.Out).RootElement;
        (json.Text("tenant"), json.Number("keyNumber"), json.At("continued")!.Value.GetBoolean())
            .ShouldBe(("acme", 3, false));
        json.Number("wrapped")!.Value.ShouldBeGreaterThanOrEqualTo(1);

        (await RunAsync("keys", "rotate-master")).ExitCode.ShouldBe(ExitCode.Usage, "nobody is asked");
        var replaced = await RunAsync("keys", "rotate-master", "--yes");
        replaced.ExitCode.ShouldBe(ExitCode.Done, replaced.Error);
        replaced.Out.ShouldContain("number 2 wraps the keys of all tenants now");
        replaced.Out.ShouldContain("Keep a copy of it elsewhere");
        replaced.Out.ShouldContain("Backups from before need the old one.");
        (await File.ReadAllTextAsync(Path.Combine(_home.Path, "master.key"))).ShouldNotBe(old);
        replaced.Out.ShouldNotContain((await File.ReadAllTextAsync(Path.Combine(_home.Path, "master.key"))).Trim());

        await RegisterAsync(_http, "bert");
        using (var other = new LedgerHttp(_server.Url, await _server.CreateKeyAsync("other"), ""))
            await RegisterAsync(other, "carl");
        await _server.StopAsync();
        await _server.StartAsync();
        foreach (string reference in new[] { "anna", "bert" })
        {
            (await _http.GetAsync($"/v1/customers/ref:{reference}/history")).Text("customer.name")
                .ShouldBe($"Name of {reference}");
        }
        var verified = await RunAsync("verify", "database");
        verified.ExitCode.ShouldBe(ExitCode.Done, verified.Out + verified.Error);
    }

    [Fact]
    public async Task Whoever_names_nobody_or_no_key_is_told_so()
    {
        var nobody = await RunAsync("keys", "rotate", "--tenant", "nobody");
        (nobody.ExitCode, nobody.Error.Trim()).ShouldBe((ExitCode.Failed, "There is no tenant nobody."));
        string file = Path.Combine(_home.Path, "new.key");
        var missing = await RunAsync("keys", "rotate-master", "--yes", "--new-key-file", file);
        (missing.ExitCode, missing.Error.Trim()).ShouldBe(
            (ExitCode.Failed, $"There is no file {file} with a new master key."));
        await File.WriteAllTextAsync(file, Convert.ToBase64String(KeyWrap.NewKey()));
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        (await RunAsync("keys", "rotate-master", "--yes", "--new-key-file", file)).Error.ShouldContain("chmod 600");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        (await RunAsync("keys", "rotate-master", "--yes", "--new-key-file", file, "--json")).Out
            .ShouldContain("\"number\":2");
        (await File.ReadAllTextAsync(Path.Combine(_home.Path, "master.key"))).Trim()
            .ShouldBe(await File.ReadAllTextAsync(file));
        await RegisterAsync(_http, "bert");
    }

    private Task<Ran> RunAsync(params string[] args) => CommandLineOf.RunProgramAsync(
        new Dictionary<string, string>(), [.. args, "--home", _home.Path]);

    private static async Task RegisterAsync(LedgerHttp http, string reference)
    {
        var answer = await http.PostAsync(
            "/v1/customers", $$"""{"reference":"{{reference}}","name":"Name of {{reference}}"}""");
        answer.Status.ShouldBe(201, answer.Text);
    }
}
