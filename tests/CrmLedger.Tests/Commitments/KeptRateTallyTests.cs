using System.Collections.Immutable;
using System.Text.Json;
using CrmLedger.Commitments;
using CrmLedger.Promises;
using FsCheck;
using FsCheck.Fluent;
using static CrmLedger.Tests.Known;

namespace CrmLedger.Tests.Commitments;

public class KeptRateTallyTests
{
    private static readonly DateTimeOffset s_asOf = Noon.AddDays(10);

    /// <summary>One promise of each class and two that are late by 10 s and 21 s more, to two customers.</summary>
    private static readonly Promise[] s_promises =
    [
        A((DeclaredKept, Due)),
        A((Proposed, Noon), (Accepted, Noon), (DeclaredKept, NewDue)),
        A((DeclaredKept, Due.AddSeconds(5))),
        A((DeclaredKept, Due.AddSeconds(10)), (new PromiseMissExplained("p1", MissCause.Capacity), Due.AddDays(1))),
        A((DeclaredKept, Due.AddSeconds(21)), (new PromiseMissExplained("p1", MissCause.Capacity), Due.AddDays(1))),
        A((DeclaredKept, Noon), (Disputed, Noon), (DeclaredKept, Noon)),
        A((new PromiseWithdrawn("p1", "sold out"), Noon), (new PromiseMissExplained("p1", MissCause.Product), Noon)),
        A((new PromiseReleased("p1"), Noon)),
        A((Proposed with { NewDueAt = s_asOf + Microsecond }, Noon), (Accepted, Noon)),
        A(),
        A() with { FirstDue = s_asOf + Microsecond, Imported = true, RecordedLate = true },
        A() with { Imported = true, RecordedLate = true },
    ];

    [Fact]
    public void Every_count_is_named_and_every_rate_names_its_denominator()
    {
        var result = Tally(s_promises).Result();
        result.KeptFirstDate.ShouldBe(1);
        result.KeptAgreedDate.ShouldBe(1);
        result.KeptLate.ShouldBe(4);
        result.Broken.ShouldBe(1);
        result.Released.ShouldBe(1);
        result.MovedByAgreement.ShouldBe(1);
        result.Overdue.ShouldBe(2);
        result.NotYetDue.ShouldBe(1);
        result.N.ShouldBe(10);
        result.Strict.ShouldBe(new Share(1, 10));
        result.Agreed.ShouldBe(new Share(2, 9));
        result.Renegotiated.ShouldBe(new Share(2, 10));
        result.MissCauses.ShouldBe([new(MissCause.Capacity, 2), new(MissCause.Product, 1)]);
        result.Imported.ShouldBe(1);
        result.RecordedLate.ShouldBe(1);
        result.Made.ShouldBe(12);
        result.Customers.ShouldBe(2);
        result.MadePerCustomer.ShouldBe(6);
    }

    [Fact]
    public void A_cause_is_counted_only_where_the_miss_still_stands()
    {
        var explained = (new PromiseMissExplained("p1", MissCause.Forgotten), Due + Microsecond);
        var missed = A((Lapsed, Due + Microsecond), explained);
        Causes(missed).ShouldBe([new(MissCause.Forgotten, 1)]);
        var inTime = Promise.Evolve(missed, DeclaredKept, new Moment(Due, Due.AddHours(1), false))!;
        Causes(inTime).ShouldBeEmpty("the declaration overturned the verdict");
    }

    [Fact]
    public void Median_lateness_is_the_middle_one_or_the_mean_of_the_middle_two()
    {
        Tally(s_promises).Result().MedianLatenessSeconds.ShouldBe(10);
        Tally(s_promises[..4]).Result().MedianLatenessSeconds.ShouldBe(7.5);
        Tally(s_promises[..2]).Result().MedianLatenessSeconds.ShouldBeNull();
    }

    [Fact]
    public void A_rate_of_nothing_is_no_number()
    {
        var nothing = new KeptRateTally(s_asOf).Result();
        nothing.Strict.Rate.ShouldBeNull();
        nothing.Agreed.Rate.ShouldBeNull();
        nothing.MadePerCustomer.ShouldBeNull();
    }

    [Fact]
    public void Neither_order_nor_splitting_changes_the_result()
    {
        string expected = Written(Tally(s_promises));
        var cases = from order in Gen.Shuffle(Enumerable.Range(0, s_promises.Length).ToArray())
                    from cut in Gen.Choose(0, s_promises.Length)
                    select (order, cut);
        Prop.ForAll(cases.ToArbitrary(), split =>
        {
            var first = Tally(split.order[..split.cut]);
            var second = Tally(split.order[split.cut..]);
            if (split.cut % 2 == 0)
                (first, second) = (second, first);
            first.Merge(second);
            return Written(first) == expected;
        }).Check(Config.QuickThrowOnFailure);
    }

    private static ImmutableSortedDictionary<MissCause, long> Causes(Promise promise)
    {
        var tally = new KeptRateTally(s_asOf);
        tally.Add(0, CountedCommitment.Of(promise));
        return tally.Result().MissCauses;
    }

    private static KeptRateTally Tally(IReadOnlyList<Promise> promises) =>
        Tally([.. promises.Select(p => Array.IndexOf(s_promises, p))]);

    private static KeptRateTally Tally(int[] indexes)
    {
        var tally = new KeptRateTally(s_asOf);
        foreach (int i in indexes)
            tally.Add(i % 2, CountedCommitment.Of(s_promises[i]));
        return tally;
    }

    private static string Written(KeptRateTally tally) => JsonSerializer.Serialize(tally.Result(), LedgerJson.Options);

    private static Promise A(params IEnumerable<(IPromiseEvent Happened, DateTimeOffset Time)> after) =>
        after.Aggregate(Promise.Evolve(null, Made, At(Noon))!, (p, e) => Promise.Evolve(p, e.Happened, At(e.Time))!);
}
