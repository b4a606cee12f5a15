using CrmLedger.Commitments;
using CrmLedger.FollowUps;
using CrmLedger.Promises;
using static CrmLedger.Commitments.KeptClass;
using static CrmLedger.Tests.Known;

namespace CrmLedger.Tests.Commitments;

/// <summary>
/// For every class a promise that lands in it and one that misses it by a microsecond or by one event.
/// </summary>
public class KeptRateTests
{
    private static readonly DateTimeOffset s_asOf = Noon.AddDays(10);

    [Fact]
    public void Kept_exactly_at_the_first_due_date_is_K1_and_a_microsecond_later_is_late()
    {
        Class(s_asOf, (Made, Noon), (DeclaredKept, Due)).ShouldBe(KeptFirstDate);
        Class(s_asOf, (Made, Noon), (DeclaredKept, Due + Microsecond)).ShouldBe(KeptLate);
    }

    [Fact]
    public void Kept_exactly_at_the_agreed_date_is_K2_and_a_microsecond_later_is_late()
    {
        Class(s_asOf, (Made, Noon), (Proposed, Noon), (Accepted, Due), (DeclaredKept, NewDue)).ShouldBe(KeptAgreedDate);
        Class(s_asOf, (Made, Noon), (Proposed, Noon), (Accepted, Due), (DeclaredKept, NewDue + Microsecond))
            .ShouldBe(KeptLate);
    }

    [Fact]
    public void Kept_by_the_first_date_after_a_later_one_was_agreed_is_K1() =>
        Class(s_asOf, (Made, Noon), (Proposed, Noon), (Accepted, Noon), (DeclaredKept, Due)).ShouldBe(KeptFirstDate);

    [Fact]
    public void An_agreement_a_microsecond_after_the_old_date_does_not_move_it() =>
        Class(s_asOf, (Made, Noon), (Proposed, Noon), (Accepted, Due + Microsecond), (DeclaredKept, NewDue))
            .ShouldBe(KeptLate);

    [Fact]
    public void An_earlier_date_that_was_agreed_binds()
    {
        var sooner = Proposed with { NewDueAt = Due.AddHours(-6) };
        Class(s_asOf, (Made, Noon), (sooner, Noon), (Accepted, Noon), (DeclaredKept, sooner.NewDueAt))
            .ShouldBe(KeptFirstDate);
        Class(s_asOf, (Made, Noon), (sooner, Noon), (Accepted, Noon), (DeclaredKept, sooner.NewDueAt + Microsecond))
            .ShouldBe(KeptLate);
    }

    [Fact]
    public void Kept_again_after_a_dispute_is_late_however_early()
    {
        Class(s_asOf, (Made, Noon), (DeclaredKept, Noon), (Disputed, Noon)).ShouldBe(Broken);
        Class(s_asOf, (Made, Noon), (DeclaredKept, Noon), (Disputed, Noon), (DeclaredKept, Noon)).ShouldBe(KeptLate);
    }

    [Fact]
    public void Withdrawn_is_broken_even_in_time() =>
        Class(s_asOf, (Made, Noon), (new PromiseWithdrawn("p1", "sold out"), Noon)).ShouldBe(Broken);

    [Fact]
    public void Released_exactly_at_the_binding_date_is_X_and_a_microsecond_later_is_broken()
    {
        Class(s_asOf, (Made, Noon), (new PromiseReleased("p1"), Due)).ShouldBe(Released);
        Class(s_asOf, (Made, Noon), (new PromiseReleased("p1"), Due + Microsecond)).ShouldBe(Broken);
        Class(s_asOf, (Made, Noon), (Proposed, Noon), (Accepted, Noon), (new PromiseReleased("p1"), NewDue))
            .ShouldBe(Released);
    }

    [Fact]
    public void Open_until_the_agreed_date_is_R_and_from_that_date_on_O()
    {
        Class(NewDue - Microsecond, (Made, Noon), (Proposed, Noon), (Accepted, Noon)).ShouldBe(MovedByAgreement);
        Class(NewDue, (Made, Noon), (Proposed, Noon), (Accepted, Noon)).ShouldBe(Overdue);
        Class(s_asOf, (Made, Noon), (Proposed, Noon)).ShouldBe(Overdue);
        Class(s_asOf, (Made, Noon), (Lapsed, Due + Microsecond)).ShouldBe(Overdue);
    }

    [Fact]
    public void A_promise_is_counted_from_its_first_due_date_on_whatever_was_agreed_or_done()
    {
        Class(Due - Microsecond, (Made, Noon)).ShouldBeNull();
        Class(Due, (Made, Noon)).ShouldBe(Overdue);
        Class(Due - Microsecond, (Made, Noon), (DeclaredKept, Noon)).ShouldBeNull();
        Class(Due, (Made, Noon), (DeclaredKept, Noon)).ShouldBe(KeptFirstDate);
        Class(Due - Microsecond, (Made, Noon), (new PromiseWithdrawn("p1", "sold out"), Noon)).ShouldBeNull();
    }

    [Fact]
    public void A_declaration_in_time_overturns_the_clocks_verdict() => Class(s_asOf,
        (Made, At(Noon)), (Lapsed, At(Due + Microsecond)), (DeclaredKept, Late(Due, TimeSpan.FromHours(24))))
        .ShouldBe(KeptFirstDate);

