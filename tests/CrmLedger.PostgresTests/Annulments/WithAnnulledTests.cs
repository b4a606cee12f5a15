using System.Text.Json.Nodes;
using CrmLedger.Annulments;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Appending;
using CrmLedger.EventStore.Reading;
using CrmLedger.EventStore.Tenants;
using CrmLedger.PostgresTests.Appending;
using CrmLedger.PostgresTests.Http;
using CrmLedger.PostgresTests.Imports;
using CrmLedger.PostgresTests.Projections;
using CrmLedger.Promises;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace CrmLedger.PostgresTests.Annulments;

/// <summary>Every number, asked for with what was annulled and without.</summary>
public sealed class WithAnnulledTests : IAsyncLifetime
{
    private const string Customer = "{customerId}";
    private const string Promise = "{promiseId}";
    private const string Until = "2026-03-20T12:00:00Z";

    /// <summary>Every question that counts, with parameters under which there is something to count.</summary>
    private static readonly Dictionary<string, string> s_questions = new(StringComparer.Ordinal)
    {
        ["/v1/kept-rate"] = "by=team&over=week",
        ["/v1/kept-rate/promises"] = "by=kind&limit=1000",
        ["/v1/kept-rate/ranking"] = "by=maker&minN=1",
        ["/v1/kept-rate/change"] = "by=team&from=2026-03-12&to=2026-03-22",
        ["/v1/commitments/open"] = "limit=1000",
        ["/v1/commitments/due"] = "by=member",
        ["/v1/trust"] = "order=lowest",
        [$"/v1/customers/{Customer}/trust"] = "since=2026-03-12",
        [$"/v1/customers/{Customer}/loyalty"] = "",
        ["/v1/loyalty"] = "by=segment&over=week&from=2026-03-02&to=2026-04-06",
        ["/v1/loyalty/customers"] = "limit=1000",
        ["/v1/satisfaction"] = "by=topic&over=week",
        ["/v1/satisfaction/feedback"] = "state=received&limit=1000",
        ["/v1/responsiveness"] = "by=severity&over=week",
        ["/v1/practices"] = "by=member",
        ["/v1/customers/quiet"] = "days=3",
        [$"/v1/customers/{Customer}/promises/{Promise}"] = "",
        [$"/v1/customers/{Customer}/commitments"] = "",
    };

    private static readonly string[] s_beside =
        ["position", "asOf", "annulled", "self", "events", "customer", "member", "maker", "holder", "label"];

    private readonly RunningLedger _ledger = new() { WatchesDeadlines = false };

    public Task InitializeAsync() => _ledger.InitializeAsync();

    public Task DisposeAsync() => _ledger.DisposeAsync();

    [Fact]
    public async Task With_them_every_number_is_that_of_a_ledger_in_which_nothing_was_annulled()
    {
        var corrected = await MakePastAsync("corrected");
        corrected.Count(e => e.ToEnvelope().Data is EntryAnnulled).ShouldBeGreaterThan(30);
        await CopyWithoutAnnulmentsAsync(corrected, "uncorrected");
        using var one = await _ledger.ClientAsync("corrected");
        using var other = await _ledger.ClientAsync("uncorrected");
        var entries = corrected.ToDictionary(e => e.Id, e => e.ToEnvelope());
        var annulled = entries.Values.Select(e => e.Data).OfType<EntryAnnulled>().Select(a => entries[a.EventId])
            .First(e => e.Data is IPromiseEvent and not PromiseMade);
        string customer = annulled.Stream["customer-".Length..];
        string promise = ((IPromiseEvent)annulled.Data).PromiseId;
        int changed = 0;
        foreach (string clock in new[] { "&asOf=2026-06-01", $"&until={Until}", $"&asOf={Until}" })
        {
            foreach (var (address, parameters) in s_questions)
            {
                string path = address.Replace(Customer, customer).Replace(Promise, promise);
                string question = $"{path}?{parameters}{clock}";
                string with = await NumbersAsync(one, $"{question}&annulled=counted");
                with.ShouldBe(await NumbersAsync(other, question), question);
                with.ShouldNotContain("promise_unknown");
                string without = await NumbersAsync(one, $"{question}&annulled=left_out");
                without.ShouldBe(await NumbersAsync(one, question), question);
                changed += with == without ? 0 : 1;
            }
        }
        changed.ShouldBeGreaterThan(2 * s_questions.Count, "annulments change most numbers");
    }

