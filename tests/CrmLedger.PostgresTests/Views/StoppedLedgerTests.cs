using System.Text.Json.Nodes;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Reading;
using CrmLedger.PostgresTests.Http;
using CrmLedger.PostgresTests.Projections;
using CrmLedger.PostgresTests.Relationships;
using CrmLedger.Server.Tenants;
using Microsoft.Extensions.DependencyInjection;

namespace CrmLedger.PostgresTests.Views;

/// <summary>
/// What a ledger answers about a moment of the past, beside what it answered when it had stopped at that moment.
/// </summary>
public sealed class StoppedLedgerTests(AlbaLedger ledger) : AlbaTest(ledger)
{
    private const int Pairs = 200;
    private const int Seed = 8;

    private static readonly string[] s_questions =
    [
        "/v1/kept-rate?by=team", "/v1/kept-rate?by=customer", "/v1/kept-rate/promises?limit=1000",
        "/v1/kept-rate/change?from=2024-06-01&to=2026-12-01", "/v1/commitments/open?limit=1000",
        "/v1/commitments/due?by=customer", "/v1/trust?limit=1000&order=highest",
        "/v1/loyalty?from=2024-01-01&to=2026-01-01&by=segment", "/v1/loyalty/customers?limit=1000",
        "/v1/loyalty/customers?risk=any&order=trust", "/v1/satisfaction?by=topic&over=month",
        "/v1/satisfaction/feedback?state=waiting&limit=1000", "/v1/responsiveness?by=severity&over=week",
        "/v1/kept-rate/ranking?by=customer&minN=1", "/v1/kept-rate?over=day",
        "/v1/customers/quiet?days=1&limit=1000", "/v1/practices?by=member", "/v1/customers/ref:c3/trust",
        "/v1/customers/ref:c4/loyalty", "/v1/customers/ref:c5/history",
    ];

    [Fact]
    public async Task An_answer_about_the_past_is_that_of_a_ledger_that_had_stopped_there()
    {
        foreach (var (member, team) in new[] { ("erik", "support"), ("maria", "sales") })
            await JoinAsync(member, team);
        foreach (string customer in new[] { "c3", "c4", "c5" })
            await RegisterAsync(customer);
        string import = await DeclareImportAsync();
        var log = (await Ledger.Services.GetRequiredService<TenantLedgers>().GetAsync(Tenant)).Log;
        var promises = new RandomHistory(log, null, customers: 4, Seed);
        var told = new RandomRelationships(Seed).Tell();
        var random = new Random(Seed);
        var answers = new List<(string Question, string Answer)>();
        var differ = new HashSet<string>();
        foreach (var (piece, number) in told.Chunk(told.Count / (Pairs / 2) + 1).Select((p, n) => (p, n)))
        {
            await AppendAsync(piece.Select((e, i) =>
                CloudEvent($"{number}/{i}", e.Type, $"customer/{e.Customer}", e.Data, e.At, import)));
            await promises.RoundAsync();
            for (int i = 0; i < 3; i++)
            {
                string question = s_questions[random.Next(s_questions.Length)];
                var answer = await AskAsync($"{question}{(question.Contains('?') ? '&' : '?')}asOf="
                    + LedgerJson.Format(Now));
                answers.Add(answer);
                differ.Add(answer.Answer);
            }
        }
        answers.Count.ShouldBeGreaterThanOrEqualTo(Pairs);
        differ.Count.ShouldBeGreaterThan(Pairs / 2, "answers that are all alike show little");

        foreach (var (question, answer) in answers)
            (await AskAsync(question)).Answer.ShouldBe(answer, question);
    }

    /// <summary>The answer, but for whether it can still change.</summary>
    private async Task<(string Question, string Answer)> AskAsync(string question)
    {
        var head = await new EventReader(Ledger.Services.GetRequiredService<LedgerDatabase>())
            .ReadHeadAsync(Tenant, CancellationToken.None);
        string views = question.Contains("/history", StringComparison.Ordinal) ? "" : $"&atLeast={head.Size - 1}";
        var answer = (await ReadAsync(question + views)).Json;
        var json = JsonObject.Create(answer)!;
        json.Remove("provisional").ShouldBeTrue(question);
        return (question, json.ToJsonString());
    }
}
