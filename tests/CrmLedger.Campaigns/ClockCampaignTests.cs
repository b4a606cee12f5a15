using System.Text.Json;
using CrmLedger.EventStore.Reading;
using CrmLedger.PostgresTests;
using CrmLedger.PostgresTests.Appending;
using CrmLedger.PostgresTests.Commitments;
using CrmLedger.PostgresTests.Http;
using Xunit.Abstractions;

namespace CrmLedger.Campaigns;

/// <summary>Two servers on one tenant, whose clocks are set forward and back while promises fall due.</summary>
public sealed class ClockCampaignTests(ITestOutputHelper output)
{
    private const string Tenant = "campaign";
    private static readonly TimeSpan s_ahead = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task What_is_recorded_and_how_it_counts_does_not_depend_on_whose_clock_is_right()
    {
        var campaign = new Campaign("ClockCampaign", output);
        int steps = Campaign.Size(small: 60, full: 2_000);
        SteppedClock[] clocks = [new(), new()];
        var one = new RunningLedger { Clock = clocks[0] };
        await one.InitializeAsync();
        var other = await one.BesideAsync(clocks[1]);
        try
        {
            using var http = await one.ClientAsync(Tenant);
            using var there = new LedgerHttp(other.Url, http.Key, http.KeyId);
            await PromiseClients.PrepareAsync(http);
            var clients = new PromiseClients([(http, clocks[0]), (there, clocks[1])], 8, campaign.Seed);
            for (int step = 0; step < steps; step++)
            {
                await clients.MoreAsync(campaign.Random.Next(4, 16));
                foreach (var clock in Stepped(clocks, campaign.Random))
                    clock.Step(TimeSpan.FromSeconds(campaign.Random.NextDouble() * 600 - 300));
            }
            var observed = await clients.FinishAsync();

            var rows = await WholeLog.CheckAsync(one.Connections, Tenant);
            CheckTimes(rows, observed);
            int atGrace = CheckNothingRecordedIsVoid(rows);
            int judged = await CheckClassesAsync(rows, there);
            campaign.Say("clocks", $"set {clocks.Sum(c => c.Steps) / 2:N0} times, by up to 5 minutes ahead or behind");
            campaign.Say("requests", $"{observed.Count:N0}, {observed.Count(o => o.IsTaken):N0} taken; of those "
                + $"refused {observed.Count(IsRefusedAsAhead):N0} lay too far ahead of the server's clock");
            campaign.Say("answers", string.Join(", ", observed.CountBy(o => o.Answer.Problem ?? "taken")
                .OrderByDescending(c => c.Value).Select(c => $"{c.Key} {c.Value:N0}")));
            campaign.Say("events", $"{rows.Count:N0}, {atGrace:N0} of them claimed within 10 minutes of 24 hours ago");
            campaign.Say("classes compared", $"{judged:N0}, at several times of knowledge");
            campaign.SayBound("clock steps", steps);
        }
        finally
        {
            await other.DisposeAsync();
            await one.DisposeAsync();
        }
        await campaign.WriteAsync("""
            Two servers write to one tenant while their clocks are set forward and back by up to 5 minutes, and clients
            make, renegotiate, keep, release and dispute promises at times around the due dates, the recording grace
            and the limit of what may lie ahead. Do positions have gaps, does recordedAt go back or leave the server's
            clock without need, is anything recorded that the fold then holds void, and does the kept rate count any
            promise otherwise than plain code does from the rows?
            """);
    }

    private static SteppedClock[] Stepped(SteppedClock[] clocks, Random random) => random.Next(3) switch
    {
        0 => [clocks[0]],
        1 => [clocks[1]],
        _ => clocks,
    };

    private static bool IsRefusedAsAhead(Observed observed) =>
        observed.Answer.Problem == "invalid_request" && observed.Answer.Pointers().Contains("/occurredAt");

