using CrmLedger.EventStore.Projections;
using CrmLedger.EventStore.Views;

namespace CrmLedger.Benchmarks;

/// <summary>How long does a leader wait for each answer about a ledger of a million events of all kinds?</summary>
internal static class LeadersBenchmark
{
    private const int EventsOfRequest = 1_000;

    private static readonly (string Name, string Path)[] s_questions =
    [
        ("kept rate by team", "/v1/kept-rate?by=team"),
        ("kept rate by team over months", "/v1/kept-rate?by=team&over=month"),
        ("who needs help", "/v1/kept-rate/ranking?by=maker&order=lowest"),
        ("overdue and due soon by member", "/v1/commitments/due"),
        ("trust, the lowest", "/v1/trust?limit=20"),
        ("loyalty, a year by month", "/v1/loyalty"),
        ("customers at risk and why", "/v1/loyalty/customers?risk=any&limit=20"),
        ("satisfaction by team", "/v1/satisfaction?by=team"),
        ("themes over months", "/v1/satisfaction?by=topic&over=month"),
        ("feedback that waits", "/v1/satisfaction/feedback?state=waiting&limit=20"),
        ("responsiveness by team", "/v1/responsiveness?by=team"),
        ("quiet customers", "/v1/customers/quiet?days=7&limit=20"),
        ("practices beside outcomes", "/v1/practices"),
    ];

    /// <summary>Measures.</summary>
    public static async Task<Section> RunAsync(Stage stage, Size size, CancellationToken cancel)
    {
        long events = size == Size.Full ? 1_000_000 : 20_000;
        int customers = (int)(events / 50);
        var length = TimeSpan.FromSeconds(size == Size.Full ? 5 : 1);
        await using var ledger = await stage.NewLedgerAsync(cancel);
        var lives = new SampleEvents(TimeProvider.System.GetUtcNow()).Lives(customers, events, EventsOfRequest);
        await ImportBenchmark.LedgerAsync(ledger, lives, 3, cancel);
        foreach (var view in LedgerViews.All)
            await new Rebuild(ledger.Database, new(ledger.Database)).RunAsync(BenchLedger.Tenant, view, cancel);
        await QuestionsBenchmark.VacuumAsync(ledger, cancel);
        await using var server = await BenchServer.StartAsync(ledger, 4, cancel, watchesDeadlines: false);
        string then = await QuestionsBenchmark.HalfwayAsync(server, cancel);
        var tails = new Dictionary<string, List<double>>();
        Contender Asking(string name, string path) => new(name, true, (share, ct) => QuestionsBenchmark.OnceAsync(
            stage, length * share, name, tails, () => server.AskAsync(path, ct)));
        var outcomes = await Rounds.RunAsync(
        [
            .. s_questions.Select(q => Asking(q.Name, q.Path)),
            .. s_questions.Select(q => Asking(
                $"{q.Name}, as known then", $"{q.Path}{(q.Path.Contains('?') ? '&' : '?')}asOf={then}")),
        ], 3, cancel);
        double P95(string name) => tails[name].Order().ElementAt(1);
        return new("leaders: answers out of many events",
            $"How long does each answer take over HTTP, one question at a time, with {events:N0} events of "
            + $"{customers:N0} customers?",
            [
                .. s_questions.Select(q => Budget.AtMost($"ms for {q.Name}, now (p95)", 50, P95(q.Name))),
                .. s_questions.Select(q => Budget.AtMost(
                    $"ms for {q.Name}, as known then (p95)", 2_000, P95($"{q.Name}, as known then"))),
            ],
            outcomes,
            [
                "Only the kept rate was promised a time, 50 ms now and 2 s about the past; the other answers are held "
                + "against the same.",
                "`then` is when half of the log had been recorded. The p95 is the median of those of three rounds.",
            ],
            "answers");
    }
}