    [Fact]
    public async Task The_command_line_asks_for_them_and_says_so()
    {
        await MakePastAsync("shown");
        using var http = await _ledger.ClientAsync("shown");
        var told = await CommandLineOf.RunAsync(_ledger, http, "kept-rate", "--with-annulled", "--json");
        JsonNode.Parse(told.Out)!["total"]!.ToJsonString().ShouldBe(JsonNode.Parse(
            (await http.GetAsync("/v1/kept-rate?annulled=counted")).Text)!["total"]!.ToJsonString());
        (await CommandLineOf.RunAsync(_ledger, http, "satisfaction", "--with-annulled")).Out
            .ShouldContain("annulled entries counted");
        (await CommandLineOf.RunAsync(_ledger, http, "satisfaction")).Out.ShouldNotContain("annulled entries counted");
    }

    [Fact]
    public async Task Every_operation_that_can_count_them_is_asked_here()
    {
        using var http = await _ledger.ClientAsync("described");
        var paths = (await http.GetAsync("/openapi/v1.json")).Json.GetProperty("paths").EnumerateObject();
        paths.Where(p => p.Value.TryGetProperty("get", out var get)
                && get.TryGetProperty("parameters", out var parameters)
                && parameters.EnumerateArray().Any(x => x.GetProperty("name").ValueEquals("annulled")))
            .Select(p => p.Name).ShouldBe(s_questions.Keys, ignoreOrder: true);
        var refused = await http.GetAsync("/v1/kept-rate?annulled=yes");
        (refused.Status, refused.Pointers().Single()).ShouldBe((422, "annulled"));
    }

    private async Task<IReadOnlyList<StoredEvent>> MakePastAsync(string tenant)
    {
        await _ledger.Services.GetRequiredService<TenantDirectory>().FindOrCreateAsync(tenant, default);
        var clock = new TestClock(DateTimeOffset.UnixEpoch);
        await using (var sequencer = Sequencer(tenant, clock))
        {
            var history = new RandomHistory(sequencer, clock, customers: 5, seed: 20_261_128);
            for (int i = 0; i < 120; i++)
                await history.RoundAsync();
        }
        return await LogAsync(tenant);
    }

    private async Task CopyWithoutAnnulmentsAsync(IReadOnlyList<StoredEvent> log, string tenant)
    {
        await _ledger.Services.GetRequiredService<TenantDirectory>().FindOrCreateAsync(tenant, default);
        var clock = new TestClock(DateTimeOffset.UnixEpoch);
        await using (var sequencer = Sequencer(tenant, clock))
        {
            var versions = new Dictionary<string, long>(StringComparer.Ordinal);
            foreach (var entry in log.Select(e => e.ToEnvelope()).Where(e => e.Data is not EntryAnnulled))
            {
                clock.Now = entry.Moment.RecordedAt;
                long version = versions.GetValueOrDefault(entry.Stream);
                (await sequencer.AppendAsync(AppendRequest.Of(entry.Stream, version,
                    [EventToAppend.Of(entry.Id, false, entry.Data, entry.Headers)]), default)).ShouldBeAppended();
                versions[entry.Stream] = version + 1;
            }
        }
        await LogAsync(tenant);
    }

    private Sequencer Sequencer(string tenant, TestClock clock) => new(
        _ledger.Services.GetRequiredService<LedgerDatabase>(), tenant, clock, NullLogger.Instance);

    /// <summary>The log, once every view reflects it.</summary>
    private async Task<IReadOnlyList<StoredEvent>> LogAsync(string tenant)
    {
        var log = await _ledger.Services.GetRequiredService<EventReader>().ReadLogAsync(tenant, -1, 100_000, default);
        using var http = await _ledger.ClientAsync(tenant);
        foreach (string question in new[] { "kept-rate", "commitments/open", "satisfaction", "practices" })
            (await http.GetAsync($"/v1/{question}?atLeast={log.Count - 1}")).Status.ShouldBe(200);
        return log;
    }

    /// <summary>
    /// An answer without what stands beside its numbers: positions, the time of asking, and what people are called.
    /// </summary>
    private static async Task<string> NumbersAsync(LedgerHttp http, string question)
    {
        var answer = await http.GetAsync(question);
        // A promise of which everything was annulled is none.
        answer.Status.ShouldBeOneOf([200, 404], $"{question}: {answer.Text}");
        var json = JsonNode.Parse(answer.Text)!;
        Strip(json);
        return json.ToJsonString();
    }

    private static void Strip(JsonNode? node)
    {
        if (node is JsonArray array)
        {
            foreach (var item in array)
                Strip(item);
        }
        else if (node is JsonObject at)
        {
            foreach (string name in s_beside)
                at.Remove(name);
            if (at["promise"] is JsonValue) // where it is to be read, and no promise itself
                at.Remove("promise");
            foreach (var (_, value) in at)
                Strip(value);
        }
    }
}
