using CrmLedger.Annulments;
using CrmLedger.Promises;
using static CrmLedger.Tests.DeciderSpecification;
using static CrmLedger.Tests.Known;

namespace CrmLedger.Tests.Promises;

public class PromiseTests
{
    private static readonly DeciderSpecification s_made = ACustomer.Given(Made);

    [Fact]
    public void A_promise_may_be_made_when_it_is_already_due_and_says_so()
    {
        var late = new MakePromise("p1", "call_back", Secret, Noon - Microsecond, Ana, "north");
        ACustomer.When(late).Then(Made with { DueAt = Noon - Microsecond });
        var state = ACustomer.Given(Made with { DueAt = Noon - Microsecond }).State.Promises["p1"];
        state.MadeAfterDue.ShouldBeTrue();
        state.StatusAt(Noon).ShouldBe(PromiseStatus.Lapsed);
        s_made.State.Promises["p1"].MadeAfterDue.ShouldBeFalse();
    }

    [Fact]
    public void The_first_due_date_stays_and_the_binding_one_moves_by_an_agreement_in_time()
    {
        var agreed = s_made.Given(Proposed).Given(Accepted, Due).State.Promises["p1"];
        (agreed.FirstDue, agreed.BindingDue, agreed.Renegotiations).ShouldBe((Due, NewDue, 1));
        agreed.ProposedDue.ShouldBeNull();
        var again = s_made.Given(Proposed, Accepted, Proposed with { NewDueAt = NewDue.AddDays(1) })
            .Given(Accepted, NewDue).State.Promises["p1"];
        (again.FirstDue, again.BindingDue, again.Renegotiations).ShouldBe((Due, NewDue.AddDays(1), 2));
    }

    [Fact]
    public void A_date_can_be_moved_until_exactly_the_binding_date()
    {
        var ask = new ProposeRenegotiation("p1", NewDue, "parts are late");
        s_made.When(ask, Due).Then(Proposed);
        s_made.When(ask, Due + Microsecond).ThenRejected(RejectionCode.PromisePastDue, "occurredAt");
        s_made.Given(Proposed).When(new AcceptRenegotiation("p1"), Due).Then(Accepted);
        s_made.Given(Proposed).When(new AcceptRenegotiation("p1"), Due + Microsecond)
            .ThenRejected(RejectionCode.PromisePastDue, "occurredAt");
    }

    [Fact]
    public void A_backdated_agreement_counts_only_within_the_recording_grace()
    {
        var accept = new AcceptRenegotiation("p1");
        var lapsed = s_made.Given(Proposed).Given(Lapsed, Due + Microsecond);
        var inGrace = new Moment(Due, Due.AddHours(24), false);
        lapsed.When(accept, inGrace).Then(Accepted);
        lapsed.When(accept, new Moment(Due, Due.AddHours(24) + Microsecond, false))
            .ThenRejected(RejectionCode.PromisePastDue, "occurredAt");
        var overturned = lapsed.Given(Accepted, inGrace).State.Promises["p1"];
        (overturned.Status, overturned.BindingDue).ShouldBe((PromiseStatus.Made, NewDue));
    }

    [Fact]
    public void A_verdict_of_the_clock_stands_while_its_date_binds()
    {
        var refused = s_made.Given(Proposed).Given(Lapsed, Due + Microsecond)
            .Given(new PromiseRenegotiationRefused("p1"));
        refused.State.Promises["p1"].Status.ShouldBe(PromiseStatus.Lapsed);
        refused.When(new LapsePromise("p1"), NewDue).ThenRejected(RejectionCode.PromiseClosed);
    }

    [Fact]
    public void A_moved_promise_lapses_at_its_new_date_only()
    {
        var moved = s_made.Given(Proposed, Accepted);
        moved.When(new LapsePromise("p1"), NewDue).ThenRejected(RejectionCode.NotDueYet);
        moved.When(new LapsePromise("p1"), NewDue + Microsecond).Then(Lapsed);
    }

    [Fact]
    public void A_lapsed_promise_can_still_be_kept() =>
        s_made.Given(Lapsed, Due + Microsecond).When(new DeclarePromiseKept("p1"), NewDue).Then(DeclaredKept);

    [Fact]
    public void A_date_that_has_passed_can_no_longer_be_accepted()
    {
        var sooner = s_made.Given(Proposed with { NewDueAt = Noon.AddHours(6) });
        sooner.When(new AcceptRenegotiation("p1"), Noon.AddHours(6) - Microsecond).Then(Accepted);
        sooner.When(new AcceptRenegotiation("p1"), Noon.AddHours(6))
            .ThenRejected(RejectionCode.DateNotAhead, "occurredAt");
    }

