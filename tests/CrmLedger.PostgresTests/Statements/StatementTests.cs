using System.Buffers.Text;
using System.Text;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Appending;
using CrmLedger.EventStore.Checkpoints;
using CrmLedger.EventStore.Reading;
using CrmLedger.EventStore.Tenants;
using CrmLedger.PostgresTests.Appending;
using CrmLedger.PostgresTests.Checkpoints;
using CrmLedger.PostgresTests.Http;
using CrmLedger.PostgresTests.Projections;
using CrmLedger.Server.Commitments;
using CrmLedger.Server.EvidenceBundles;
using CrmLedger.Server.Satisfaction;
using CrmLedger.Server.Statements;
using CrmLedger.Server.Tenants;
using CrmLedger.Transparency;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit.Abstractions;

namespace CrmLedger.PostgresTests.Statements;

/// <summary>What a server states of a random past, computed again from bundles by who has only a key.</summary>
public sealed class StatementTests(ITestOutputHelper output) : IAsyncLifetime
{
    /// <summary>It records nothing by itself, so that the past can be made beside it.</summary>
    private readonly RunningLedger _ledger = new() { WatchesDeadlines = false };

    private static readonly CancellationToken s_cancel = CancellationToken.None;
    private static readonly IReadOnlyList<string> s_groups = KeptRateEndpoint.Groups;
    private static readonly string[] s_periods = ["day", "week", "month"];

    public Task InitializeAsync() => _ledger.InitializeAsync();

    public Task DisposeAsync() => _ledger.DisposeAsync();

    [Fact]
    public async Task Random_statements_follow_from_their_bundles_to_the_same_bytes()
    {
        var campaign = new Campaign("StatementTests", output);
        int statements = Campaign.Size(small: 60, full: 1_000);
        using var http = await _ledger.ClientAsync("stated");
        var (streams, moments) = await MakePastAsync(
            "stated", campaign.Seed, rounds: Campaign.Size(small: 60, full: 240));
        using var log = new PublishedLog(_ledger.Url, "stated");
        var policy = await log.PolicyAsync();
        var answers = new HashSet<string>();
        for (int i = 0; i < statements; i++)
        {
            string question = Question(campaign.Random, streams, moments);
            var answer = await http.GetAsync(question);
            answer.Status.ShouldBe(200, answer.Text);
            string note = answer.Json.GetProperty("statement").GetString()!;
            var report = await CheckAsync(await BundleAsync(http, note), policy);
            report.Refusal.ShouldBeNull($"seed {campaign.Seed}: {question}");
            answers.Add(report.Statements.ShouldHaveSingleItem().Answer);
        }
        answers.Count.ShouldBeGreaterThan(statements / 4, "most questions have answers of their own");
        campaign.Say("past", $"{streams.Count} customers, {moments.Count} moments");
        campaign.Say("different answers", $"{answers.Count}");
        campaign.SayBound("statements refolded to the same bytes", statements);
        await campaign.WriteAsync("""
            Kept rates, trust scores and satisfaction with random parameters and clocks are stated by a server. Does
            what an auditor computes from a bundle of evidence, by the core's folds, have the same bytes?
            """);
    }

