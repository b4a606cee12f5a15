using System.Collections.Concurrent;
using CrmLedger.PostgresTests;
using CrmLedger.PostgresTests.Appending;
using CrmLedger.PostgresTests.Http;

namespace CrmLedger.Campaigns.Model;

/// <summary>A sequence whose answers or views differ.</summary>
/// <param name="Sequence">The sequence.</param>
/// <param name="What">What differs.</param>
internal sealed record Mismatch(Sequence Sequence, string What);

/// <summary>
/// Plays sequences side by side, each to customers of its own, in a tenant of its own: step by step, so that the
/// server's clock stands still while a step of each is asked, and the reference knows what it showed.
/// </summary>
/// <param name="server">The real ledger.</param>
/// <param name="clock">Its clock.</param>
/// <param name="start">What the clock shows when a tenant is made.</param>
/// <param name="http">Its clients.</param>
internal sealed class Cohort(RunningLedger server, TestClock clock, DateTimeOffset start, HttpClient http)
{
    /// <summary>Sequences side by side; more would wait for each other longer than they are asked.</summary>
    public const int Most = 500;

    private static readonly ParallelOptions s_clients = new() { MaxDegreeOfParallelism = 64 };

    private static int s_tenants;

    /// <summary>How often each answer was given: an event's name, <c>repeated</c>, or <c>refused</c> and why.</summary>
    public ConcurrentDictionary<string, int> Answers { get; } = new(StringComparer.Ordinal);

    /// <summary>Lines of views and histories that were compared.</summary>
    public long Compared { get; private set; }

    /// <summary>Plays.</summary>
    /// <param name="sequences">All on the same clock.</param>
    /// <param name="past">A time that the views are asked about besides the last one.</param>
    /// <returns>Those that differ.</returns>
    public async Task<IReadOnlyList<Mismatch>> PlayAsync(IReadOnlyList<Sequence> sequences, DateTimeOffset past)
    {
        clock.Now = start; // the times of a new log begin anew
        using var real = await RealLedger.NewAsync(server, $"model-{Interlocked.Increment(ref s_tenants)}", http);
        var played = sequences.Select(s => new Played(s, real)).ToList();
        foreach (var round in sequences.SelectMany(s => s.Steps).GroupBy(s => s.Number).OrderBy(r => r.Key))
        {
            clock.Now = round.First().At;
            await Parallel.ForEachAsync(played, s_clients, async (p, _) =>
            {
                if (await p.AskAsync(round.Key) is { } answer)
                    Answers.AddOrUpdate(answer, 1, (_, before) => before + 1);
            });
        }
        await CompareViewsAsync(real, played, asOf: null);
        await CompareViewsAsync(real, played, past);
        await Parallel.ForEachAsync(played, s_clients, async (p, _) => await p.CompareHistoriesAsync(clock.Now));
        Compared += played.Sum(p => p.Compared);
        return [.. played.Where(p => p.Difference is not null).Select(p => new Mismatch(p.Sequence, p.Difference!))];
    }

    private async Task CompareViewsAsync(RealLedger real, List<Played> played, DateTimeOffset? asOf)
    {
        string query = $"atLeast={real.LastPosition}" + (asOf is { } t ? $"&asOf={LedgerJson.Format(t)}" : "");
        var owed = await real.ReadPagesAsync($"/v1/commitments/open?limit=1000&{query}");
        var counted = await real.ReadPagesAsync($"/v1/kept-rate/promises?limit=1000&{query}");
        var rate = await real.ReadAsync($"/v1/kept-rate?by=customer&{query}");
        rate.Status.ShouldBe(200, rate.Text);
        var references = counted.DistinctBy(c => c.Text("customerId"))
            .ToDictionary(c => c.Text("customerId")!, c => c.Text("customer.reference")!);
        var lines = owed.Select(ToldOf.Owed).Concat(counted.Select(ToldOf.Counted))
            .Concat(rate.Items("groups").Select(g => ToldOf.Numbers(references[g.Text("key")!], g)))
            .ToLookup(line => line[..line.IndexOf('c')]);
        foreach (var p in played)
            p.CompareViews(lines[$"s{p.Sequence.Number}"], asOf ?? clock.Now);
    }