    /// <summary>
    /// recordedAt is the server's clock, or that of the event before it where that is later; and what lies more than 5
    /// minutes ahead of the server's clock is refused, whatever the log's time is.
    /// </summary>
    private static void CheckTimes(IReadOnlyList<LogRow> rows, IReadOnlyCollection<Observed> observed)
    {
        foreach (var one in observed.Where(o => o.IsSteady))
        {
            if (one.OccurredAt is { } claimed && one.IsTaken)
                claimed.ShouldBeLessThanOrEqualTo(one.After + s_ahead, one.Asked);
            if (IsRefusedAsAhead(one))
                one.OccurredAt!.Value.ShouldBeGreaterThan(one.Before + s_ahead, one.Asked);
            if (!one.IsTaken)
                continue;
            var row = rows[(int)one.Answer.Number("position")!.Value].Event;
            row.RecordedAt.ShouldBeGreaterThanOrEqualTo(one.Before, one.Asked);
            if (row.RecordedAt > one.After)
                row.RecordedAt.ShouldBe(rows[(int)row.Position - 1].Event.RecordedAt, one.Asked);
            if (one.OccurredAt is null)
                row.ReadHeaders().OccurredAt.ShouldBeInRange(one.Before, one.After, one.Asked);
        }
    }

    /// <summary>What was accepted is not contradicted by the times at which it was recorded.</summary>
    /// <returns>How many events were claimed about as long ago as the recording grace.</returns>
    private static int CheckNothingRecordedIsVoid(IReadOnlyList<LogRow> rows)
    {
        int atGrace = 0;
        Fold(rows, row => atGrace += Math.Abs(
            (row.RecordedAt - row.ReadHeaders().OccurredAt - TimeSpan.FromHours(24)).TotalMinutes) < 10 ? 1 : 0);
        return atGrace;
    }

    /// <returns>How many classes were compared.</returns>
    private static async Task<int> CheckClassesAsync(IReadOnlyList<LogRow> rows, LedgerHttp http)
    {
        int compared = 0;
        var last = rows[^1].Event.RecordedAt;
        DateTimeOffset[] times =
        [
            .. new[] { 0.25, 0.5, 0.75, 1 }.Select(part => rows[(int)((rows.Count - 1) * part)].Event.RecordedAt),
            last.AddMinutes(2), last.AddMinutes(20),
        ];
        foreach (var time in times)
        {
            var expected = Fold([.. rows.TakeWhile(r => r.Event.RecordedAt <= time)], _ => { })
                .ToDictionary(p => p.Key, p => p.Value.ClassAt(time));
            (await ClassesAsync(http, time)).ShouldBe(expected, ignoreOrder: true, $"as known at {time:O}");
            compared += expected.Count;
        }
        return compared;
    }

    private static Dictionary<string, PlainPromise> Fold(
        IReadOnlyList<LogRow> rows, Action<StoredEvent> see)
    {
        var promises = new Dictionary<string, PlainPromise>(StringComparer.Ordinal);
        foreach (var row in rows.Select(r => r.Event))
        {
            if (!row.Type.StartsWith("promise_", StringComparison.Ordinal))
                continue;
            see(row);
            var data = JsonElement.Parse(row.Data);
            string id = $"{row.Stream["customer-".Length..]}/{data.Text("promiseId")}";
            if (!promises.TryGetValue(id, out var promise))
                promises[id] = promise = new();
            promise.Take(row.Type, data, row.ReadHeaders().OccurredAt, row.RecordedAt).ShouldBeTrue(
                $"{row.Type} of {id} at {row.Position} is void, though it was accepted");
        }
        return promises;
    }

    private static async Task<Dictionary<string, string>> ClassesAsync(LedgerHttp http, DateTimeOffset asOf)
    {
        var classes = new Dictionary<string, string>(StringComparer.Ordinal);
        string cursor = "";
        while (true)
        {
            var page = await http.GetAsync(
                $"/v1/kept-rate/promises?limit=1000&asOf={LedgerJson.Format(asOf)}{cursor}");
            if (page.Problem == "not_yet_visible")
                continue;
            page.Status.ShouldBe(200, page.Text);
            foreach (var item in page.Items("items"))
                classes.Add($"{item.Text("customerId")}/{item.Text("promiseId")}", item.Text("class")!);
            if (page.Text("next") is not { } next)
                return classes;
            cursor = $"&cursor={Uri.EscapeDataString(next)}";
        }
    }
}
