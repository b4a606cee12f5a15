using CrmLedger.Cli;
using CrmLedger.PostgresTests.Checkpoints;
using CrmLedger.PostgresTests.Imports;
using CrmLedger.Transparency;

namespace CrmLedger.PostgresTests.Witnessing;

/// <summary>A ledger of its own, and a witness with a state folder of its own that watches its log.</summary>
public abstract class WitnessTest : IAsyncLifetime
{
    protected const string Tenant = "t";

    protected string State { get; } = Path.Combine(
        Path.GetTempPath(), $"crmledger-witness-{Guid.CreateVersion7():N}");

    /// <summary>It keeps no checkpoint outside the database: the one case that only a witness sees.</summary>
    internal RunningLedger Ledger { get; } = new();

    internal LedgerHttp Http { get; private set; } = null!;

    /// <summary>The log's key, as its operator gives it to a witness.</summary>
    protected string LogKey { get; private set; } = "";

    protected string Address => new Uri(Ledger.Url, $"/log/{Tenant}").AbsoluteUri;

    /// <summary>The files of the log in the state folder, without what their names end in.</summary>
    protected string Files => Path.Combine(State, Uri.EscapeDataString(VerifierKey.Parse(LogKey).Name));

    public async Task InitializeAsync()
    {
        await Ledger.InitializeAsync();
        Http = await Ledger.ClientAsync(Tenant);
        await RegisterAsync(5);
        LogKey = await PublishedKeyAsync(Tenant);
    }

    public async Task DisposeAsync()
    {
        Http.Dispose();
        await Ledger.DisposeAsync();
        if (Directory.Exists(State))
            Directory.Delete(State, recursive: true);
    }

    protected async Task<string> PublishedKeyAsync(string tenant)
    {
        using var log = new PublishedLog(Ledger.Url, tenant);
        using var keys = await log.GetAsync("key");
        return (await keys.Content.ReadAsStringAsync()).TrimEnd('\n').Split('\n')[^1];
    }

    protected async Task RegisterAsync(int customers)
    {
        for (int i = 0; i < customers; i++)
            (await Http.PostAsync("/v1/customers", """{"name":"Anna"}""")).Status.ShouldBe(201);
    }

    /// <summary>One look at the log.</summary>
    internal Task<Ran> LookAsync(params string[] options) =>
        CommandLineOf.RunAsync(Ledger, Http, ["witness", Address, "--state", State, "--once", .. options]);

    /// <summary>One look that must find the log as it should be.</summary>
    internal async Task<Ran> CosignAsync(params string[] options)
    {
        var ran = await LookAsync(options);
        ran.ExitCode.ShouldBe(ExitCode.Done, ran.Error);
        return ran;
    }

    /// <summary>One look that must end badly, and give nothing out.</summary>
    internal async Task<string> RefusedAsync(int exitCode, params string[] options)
    {
        string? before = Cosigned();
        var ran = await LookAsync(options);
        ran.ExitCode.ShouldBe(exitCode, ran.Out + ran.Error);
        Cosigned().ShouldBe(before);
        return ran.Error;
    }

    /// <summary>What was given out, as text; null when nothing was.</summary>
    protected string? Cosigned() =>
        File.Exists(Files + ".checkpoint") ? File.ReadAllText(Files + ".checkpoint") : null;

    /// <summary>The server on the database as the superuser changes it, at another address.</summary>
    protected async Task RestartAsync(Func<Task> meanwhile)
    {
        await Ledger.DisposeAsync();
        await meanwhile();
        await Ledger.RestartAsync();
        string key = Http.Key;
        Http.Dispose();
        Http = Ledger.ClientOf(key);
    }

    /// <summary>The size that the witness has given out, when what it gave out holds for whoever trusts both.</summary>
    protected long SizeCosigned()
    {
        var signed = SignedCheckpoint.Parse(File.ReadAllBytes(Files + ".checkpoint"));
        var witness = SignerKey.Parse(File.ReadAllText(Path.Combine(State, "witness.key")).TrimEnd('\n')).Verifier;
        var log = VerifierKey.Parse(LogKey);
        signed.Check(new LogPolicy(log.Name, [log], [witness], requiredWitnesses: 1)).ShouldBeNull();
        return signed.Checkpoint.Size;
    }
}