    [Fact]
    public void A_verdict_falls_with_the_agreement_that_it_rested_on_and_can_be_given_again_at_the_old_date()
    {
        var sooner = s_made.Given(Proposed with { NewDueAt = Noon.AddHours(6) }, Accepted)
            .Given(Lapsed, Noon.AddHours(7)).Given(new EntryAnnulled(EventId(4), "a slip"), Noon.AddHours(8));
        var promise = sooner.State.Promises["p1"];
        (promise.Status, promise.BindingDue).ShouldBe((PromiseStatus.Renegotiating, Due));
        sooner.When(new LapsePromise("p1"), Due + Microsecond).Then(Lapsed);
    }

    [Fact]
    public void A_disputed_promise_can_be_kept_again_and_then_confirmed()
    {
        var disputed = s_made.Given(DeclaredKept, Disputed);
        disputed.When(new ConfirmPromise("p1")).ThenRejected(RejectionCode.PromiseNotDeclaredKept);
        disputed.When(new WithdrawPromise("p1", "sold out")).ThenRejected(RejectionCode.PromiseClosed);
        disputed.When(new DeclarePromiseKept("p1")).Then(DeclaredKept);
        var again = disputed.Given(DeclaredKept, NewDue);
        again.When(new ConfirmPromise("p1")).Then(new PromiseConfirmed("p1"));
        (again.State.Promises["p1"].KeptAt, again.State.Promises["p1"].EverDisputed).ShouldBe((NewDue, true));
    }

    [Fact]
    public void What_is_over_takes_nothing_more()
    {
        foreach (var end in new IPromiseEvent[] { new PromiseWithdrawn("p1", "sold out"), new PromiseReleased("p1") })
        {
            var over = s_made.Given(end);
            over.When(new DeclarePromiseKept("p1")).ThenRejected(RejectionCode.PromiseClosed);
            over.When(new ReleasePromise("p1")).ThenRejected(RejectionCode.PromiseClosed);
            over.When(new ReassignPromise("p1", Ben, "south", "holiday")).ThenRejected(RejectionCode.PromiseClosed);
            over.When(new LapsePromise("p1"), NewDue).ThenRejected(RejectionCode.PromiseClosed);
        }
    }

    [Fact]
    public void The_maker_stays_on_record_when_another_takes_over()
    {
        var promise = s_made.Given(new PromiseReassigned("p1", Ana, Ben, "south", "holiday")).State.Promises["p1"];
        (promise.MakerId, promise.MakerTeam).ShouldBe((Ana, "north"));
        (promise.HolderId, promise.HolderTeam).ShouldBe((Ben, "south"));
    }

    [Fact]
    public void A_miss_is_explained_only_where_there_is_one()
    {
        var explain = new ExplainMiss("p1", MissCause.Capacity);
        var explained = new PromiseMissExplained("p1", MissCause.Capacity);
        s_made.When(explain, Due).ThenRejected(RejectionCode.NotMissed);
        s_made.When(explain, Due + Microsecond).Then(explained);
        s_made.Given(DeclaredKept, Due).When(explain, NewDue).ThenRejected(RejectionCode.NotMissed);
        s_made.Given(DeclaredKept, Due + Microsecond).When(explain, NewDue).Then(explained);
        s_made.Given(new PromiseReleased("p1"), Due).When(explain, NewDue).ThenRejected(RejectionCode.NotMissed);
        s_made.Given(new PromiseReleased("p1"), Due + Microsecond).When(explain, NewDue).Then(explained);
        s_made.Given(new PromiseWithdrawn("p1", "sold out")).When(explain).Then(explained);
        s_made.Given(DeclaredKept, Disputed).When(explain).Then(explained);
        var sooner = s_made.Given(Proposed with { NewDueAt = Noon.AddHours(6) }, Accepted);
        sooner.When(explain, Noon.AddHours(6)).ThenRejected(RejectionCode.NotMissed);
        sooner.When(explain, Noon.AddHours(6) + Microsecond).Then(explained);
    }

    [Fact]
    public void Promises_of_one_customer_do_not_touch_each_other()
    {
        var two = s_made.Given(Made with { PromiseId = "p2" }, DeclaredKept).State;
        two.Promises["p1"].Status.ShouldBe(PromiseStatus.Kept);
        two.Promises["p2"].Status.ShouldBe(PromiseStatus.Made);
    }
}