    [Fact]
    public void Backdating_beyond_the_recording_grace_gains_nothing() => Class(s_asOf,
        (Made, At(Noon)), (DeclaredKept, Late(Due, TimeSpan.FromHours(24) + Microsecond))).ShouldBe(KeptLate);

    [Fact]
    public void What_an_import_brings_counts_from_when_it_happened()
    {
        Class(s_asOf, (Made, Imported(Noon)), (DeclaredKept, Imported(Due))).ShouldBe(KeptFirstDate);
        Class(s_asOf, (Made, Imported(Due)), (DeclaredKept, Imported(Due))).ShouldBe(KeptFirstDate);
        Class(s_asOf, (Made, Imported(Due + Microsecond)), (DeclaredKept, Imported(Due + Microsecond)))
            .ShouldBe(KeptLate, "it was made after its own due date, by the importer's own word");
    }

    [Fact]
    public void What_counts_by_an_importers_word_says_so_also_where_the_promise_was_made_here()
    {
        Fold((Made, At(Noon)), (DeclaredKept, At(Due))).Imported.ShouldBeFalse();
        Fold((Made, At(Noon)), (DeclaredKept, Imported(Due))).Imported.ShouldBeTrue();
        Fold((Made, At(Noon)), (new PromiseReleased("p1"), Imported(Due))).Imported.ShouldBeTrue();
        Fold((Made, At(Noon)), (Proposed, At(Noon)), (Accepted, Imported(Noon))).Imported.ShouldBeTrue();
        Fold((Made, At(Noon)), (new PromiseReassigned("p1", Ana, Ben, "south", "holiday"), Imported(Noon)))
            .Imported.ShouldBeFalse("nothing is judged by it");
        Fold((Made, At(Noon)), (new PromiseReleased("p1"), Late(Noon, TimeSpan.FromHours(25))))
            .RecordedLate.ShouldBeTrue();
    }

    [Fact]
    public void A_promise_recorded_after_its_own_due_date_was_never_kept_in_time()
    {
        var kept = (DeclaredKept, Late(Due.AddMinutes(-1), TimeSpan.FromHours(1)));
        Class(s_asOf, (Made, At(Due)), kept).ShouldBe(KeptFirstDate);
        Class(s_asOf, (Made, At(Due + Microsecond)), kept).ShouldBe(KeptLate);
        // A claim to have made it in time does not help, though it is within the recording grace.
        Class(s_asOf, (Made, new Moment(Noon, Due, false)), kept).ShouldBe(KeptFirstDate);
        Class(s_asOf, (Made, new Moment(Noon, Due + Microsecond, false)), kept).ShouldBe(KeptLate);
    }

    [Fact]
    public void A_follow_up_counts_by_the_same_table()
    {
        var moved = new FollowUpRescheduled("f1", NewDue, "no answer", true);
        Class(Due, (Scheduled, Noon), (Completed, Due)).ShouldBe(KeptFirstDate);
        Class(Due, (Scheduled, Noon), (Completed, Due + Microsecond)).ShouldBe(KeptLate);
        Class(Due - Microsecond, (Scheduled, Noon), (Completed, Noon)).ShouldBeNull();
        Class(Due, (Scheduled, Noon), (moved, Due), (Completed, NewDue)).ShouldBe(KeptAgreedDate);
        Class(Due, (Scheduled, Noon), (moved, Due + Microsecond), (Completed, NewDue)).ShouldBe(KeptLate);
        Class(Due, (Scheduled, Noon), (moved with { AgreedWithCustomer = false }, Noon), (Completed, NewDue))
            .ShouldBe(KeptLate);
        Class(NewDue - Microsecond, (Scheduled, Noon), (moved, Due)).ShouldBe(MovedByAgreement);
        Class(NewDue, (Scheduled, Noon), (moved, Due)).ShouldBe(Overdue);
        Class(Due, (Scheduled, Noon), (new FollowUpCancelled("f1", "moot"), Noon)).ShouldBe(Broken);
    }

    private static Promise Fold(params IEnumerable<(IPromiseEvent Happened, Moment At)> events) =>
        events.Aggregate((Promise?)null, (promise, e) => Promise.Evolve(promise, e.Happened, e.At))!;

    private static Moment Late(DateTimeOffset time, TimeSpan by) => new(time, time + by, false);

    private static KeptClass? Class(DateTimeOffset asOf, params IEnumerable<(IEvent, DateTimeOffset)> events) =>
        Class(asOf, events.Select(e => (e.Item1, At(e.Item2))));

    private static KeptClass? Class(DateTimeOffset asOf, params IEnumerable<(IEvent, Moment)> events)
    {
        Promise? promise = null;
        FollowUp? followUp = null;
        foreach (var (happened, at) in events)
        {
            if (happened is IPromiseEvent p)
                promise = Promise.Evolve(promise, p, at);
            else
                followUp = FollowUp.Evolve(followUp, (IFollowUpEvent)happened, at);
        }
        return promise is null ? KeptRate.Classify(followUp!, asOf) : KeptRate.Classify(promise, asOf);
    }
}