    [Fact]
    public async Task A_statement_with_another_parameter_event_answer_signer_or_version_of_the_rules_is_refused()
    {
        using var http = await _ledger.ClientAsync("false");
        var (streams, _) = await MakePastAsync("false", seed: 5, rounds: 120);
        using var log = new PublishedLog(_ledger.Url, "false");
        var policy = await log.PolicyAsync();
        var keys = (await _ledger.Services.GetRequiredService<TenantLedgers>().GetAsync("false")).Keys;
        var signer = (await _ledger.Services.GetRequiredService<LogKeys>().ListAsync(keys, s_cancel))[^1].Signer;
        foreach (string question in new[]
        {
            "/v1/kept-rate?by=team&statement=true", "/v1/satisfaction?by=topic&statement=true",
            $"{streams[0]}/trust?statement=true",
        })
        {
            string text = (await http.GetAsync(question)).Json.GetProperty("statement").GetString()!;
            byte[] bundle = await BundleAsync(http, text);
            var note = SignedNote.Parse(Encoding.UTF8.GetBytes(text));
            var (origin, statement) = Statement.Parse(note);
            (await RefusalAsync(Replaced(bundle, note, statement.Sign(signer)), policy)).ShouldBeNull();

            // Whoever has no key cannot change a letter; a log that lies with its own key is found out by the refold.
            var asked = statement.Question;
            (string What, Statement Changed)[] lies =
            [
                ("parameter", statement with { Question = asked with { To = asked.Time.AddDays(-700) } }),
                ("time", statement with { Question = asked with { Time = asked.Time.AddYears(-5) } }),
                ("annulments", statement with { Question = asked with { Annulled = AnnulledEntries.Counted } }),
                ("answer", statement with { Result = Convert.ToBase64String(new byte[32]) }),
                ("root", statement with { Root = Convert.ToBase64String(new byte[32]) }),
                ("events", statement with { Question = asked with { Position = asked.Position - 1 } }),
                ("rules", statement with { Question = asked with { Rules = asked.Rules + 1 } }),
            ];
            foreach (var (what, changed) in lies.Where(l => l.What != "parameter" || asked.Customer is null))
            {
                (await RefusalAsync(Replaced(bundle, note, changed.Sign(signer)), policy))
                    .ShouldNotBeNull($"{what} of {question}");
                string altered = Encoding.UTF8.GetString(changed.Sign(signer).ToUtf8());
                byte[] unsigned = Encoding.UTF8.GetBytes(
                    altered[..altered.IndexOf("\n\n", StringComparison.Ordinal)]
                    + text[text.IndexOf("\n\n", StringComparison.Ordinal)..]);
                (await RefusalAsync(Replaced(bundle, note, SignedNote.Parse(unsigned)), policy))
                    .ShouldNotBeNull($"{what} of {question}");
            }
            var stranger = new SignerKey(origin, SignatureKind.Ed25519, new byte[32]);
            (await RefusalAsync(Replaced(bundle, note, statement.Sign(stranger)), policy)).ShouldNotBeNull("stranger");
            byte[] promise = await BundleAsync(http, null, $"?customer={streams[1].Split('/')[^1]}");
            (await RefusalAsync(Added(promise, note), policy))!.ShouldContain("does not show all");
        }
    }

    [Theory]
    [InlineData("/v1/kept-rate?statement=perhaps")]
    [InlineData("/v1/kept-rate?statement=true&format=csv")]
    [InlineData("/v1/satisfaction?statement=true&format=csv")]
    [InlineData("/v1/responsiveness?statement=true")]
    [InlineData("/v1/evidence?statement=x")]
    [InlineData("/v1/evidence?statement=eA")]
    public async Task What_cannot_be_stated_is_answered_with_what_is_wrong(string address)
    {
        using var http = await _ledger.ClientAsync("wrong");
        var answer = await http.GetAsync(address);
        answer.Status.ShouldBe(422, answer.Text);
        answer.Pointers().ShouldBe(["statement"]);
    }

