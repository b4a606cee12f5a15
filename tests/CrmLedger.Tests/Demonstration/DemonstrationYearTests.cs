using CrmLedger.Commitments;
using CrmLedger.Concerns;
using CrmLedger.Customers;
using CrmLedger.FollowUps;
using CrmLedger.Members;
using CrmLedger.Promises;
using CrmLedger.Server.Demonstration;
using CrmLedger.Touchpoints;

namespace CrmLedger.Tests.Demonstration;

public class DemonstrationYearTests
{
    private static readonly DateOnly s_end = new(2026, 11, 23);
    private static readonly PlayedYear s_year = PlayedYear.Of(s_end);

    private static readonly string[] s_notThere =
        ["customer_unmerged", "entry_annulled", "import_declared", "import_completed", "trust_policy_adopted"];

    /// <summary>Ends on every day of the week, in a leap year and around New Year, and other seeds.</summary>
    public static TheoryData<int, int> Years
    {
        get
        {
            var years = new TheoryData<int, int>();
            for (int day = 0; day < 7; day++)
                years.Add(s_end.DayNumber + day, 2026);
            years.Add(new DateOnly(2028, 2, 29).DayNumber, 2026);
            years.Add(new DateOnly(2027, 1, 1).DayNumber, 2026);
            for (int seed = -3; seed < 10; seed++)
                years.Add(s_end.DayNumber + 31 * seed, seed);
            return years;
        }
    }

    [Fact]
    public void The_same_arguments_give_the_same_lines() =>
        DemonstrationYear.Lines(s_end, PlayedYear.ImportId).ShouldBe(s_year.Lines);

    [Fact]
    public void Another_seed_gives_another_year() =>
        DemonstrationYear.Lines(s_end, PlayedYear.ImportId, 1).ShouldNotBe(s_year.Lines);

