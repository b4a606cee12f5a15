using System.Diagnostics;
using System.Globalization;
using CrmLedger.Campaigns.Model;
using CrmLedger.PostgresTests;
using CrmLedger.PostgresTests.Appending;
using Xunit.Abstractions;

namespace CrmLedger.Campaigns;

/// <summary>The real ledger against one that is too simple to be wrong.</summary>
public sealed class ModelCampaignTests(ITestOutputHelper output)
{
    private const int Steps = 50;
    private static readonly DateTimeOffset s_start = new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero);

    /// <summary>Every refusal that a client can meet in what is asked here.</summary>
    private static readonly string[] s_codes =
    [
        "customer_unknown", "customer_exists", "customer_merged", "customer_not_merged",
        "customer_merged_into_itself", "nothing_to_correct", "relationship_ended", "relationship_not_ended",
        "promise_unknown", "promise_exists", "promise_closed", "promise_past_due", "promise_not_declared_kept",
        "promise_already_confirmed", "no_date_proposed", "date_not_ahead", "not_missed", "touchpoint_unknown",
        "touchpoint_exists", "concern_unknown", "concern_exists", "concern_already_acknowledged",
        "concern_already_resolved", "concern_not_resolved", "follow_up_unknown", "follow_up_exists",
        "follow_up_closed", "feedback_unknown", "feedback_exists", "feedback_not_received",
        "feedback_already_acted_upon", "feedback_outcome_already_told", "score_missing", "score_out_of_range",
        "score_not_taken", "comment_missing", "preference_unknown", "solution_unknown", "solution_exists",
        "solution_answered", "purchase_unknown", "purchase_exists", "purchase_already_returned", "return_above_rest",
        "listed_twice", "member_unknown", "entry_unknown", "entry_annulled", "entry_not_annullable", "stale_version",
        "event_id_reused", "invalid_request",
    ];

    [Fact]
    public async Task The_ledger_answers_and_tells_what_a_plain_reference_does_whatever_is_asked()
    {
        var campaign = new Campaign("ModelCampaign", output);
        int wanted = Campaign.Size(small: 60, full: 20_000);
        var clock = new TestClock(s_start);
        var server = new RunningLedger { Clock = clock, WatchesDeadlines = false };
        await server.InitializeAsync();
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 64 })
        {
            BaseAddress = server.Url,
        };
        var cohort = new Cohort(server, clock, s_start, http);
        var took = Stopwatch.StartNew();
        for (int first = 0; first < wanted; first += Cohort.Most)
        {
            var shown = RandomSteps.Clock(campaign.Random, s_start, Steps);
            var draw = new RandomSteps(campaign.Random, shown);
            var sequences = Enumerable.Range(first, Math.Min(Cohort.Most, wanted - first)).Select(draw.Draw).ToList();
            var past = shown[campaign.Random.Next(Steps)];
            if (await cohort.PlayAsync(sequences, past) is [var mismatch, ..])
                Assert.Fail(await ShrinkAsync(cohort, mismatch, past));
        }
        took.Stop();
        await server.DisposeAsync();

        string[] refusals = [.. s_codes.Select(code => $"refused {code}")];
        cohort.Answers.Keys.ShouldBeSubsetOf([.. refusals, .. RandomFields.Names, "repeated"]);
        if (Campaign.IsFull)
            refusals.Concat(RandomFields.Names).ShouldBeSubsetOf(cohort.Answers.Keys, "something never came about");
        int commands = wanted * Steps;
        campaign.Say("commands", string.Create(CultureInfo.InvariantCulture,
            $"{commands:N0} in {wanted:N0} sequences, {commands / took.Elapsed.TotalSeconds:N0}/s with all comparing"));
        int refused = cohort.Answers.Where(a => refusals.Contains(a.Key)).Sum(a => a.Value);
        int repeated = cohort.Answers["repeated"];
        campaign.Say("answers", $"{cohort.Answers.Values.Sum() - refused - repeated:N0} recorded, {repeated:N0} "
            + $"repeated, {refused:N0} refused for {cohort.Answers.Keys.Count(refusals.Contains)} different reasons");
        campaign.Say("least given", string.Join(", ", cohort.Answers.OrderBy(a => a.Value).Take(8)
            .Select(a => $"{a.Key} {a.Value:N0}")));
        campaign.Say("compared", $"{cohort.Compared:N0} answers, events of histories, rows of views, and kept rates");
        campaign.SayBound("sequences", wanted);
        await campaign.WriteAsync("""
            Does the ledger, over HTTP and on PostgreSQL, answer each of 50 random commands to two or three customers as
            a reference does that keeps plain lists and judges everything anew each time: the same events at the same
            versions and times, the same refusals? Do its views, now and as known in the past, and its histories say
            the same afterwards?
            """);
    }

    /// <summary>Takes steps out, many at once and then fewer, for as long as it still differs.</summary>
    private static async Task<string> ShrinkAsync(Cohort cohort, Mismatch mismatch, DateTimeOffset past)
    {
        if (await cohort.PlayAsync([mismatch.Sequence], past) is not [var smallest])
            return $"{mismatch.What}\nOnly beside other sequences, in:\n{mismatch.Sequence}";
        for (int cut = Steps / 2; cut > 0; cut /= 2)
        {
            for (int from = 0; from < smallest.Sequence.Steps.Count;)
            {
                var steps = smallest.Sequence.Steps;
                var fewer = smallest.Sequence with { Steps = [.. steps.Take(from), .. steps.Skip(from + cut)] };
                if (await cohort.PlayAsync([fewer], past) is [var still])
                    smallest = still;
                else
                    from += cut;
            }
        }
        return $"{smallest.What}\nafter no more than\n{smallest.Sequence}";
    }
}
