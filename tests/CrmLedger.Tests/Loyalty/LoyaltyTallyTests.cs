using System.Collections.Immutable;
using CrmLedger.Customers;
using CrmLedger.Loyalty;
using static CrmLedger.Tests.Known;

namespace CrmLedger.Tests.Loyalty;

public class LoyaltyTallyTests
{
    private static readonly DateTimeOffset s_from = Noon;

    [Fact]
    public void Retention_is_the_share_of_those_at_the_beginning_who_are_customers_at_the_end()
    {
        // S = 4 at the beginning, of whom 3 stay and one lapses; N = 3: two who first bought, one won back. E = 6.
        var count = Count(
            (Stage.New, Stage.Established, -30), (Stage.Loyal, Stage.AtRisk, -400), (Stage.AtRisk, Stage.AtRisk, -90),
            (Stage.Established, Stage.Lapsed, -100), (Stage.Prospect, Stage.New, 3), (null, Stage.New, 5),
            (Stage.Lapsed, Stage.AtRisk, -200), (Stage.Prospect, Stage.Prospect, null), (null, null, null));
        (count.Start, count.Retained, count.Lost, count.New, count.WonBack, count.End).ShouldBe((4, 3, 1, 2, 1, 6));
        count.Retention.Rate.ShouldBe(0.75);
        ((double)(count.End - count.New - count.WonBack) / count.Start).ShouldBe(0.75);
    }

    [Fact]
    public void Who_first_bought_as_the_period_began_is_new_and_who_did_earlier_is_won_back()
    {
        var count = Count((Stage.Prospect, Stage.New, 0), (Stage.Lapsed, Stage.AtRisk, -1));
        (count.New, count.WonBack, count.End).ShouldBe((1, 1, 2));
    }

    [Fact]
    public void Who_gave_everything_back_is_lost()
    {
        var count = Count((Stage.New, Stage.Prospect, null));
        (count.Start, count.Lost, count.End).ShouldBe((1, 1, 0));
    }

    [Fact]
    public void Movements_are_counted_from_stage_to_stage()
    {
        var count = Count((Stage.New, Stage.Established, -1), (Stage.New, Stage.Established, -1),
            (null, Stage.Prospect, null), (Stage.Loyal, Stage.Loyal, -1));
        count.Movements.ShouldBe([new(null, Stage.Prospect, 1), new(Stage.New, Stage.Established, 2)]);
        count.Stages.Where(s => s.Value > 0).Select(s => (s.Key, s.Value)).ShouldBe(
            [(Stage.Prospect, 1), (Stage.Established, 2), (Stage.Loyal, 1)]);
    }

    [Fact]
    public void Reasons_and_value_are_added_up()
    {
        var tally = new LoyaltyTally(s_from);
        var value = new CustomerValue("EUR", 1, 100, 20, 0, 0);
        for (int i = 0; i < 2; i++)
        {
            tally.Add(new(Stage.New, Stage.Lapsed, s_from.AddDays(-1), [EndReason.Service, EndReason.Price],
                new Dictionary<string, CustomerValue> { ["EUR"] = value }.ToImmutableSortedDictionary()));
        }
        var count = tally.Result();
        count.ReasonsForLeaving.Select(r => (r.Key, r.Value)).ShouldBe(
            [(EndReason.Price, 2), (EndReason.Service, 2)]);
        count.Value["EUR"].ShouldBe(new("EUR", 2, 200, 40, 0, 0));
    }

    private static LoyaltyCount Count(params (Stage? Before, Stage? After, int? FirstBought)[] customers)
    {
        var tally = new LoyaltyTally(s_from);
        foreach (var (before, after, first) in customers)
        {
            tally.Add(new(before, after, first is { } days ? s_from.AddDays(days) : null, [],
                new Dictionary<string, CustomerValue>().ToImmutableSortedDictionary()));
        }
        return tally.Result();
    }
}