    [Theory]
    [MemberData(nameof(Years))]
    public void No_line_is_rejected(int dayNumber, int seed) => Of(dayNumber, seed).Rejected.ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Years))]
    public void Every_event_that_can_be_asked_for_occurs(int dayNumber, int seed) =>
        LedgerCommands.EventNames.Except(s_notThere).Except(Of(dayNumber, seed).Log.Select(e => e.Type))
            .ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Years))]
    public void Every_class_of_the_kept_rate_has_promises(int dayNumber, int seed)
    {
        var rate = KeptRateOf(Of(dayNumber, seed), _ => true);
        long[] classes =
        [
            rate.KeptFirstDate, rate.KeptAgreedDate, rate.KeptLate, rate.Broken, rate.Released, rate.MovedByAgreement,
            rate.Overdue, rate.NotYetDue,
        ];
        classes.ShouldAllBe(n => n > 0);
        rate.MissCauses.Keys.ShouldBe(Enum.GetValues<MissCause>());
    }

    [Theory]
    [MemberData(nameof(Years))]
    public void Every_turn_of_a_promise_occurs(int dayNumber, int seed)
    {
        var turns = Of(dayNumber, seed).Customers.SelectMany(c => c.Stream.Promises.Values).ToList();
        turns.ShouldContain(p => p.Status == PromiseStatus.Kept && p.Confirmed && !p.EverDisputed);
        turns.ShouldContain(p => p.Status == PromiseStatus.Kept && p.EverDisputed);
        turns.ShouldContain(p => p.Status == PromiseStatus.Kept && p.KeptAt > p.BindingDue && p.Renegotiations == 0);
        turns.ShouldContain(p => p.Status == PromiseStatus.Kept && p.KeptAt > p.FirstDue && p.Renegotiations > 0);
        turns.ShouldContain(p => p.Status == PromiseStatus.Disputed);
        turns.ShouldContain(p => p.Status == PromiseStatus.Withdrawn);
        turns.ShouldContain(p => p.Status == PromiseStatus.Released && p.ReleasedAt <= p.BindingDue);
        turns.ShouldContain(p => p.Status == PromiseStatus.Released && p.ReleasedAt > p.BindingDue);
        turns.ShouldContain(p => p.Status == PromiseStatus.Renegotiating);
        turns.ShouldContain(p => p.HolderId != p.MakerId);
    }

    [Theory]
    [MemberData(nameof(Years))]
    public void The_views_have_commitments_that_are_open_overdue_and_not_yet_due(int dayNumber, int seed)
    {
        var year = Of(dayNumber, seed);
        var promises = year.Customers.SelectMany(c => c.Stream.Promises.Values).Where(p => p.IsOpen).ToList();
        promises.ShouldContain(p => p.BindingDue > year.End);
        promises.ShouldContain(p => p.BindingDue < year.End);
        var followUps = year.Customers.SelectMany(c => c.Stream.FollowUps.Values).Where(f => f.IsOpen).ToList();
        followUps.ShouldContain(f => f.BindingDue > year.End);
        followUps.ShouldContain(f => f.BindingDue < year.End);
        Enum.GetValues<FollowUpStatus>().Except([FollowUpStatus.Missed])
            .Except(year.Customers.SelectMany(c => c.Stream.FollowUps.Values).Select(f => f.Status)).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Years))]
    public void Nothing_happens_outside_the_year_and_the_lines_come_in_its_order(int dayNumber, int seed)
    {
        var year = Of(dayNumber, seed);
        DateTimeOffset[] times = [.. year.Log.Select(e => e.Moment.OccurredAt)];
        times.ShouldBe(times.Order());
        times[0].ShouldBeGreaterThanOrEqualTo(year.End.AddYears(-1));
        times[^1].ShouldBeLessThan(year.End);
        year.Log.TakeWhile(e => e.Data is MemberJoined).Count().ShouldBe(year.Log.Count(e => e.Data is MemberJoined));
        year.Log.Select(e => e.Id).ShouldBeUnique();
    }

    [Theory]
    [MemberData(nameof(Years))]
    public void The_teams_keep_their_word_differently_well(int dayNumber, int seed)
    {
        var year = Of(dayNumber, seed);
        double[] agreed = [.. new[] { "heating", "solar", "kitchens" }
            .Select(team => KeptRateOf(year, p => p.MakerTeam == team).Agreed.Rate!.Value)];
        agreed.ShouldBe(agreed.OrderDescending());
        (agreed[0] - agreed[2]).ShouldBeGreaterThan(0.2);
    }

    /// <summary>An import may refer to what is not there, so the deciders would not tell.</summary>
    [Fact]
    public void What_is_referred_to_was_there_before()
    {
        var there = new HashSet<(string, string)>();
        foreach (var entry in s_year.Log)
        {
            (string? touchpoint, string? concern) = entry.Data switch
            {
                PromiseMade e => (e.TouchpointId, e.ConcernId),
                FollowUpScheduled e => (e.TouchpointId, null),
                FollowUpCompleted e => (e.TouchpointId, null),
                _ => (null, null),
            };
            string[] named = [.. new[] { touchpoint, concern }.OfType<string>()];
            named.Where(id => !there.Contains((entry.Stream, id))).ShouldBeEmpty();
            if (entry.Data is TouchpointRecorded { TouchpointId: var t })
                there.Add((entry.Stream, t));
            if (entry.Data is ConcernRaised { ConcernId: var c })
                there.Add((entry.Stream, c));
        }
    }

    /// <summary>A bulk append looks for the customer who stays in the log, not in its own batch.</summary>
    [Theory]
    [MemberData(nameof(Years))]
    public void The_customer_who_was_entered_twice_is_merged_into_one_that_an_earlier_batch_brought(
        int dayNumber, int seed)
    {
        var year = Of(dayNumber, seed);
        var merged = year.Log.Single(e => e.Data is CustomerMergedInto);
        string stays = $"customer-{((CustomerMergedInto)merged.Data).CustomerId}";
        long registered = year.Log.Single(e => e.Stream == stays && e.Data is CustomerRegistered).Position;
        long chunk = merged.Position / DemonstrationTenant.ChunkLines;
        (registered / DemonstrationTenant.ChunkLines).ShouldBeLessThan(chunk);
    }

    [Fact]
    public void It_is_a_year_of_a_small_business()
    {
        s_year.Customers.Count().ShouldBe(61);
        s_year.Customers.Sum(c => c.Stream.Promises.Count).ShouldBeInRange(250, 400);
        s_year.Lines.Count.ShouldBeInRange(2_000, 5_000);
        s_year.Lines.ShouldAllBe(line => !line.Contains('\n') && line.Contains(PlayedYear.ImportId.ToString()));
    }

    private static PlayedYear Of(int dayNumber, int seed) => PlayedYear.Of(DateOnly.FromDayNumber(dayNumber), seed);

    private static KeptRateResult KeptRateOf(PlayedYear year, Func<Promise, bool> which)
    {
        var tally = new KeptRateTally(year.End);
        foreach (var (customer, (_, stream)) in year.Customers.Index())
        {
            foreach (var promise in stream.Promises.Values.Where(which))
                tally.Add(customer, CountedCommitment.Of(promise));
        }
        return tally.Result();
    }
}