    /// <summary>One sequence while it is played.</summary>
    private sealed class Played(Sequence sequence, RealLedger real)
    {
        private readonly ReferenceLedger _reference = new();
        private readonly Dictionary<string, string> _ids = new(StringComparer.Ordinal);

        public Sequence Sequence => sequence;

        public string? Difference { get; private set; }

        public long Compared { get; private set; }

        /// <summary>Asks both ledgers, unless they differ already.</summary>
        /// <returns>What was answered.</returns>
        public async Task<string?> AskAsync(int number)
        {
            if (Difference is not null || sequence.Steps.FirstOrDefault(s => s.Number == number) is not { } step)
                return null;
            long version = _reference.VersionOf(step.Customer);
            var expected = _reference.Ask(step);
            var answer = await real.AskAsync(sequence, step, version, _ids);
            string told = ToldOf.Answer(step, answer);
            Compare($"The answer to step {number}", [ToldOf.Answer(expected)], [told]);
            if (expected.Event is not null && Difference is null)
                CompareId(step, answer);
            return expected.IsRepeated ? "repeated"
                : expected.Problem is { } code ? $"refused {code}"
                : expected.Event!.Event;
        }

        public void CompareViews(IEnumerable<string> told, DateTimeOffset asOf) => Compare(
            $"A view at {LedgerJson.Format(asOf)}",
            _reference.Customers.SelectMany(c =>
            {
                var (who, customer) = (sequence.ReferenceOf(c.Number), c.Customer.KnownAt(asOf));
                return ToldOf.Owed(who, customer, asOf).Concat(ToldOf.Counted(who, customer, asOf))
                    .Concat(ToldOf.Numbers(who, customer, asOf));
            }),
            told);

        public async Task CompareHistoriesAsync(DateTimeOffset now)
        {
            foreach (var (number, customer) in _reference.Customers)
            {
                string path = $"/v1/customers/ref:{sequence.ReferenceOf(number)}";
                var page = await real.ReadAsync($"{path}/history?limit=1000&atLeast={real.LastPosition}");
                Compare($"The history of customer {number}",
                    ToldOf.History(sequence.ReferenceOf(number), customer), ToldOf.History(page, customer));
                var promise = ReferencePromise.Of(customer.Standing(), "p0");
                Compare($"Promise p0 of customer {number}",
                    [ToldOf.Promise(promise, now)], [ToldOf.Promise(await real.ReadAsync($"{path}/promises/p0"))]);
            }
        }

        /// <summary>An event has the client's id, derived, or one that is learnt here.</summary>
        private void CompareId(Step step, Answer answer)
        {
            string id = (step.AsCloudEvent ? answer.Items("items")[0].Text("event.id")
                : answer.Items("events")[0].Text("id"))!;
            if (step.EventId is { } given)
                Compare($"The id of step {step.Number}", [RealLedger.IdOf(sequence, given)], [id]);
            else
                _ids.Add(step.Key, id);
        }

        private void Compare(string what, IEnumerable<string> expected, IEnumerable<string> told)
        {
            if (Difference is not null)
                return;
            string[] ours = [.. expected.Order(StringComparer.Ordinal)];
            string[] theirs = [.. told.Order(StringComparer.Ordinal)];
            Compared += ours.Length;
            if (!ours.SequenceEqual(theirs))
            {
                Difference = $"{what} differs. The reference says\n  {string.Join("\n  ", ours.Except(theirs))}\n"
                    + $"and the ledger\n  {string.Join("\n  ", theirs.Except(ours))}";
            }
        }
    }
}