    /// <summary>Customers' addresses, and times at which something was recorded.</summary>
    private async Task<(IReadOnlyList<string> Customers, IReadOnlyList<DateTimeOffset> Moments)> MakePastAsync(
        string tenant, int seed, int rounds)
    {
        await _ledger.Services.GetRequiredService<TenantDirectory>().FindOrCreateAsync(tenant, s_cancel);
        // Months ago, so that most of what was promised has fallen due.
        var clock = new TestClock(DateTimeOffset.UnixEpoch);
        await using var sequencer = new Sequencer(
            _ledger.Services.GetRequiredService<LedgerDatabase>(), tenant, clock, NullLogger.Instance);
        var history = new RandomHistory(sequencer, clock, customers: 6, seed);
        for (int i = 0; i < rounds; i++)
            await history.RoundAsync();
        var log = await _ledger.Services.GetRequiredService<EventReader>().ReadLogAsync(tenant, -1, 100_000, s_cancel);
        using var http = await _ledger.ClientAsync(tenant);
        (await http.GetAsync($"/v1/kept-rate?atLeast={log.Count - 1}")).Status.ShouldBe(200);
        return ([.. log.Select(e => e.Stream).Where(s => s.StartsWith("customer-", StringComparison.Ordinal)).Distinct()
                .Select(s => $"/v1/customers/{s["customer-".Length..]}")],
            [.. log.Select(e => e.RecordedAt).Concat(log.Select(e => e.ReadHeaders().OccurredAt)).Distinct()]);
    }

    private static string Question(
        Random random, IReadOnlyList<string> customers, IReadOnlyList<DateTimeOffset> moments)
    {
        string? Perhaps(string name, Func<string> value) => random.Next(2) == 0 ? null : $"{name}={value()}";
        string Moment() => LedgerJson.Format(moments[random.Next(moments.Count)].AddDays(random.Next(-3, 3)));
        var parameters = new List<string?> { "statement=true" };
        var latest = moments.Max();
        if (random.Next(3) == 0)
            parameters.Add($"asOf={LedgerJson.Format(latest.AddDays(-random.Next(20)))}");
        if (random.Next(3) == 0)
            parameters.Add($"until={LedgerJson.Format(latest.AddHours(-random.Next(480, 900)))}");
        if (random.Next(3) == 0)
            parameters.Add("annulled=counted");
        int which = random.Next(4);
        if (which < 2)
            return $"{customers[random.Next(customers.Count)]}/trust?{string.Join('&', parameters)}";
        var groups = which == 2 ? s_groups : SatisfactionEndpoint.Groups;
        string by = groups[random.Next(groups.Count)];
        parameters.Add(Perhaps("by", () => by));
        if (!s_periods.Contains(by))
            parameters.Add(Perhaps("over", () => s_periods[random.Next(s_periods.Length)]));
        parameters.Add(Perhaps("from", Moment));
        parameters.Add(Perhaps("to", Moment));
        string about = which == 2 ? "kept-rate" : "satisfaction";
        return $"/v1/{about}?{string.Join('&', parameters.Where(p => p is not null))}";
    }

    private static async Task<byte[]> BundleAsync(LedgerHttp http, string? note, string? query = null)
    {
        query ??= $"?statement={Base64Url.EncodeToString(Encoding.UTF8.GetBytes(note!))}";
        var answer = await http.GetAsync("/v1/evidence" + query);
        answer.Status.ShouldBe(200, answer.Text);
        return Encoding.UTF8.GetBytes(answer.Text);
    }

    private static byte[] Replaced(byte[] bundle, SignedNote before, SignedNote after) => Encoding.UTF8.GetBytes(
        Encoding.UTF8.GetString(bundle).Replace(LineOf(before), LineOf(after), StringComparison.Ordinal));

    private static byte[] Added(byte[] bundle, SignedNote note) => Encoding.UTF8.GetBytes(
        Encoding.UTF8.GetString(bundle).Replace("\ncheckpoint ", $"\n{LineOf(note)}\ncheckpoint ",
            StringComparison.Ordinal));

    private static string LineOf(SignedNote note) => $"statement {Convert.ToBase64String(note.ToUtf8())}";

    private static Task<EvidenceReport> CheckAsync(byte[] bundle, LogPolicy policy) =>
        EvidenceVerification.CheckAsync(new MemoryStream(bundle), _ => policy, [], null, s_cancel);

    private static async Task<string?> RefusalAsync(byte[] bundle, LogPolicy policy)
    {
        try
        {
            return (await CheckAsync(bundle, policy)).Refusal;
        }
        catch (FormatException malformed)
        {
            return malformed.Message;
        }
    }
}
