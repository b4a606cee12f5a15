using System.Runtime.Versioning;
using CrmLedger.Cli;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Verification;
using CrmLedger.PostgresTests.Imports;
using CrmLedger.Transparency;

namespace CrmLedger.PostgresTests.Fixtures;

/// <summary>What the first store's server gave out still holds, and its database is whole.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class V1ProofsTests(V1Server server) : IClassFixture<V1Server>
{
    [Theory]
    [InlineData("old-origin.evidence", "old-origin.keys", "old-origin.checkpoint")]
    [InlineData("kept-rate.evidence", "north.keys", "north.checkpoint")]
    [InlineData("trust.evidence", "north.keys", "north.checkpoint")]
    [InlineData("kim.evidence", "north.keys", "north.checkpoint")]
    [InlineData("south.evidence", "south.keys", "south.checkpoint")]
    public async Task A_bundle_is_verified(string bundle, string keys, string checkpoint)
    {
        var verified = await RunAsync(
            ["verify", "bundle", Proof(bundle), .. Keys(keys), "--checkpoint", Proof(checkpoint)]);
        verified.ExitCode.ShouldBe(ExitCode.Done, verified.Out + verified.Error);
    }

    [Theory]
    [InlineData("before-new-origin", "old-origin.keys")]
    [InlineData("live-before-new-origin", "old-origin.keys")]
    [InlineData("after-new-origin", "north.keys")]
    [InlineData("live", "north.keys")]
    [InlineData("erased", "north.keys")]
    [InlineData("south", "south.keys")]
    public async Task A_receipt_is_verified_and_of_no_other_event(string receipt, string keys)
    {
        Task<Ran> VerifyAsync(string leaf) => RunAsync(
            ["verify", "receipt", Proof($"{receipt}.tlog-proof"), "--leaf", leaf, .. Keys(keys)]);
        var verified = await VerifyAsync(File.ReadAllText(Proof($"{receipt}.leaf")).Trim());
        verified.ExitCode.ShouldBe(ExitCode.Done, verified.Out + verified.Error);
        (await VerifyAsync(Convert.ToBase64String(new byte[32]))).ExitCode.ShouldBe(ExitCode.Failed);
    }

    [Fact]
    public async Task The_whole_database_is_as_it_was_recorded_and_continues_what_was_signed()
    {
        await using var database = new LedgerDatabase(server.Ledger.Connections);
        var verification = new DatabaseVerification(
            database, server.Ledger.Master, new(server.Ledger.CheckpointFolder));
        HeldCheckpoint[] held =
        [
            .. new[] { "old-origin", "north", "south" }.Select(name => Proof($"{name}.checkpoint"))
                .Select(file => new HeldCheckpoint(file, SignedCheckpoint.Parse(File.ReadAllBytes(file)))),
        ];
        var report = await verification.RunAsync(new([], held, []), null, CancellationToken.None);
        report.Findings.ShouldBeEmpty();
        report.Tenants.Select(t => t.Tenant).ShouldBe(["north", "south"]);
    }

    [Fact]
    public async Task A_customer_is_exported_as_before()
    {
        var exported = await RunAsync(["export", "customer", "kim"]);
        exported.ExitCode.ShouldBe(ExitCode.Done, exported.Error);
        // When it was exported is the one thing that is not the same.
        static string[] Lines(string text) =>
            [.. text.Split('\n').Where(l => !l.Contains("\"exportedAt\"", StringComparison.Ordinal))];
        Lines(exported.Out).ShouldBe(Lines(await File.ReadAllTextAsync(Proof("kim.export.json"))));
    }

    private async Task<Ran> RunAsync(string[] arguments)
    {
        using var http = server.Ledger.ClientOf(V1DataFolder.Key("north-all"));
        return await CommandLineOf.RunAsync(server.Ledger, http, arguments);
    }

    private static string Proof(string name) => V1DataFolder.PathTo("proofs", name);

    /// <summary>Every key that a log has signed with by then, as auditors keep them.</summary>
    private static IEnumerable<string> Keys(string name) =>
        File.ReadLines(Proof(name)).SelectMany(key => new[] { "--key", key });
}
