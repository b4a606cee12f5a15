using System.Text.Json;
using System.Text.RegularExpressions;
using CrmLedger.PostgresTests.Imports;

namespace CrmLedger.PostgresTests.Http;

/// <summary><c>crmledger replay</c> and <c>crmledger history</c> against a real server.</summary>
public sealed partial class ReplayCommandTests(RunningLedger ledger) : LedgerTest(ledger), IClassFixture<RunningLedger>
{
    private const string Anna = "/v1/customers/ref:anna";
    private const int TimeoutMs = 1000;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await JoinAsync("erik", "support");
        await RegisterAsync("anna");
        await DoAsync($"{Anna}/promises", new
        {
            promiseId = "P-1",
            kind = "call",
            conditions = "Anna has been called.",
            dueAt = Now.AddDays(1),
            memberId = "ref:erik",
        });
        var kept = await DoAsync($"{Anna}/promises/P-1/declare-kept", new { });
        await DoAsync($"{Anna}/annulments",
            new { eventId = kept.Items("events")[0].Text("id"), reason = "Never called" });
    }

    [Fact]
    public async Task A_pipe_is_given_every_step_in_words()
    {
        var ran = await RunAsync("replay", "anna");
        (ran.ExitCode, ran.Error).ShouldBe((0, ""));
        StepsIn(ran.Out).ShouldBe([1, 2, 3, 4]);
        ran.Out.ShouldStartWith("Name of anna (anna), customer ");
        ran.Out.ShouldNotContain("\e");
        string[] said =
        [
            "── 2 of 4 ── promise made ──", "promise/P-1 begins:", "Name of erik (support) promised by ",
            "Trust 50.0 → 80.0 (+30.0)", "Trust 80.0 → 50.0 (−30.0)",
            "Event 3, promise declared kept, was wrong and no longer counts: Never called",
        ];
        foreach (string one in said)
            ran.Out.ShouldContain(one);
        ran.Out.ShouldMatch($@"\nAnnulled \d{{4}}-\d\d-\d\d \d\d:\d\d UTC by key:{Http.KeyId}, "
            + @"position \d+: Never called\n");
        ran.Out.ShouldMatch(@"\n\s+status\s+made\s+kept\s*\n");
        ran.Out.ShouldMatch(@"\n\s+kept-rate\s+P-1\s+changed: .*promise\.status made → kept");
        ran.Out.ShouldContain("source.evidence [] → [promise kept]");
        StepsIn((await RunAsync("replay", "anna", "--step", "3")).Out).ShouldBe([3, 4]);
        var beyond = await RunAsync("replay", "anna", "--step", "999");
        (beyond.ExitCode, beyond.Error.Contains("There is no step 999; the last one is 4.")).ShouldBe((1, true));
        StepsIn((await RunAsync("replay", "anna", "--as-of", "2020-01-01")).Out).ShouldBeEmpty();
    }

    [Fact]
    public async Task As_JSON_the_steps_come_as_the_server_gave_them()
    {
        var ran = await RunAsync("replay", "anna", "--json");
        var steps = JsonDocument.Parse(ran.Out).RootElement.Items("steps");
        steps.Select(s => s.GetRawText()).ShouldBe(
            (await ReadAsync($"{Anna}/replay")).Items("steps").Select(s => s.GetRawText()));
    }

    [Fact]
    public async Task At_a_terminal_keys_lead_forward_back_to_the_ends_and_to_a_number()
    {
        ConsoleKeyInfo[] keys =
        [
            Key(ConsoleKey.RightArrow), Key(ConsoleKey.Spacebar, ' '), Key(ConsoleKey.LeftArrow),
            Key(ConsoleKey.N, 'n'), Key(ConsoleKey.B, 'b'), Key(ConsoleKey.Enter, '\r'), Key(ConsoleKey.P, 'p'),
            Key(ConsoleKey.End), Key(ConsoleKey.N, 'n'), Key(ConsoleKey.Home), Key(ConsoleKey.LeftArrow),
            Key(ConsoleKey.G, 'g'), Key(ConsoleKey.D9, '9'), Key(ConsoleKey.Backspace), Key(ConsoleKey.D3, '3'),
            Key(ConsoleKey.Enter, '\r'), Key(ConsoleKey.G, 'g'), Key(ConsoleKey.D7, '7'), Key(ConsoleKey.Enter, '\r'),
            Key(ConsoleKey.G, 'g'), Key(ConsoleKey.Escape), Key(ConsoleKey.Z, 'z'), Key(ConsoleKey.Q, 'q'),
            Key(ConsoleKey.N, 'n'),
        ];
        var ran = await CommandLineOf.PressAsync(Ledger, Http, keys, "replay", "anna");
        (ran.ExitCode, ran.Error).ShouldBe((0, ""));
        StepsIn(ran.Out).ShouldBe([1, 2, 3, 2, 3, 2, 3, 2, 4, 4, 1, 1, 3, 4, 4, 4]);
        ran.Out.ShouldContain("q quit");
        // Nobody presses anything any more.
        StepsIn((await CommandLineOf.PressAsync(Ledger, Http, [], "replay", "anna", "--step", "2")).Out).ShouldBe([2]);
        StepsIn((await CommandLineOf.PressAsync(Ledger, Http, [], "replay", "anna", "--all")).Out)
            .ShouldBe([1, 2, 3, 4]);
    }

    [Fact]
    public async Task All_fields_are_shown_when_they_are_asked_for()
    {
        var ran = await CommandLineOf.PressAsync(
            Ledger, Http, [Key(ConsoleKey.A, 'a'), Key(ConsoleKey.A, 'a')], "replay", "anna", "--step", "3");
        string[] shown = ran.Out.Split("── 3 of 4 ──");
        shown.Select(s => s.Contains("Anna has been called.")).ShouldBe([false, false, true, false]);
    }

    [Fact]
    public async Task What_is_far_away_is_read_when_it_is_looked_at_and_not_before()
    {
        for (int i = 0; i < 60; i++)
            await DoAsync($"{Anna}/consents", new { purpose = $"news {i}", given = true });
        var keys = new List<ConsoleKeyInfo> { Key(ConsoleKey.End), Key(ConsoleKey.LeftArrow), Key(ConsoleKey.Home) };
        keys.AddRange(Enumerable.Repeat(Key(ConsoleKey.RightArrow), 25));
        var ran = await CommandLineOf.PressAsync(Ledger, Http, keys, "replay", "anna", "--step", "30");
        StepsIn(ran.Out).ShouldBe([30, 64, 63, .. Enumerable.Range(1, 26)]);
        ran = await CommandLineOf.PressAsync(
            Ledger, Http, Enumerable.Repeat(Key(ConsoleKey.LeftArrow), 22), "replay", "anna", "--step", "41");
        StepsIn(ran.Out).ShouldBe(Enumerable.Range(19, 23).Reverse());
    }

    [Fact]
    public async Task A_history_names_what_was_annulled_beside_it()
    {
        var ran = await RunAsync("history", "anna");
        ran.Out.ShouldContain("Annulled");
        ran.Out.ShouldMatch(
            $@"promise declared kept .*UTC by key:{Http.KeyId}, position \d+: Never called\s*\n");
        await RegisterAsync("bert");
        (await RunAsync("history", "bert")).Out.ShouldNotContain("Annulled");
    }

    private Task<Ran> RunAsync(params string[] args) => CommandLineOf.RunAsync(Ledger, Http, args);

    private static ConsoleKeyInfo Key(ConsoleKey key, char typed = '\0') => new(typed, key, false, false, false);

    private static List<int> StepsIn(string text) =>
        [.. Heading().Matches(text).Select(m => int.Parse(m.Groups["step"].Value))];

    [GeneratedRegex(@"── (?<step>\d+) of \d+ ──", RegexOptions.ExplicitCapture, TimeoutMs)]
    private static partial Regex Heading();
}
