using CrmLedger.Annulments;
using CrmLedger.Promises;
using CrmLedger.Replays;
using CrmLedger.Trust;
using static CrmLedger.Tests.Known;

namespace CrmLedger.Tests.Replays;

public class CustomerReplayTests
{
    private static readonly Envelope s_registered = Entry(Registered, At(Noon), 1);
    private static readonly Envelope s_made = Entry(Made, At(Noon), 2);
    private static readonly Envelope s_kept = Entry(DeclaredKept, At(Noon.AddHours(1)), 3);

    [Fact]
    public void A_step_tells_what_became_of_the_thing_that_it_is_about()
    {
        var steps = Replayed([s_registered, s_made, s_kept]);
        steps.Select(s => s.Part!.Key).ShouldBe(["customer", "promise/p1", "promise/p1"]);
        (steps[1].Part!.Before, ((Promise)steps[1].Part!.After!).Status).ShouldBe((null, PromiseStatus.Made));
        (StatusOf(steps[2].Part!.Before), StatusOf(steps[2].Part!.After))
            .ShouldBe((PromiseStatus.Made, PromiseStatus.Kept));
    }

    [Fact]
    public void An_annulment_tells_what_the_stream_comes_to_without_the_annulled_entry()
    {
        var annulment = Entry(new EntryAnnulled(s_kept.Id, "a slip"), At(Noon.AddHours(2)), 4);
        var step = Replayed([s_registered, s_made, s_kept, annulment])[3];
        step.Annulled.ShouldBe(s_kept);
        (StatusOf(step.Part!.Before), StatusOf(step.Part.After)).ShouldBe((PromiseStatus.Kept, PromiseStatus.Made));
        step.TrustBefore.Score.Round(4).ShouldBeGreaterThan(50);
        step.TrustAfter.Score.Round(4).ShouldBe(50);
    }

    [Fact]
    public void An_annulment_of_what_had_not_happened_by_then_does_nothing()
    {
        var annulment = Entry(new EntryAnnulled(s_kept.Id, "a slip"), At(Noon.AddHours(2)), 4);
        var step = Replayed([s_registered, s_made, annulment])[2];
        (step.Annulled, step.Part).ShouldBe((null, null));
        step.TrustAfter.ShouldBe(step.TrustBefore);
    }

    [Fact]
    public void Both_scores_of_a_step_are_of_the_time_when_it_was_recorded()
    {
        // What fades between two steps is none of the later one's doing.
        var later = Entry(Touched, At(Noon.AddDays(180)), 4);
        var steps = Replayed([s_registered, s_made, s_kept, later]);
        steps[3].JudgedAt.ShouldBe(Noon.AddDays(180));
        steps[3].TrustBefore.ShouldBe(steps[3].TrustAfter);
        steps[3].TrustBefore.Favourable.ShouldBeInRange(1, steps[2].TrustAfter.Favourable - 1);
    }

    [Fact]
    public void No_score_is_of_a_later_time_than_was_asked_about()
    {
        var imported = Entry(Made, Imported(Noon), 2);
        Replayed([s_registered, imported], until: Noon.AddDays(2)).Select(s => s.JudgedAt)
            .ShouldBe([Noon, Noon.AddDays(2)]);
    }

    [Fact]
    public void A_step_is_judged_by_the_policies_that_were_known_when_it_was_recorded()
    {
        var policies = TrustPolicies.Default.With(2, TrustPolicy.Of(PolicyAdopted));
        var steps = Replayed([s_registered, s_made, s_kept], policies);
        steps[1].TrustAfter.Policy.ShouldBe(TrustPolicy.Default);
        steps[2].TrustBefore.Policy.ShouldBe(TrustPolicy.Of(PolicyAdopted));
    }

    [Fact]
    public void What_is_skipped_counts_as_much_as_what_is_shown()
    {
        var replay = new CustomerReplay(TrustPolicies.Default);
        replay.Skip(s_registered);
        replay.Skip(s_made);
        replay.Take(s_kept).ShouldBe(Replayed([s_registered, s_made, s_kept])[2]);
    }

    [Fact]
    public void Every_event_of_a_customer_is_about_something_that_the_state_knows()
    {
        foreach (var happened in Samples.All.Where(e => e is ICustomerStreamEvent and not EntryAnnulled))
        {
            CustomerPart.KeyOf(happened).ShouldNotBeNull();
            Should.NotThrow(() => CustomerPart.In(CrmLedger.Customers.CustomerStream.Initial, happened));
        }
    }

    [Fact]
    public void An_annulment_is_known_by_whom_when_and_why()
    {
        var annulment = Entry(new EntryAnnulled(s_kept.Id, "a slip"), At(Noon.AddHours(2)), 4);
        KnownAnnulment.In([s_made, s_kept, annulment]).ShouldHaveSingleItem().ShouldBe(new(
            s_kept.Id, new KnownAnnulment("system", Noon.AddHours(2), "a slip", annulment.Id, 3)));
    }

    private static PromiseStatus StatusOf(object? promise) => promise.ShouldBeOfType<Promise>().Status;

    private static List<ReplayStep> Replayed(
        List<Envelope> stream, TrustPolicies? policies = null, DateTimeOffset? until = null)
    {
        var replay = new CustomerReplay(policies ?? TrustPolicies.Default, until);
        return stream.ConvertAll(replay.Take);
    }
}
