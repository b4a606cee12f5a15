using System.Runtime.Versioning;
using CrmLedger.PostgresTests.Appending;
using CrmLedger.PostgresTests.Embedded;
using CrmLedger.PostgresTests.Imports;

namespace CrmLedger.PostgresTests.Hosting;

/// <summary>Marten's own command line, through the real program.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class MartenVerbsTests(TestStore store) : IClassFixture<TestStore>, IDisposable
{
    private readonly TemporaryHome _home = new();

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task Martens_verbs_work_on_the_ledger_as_its_owner()
    {
        string tenant = await store.NewTenantAsync();
        string stream = Given.NewStream();
        await store.NewLog(tenant).AppendAsync(
            CrmLedger.EventStore.Appending.AppendRequest.Of(stream, 0, Given.Events(3)), CancellationToken.None);

        var asserted = await RunAsync("db-assert");
        var projections = await RunAsync("projections", "list");
        var queried = await RunAsync("stream-query", "--tenant", tenant);
        var events = await RunAsync("event-query", "--tenant", tenant);
        var described = await CommandLineOf.RunProgramAsync(
            Variables(store), "marten", "describe", "--home", _home.Path);

        asserted.ExitCode.ShouldBe(0, asserted.Out + asserted.Error);
        projections.ExitCode.ShouldBe(0, projections.Out + projections.Error);
        projections.Out.ShouldContain("ledger-views");
        queried.ExitCode.ShouldBe(0, queried.Out + queried.Error);
        queried.Out.ShouldContain(stream);
        events.ExitCode.ShouldBe(0, events.Out + events.Error);
        events.Out.ShouldContain("consent_recorded");
        described.ExitCode.ShouldBe(0, described.Out + described.Error);
    }

    [Fact]
    public async Task A_schema_that_differs_is_told()
    {
        var other = new TestStore();
        await other.InitializeAsync();
        await other.AsAdminAsync("alter table ledger.mt_events add column mine text");

        var asserted = await RunAsync(other, "db-assert");

        asserted.ExitCode.ShouldNotBe(0);
        (asserted.Out + asserted.Error).ShouldContain("mine");
        await other.DisposeAsync();
    }

    [Theory]
    [InlineData("codegen", "'codegen' is none of the verbs that make sense here: db-assert, ")]
    [InlineData("--json", "Name a verb: db-assert, ")]
    public async Task Another_verb_is_refused(string word, string told)
    {
        var refused = await RunAsync(word);
        (refused.ExitCode, refused.Out).ShouldBe((2, ""));
        refused.Error.ShouldStartWith(told);
    }

    private Task<Ran> RunAsync(params string[] words) => RunAsync(store, words);

    private Task<Ran> RunAsync(TestStore of, params string[] words) =>
        CommandLineOf.RunProgramAsync(Variables(of), ["marten", .. words, $"--home={_home.Path}"]);

    private static Dictionary<string, string> Variables(TestStore of) => new()
    {
        ["ConnectionStrings__Ledger"] = of.Connections.Server,
        ["ConnectionStrings__LedgerOwner"] = of.Connections.Owner,
        ["ConnectionStrings__LedgerLoader"] = of.Connections.Loader,
    };
}
