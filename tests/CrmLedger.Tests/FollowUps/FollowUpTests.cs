using CrmLedger.FollowUps;
using static CrmLedger.Tests.DeciderSpecification;
using static CrmLedger.Tests.Known;

namespace CrmLedger.Tests.FollowUps;

public class FollowUpTests
{
    private static readonly DeciderSpecification s_scheduled = ACustomer.Given(Scheduled);
    private static readonly FollowUpRescheduled s_agreed = new("f1", NewDue, "no answer", true);

    [Fact]
    public void An_agreement_exactly_at_the_old_date_moves_it_and_a_microsecond_later_does_not()
    {
        var moved = s_scheduled.Given(s_agreed, Due).State.FollowUps["f1"];
        (moved.FirstDue, moved.BindingDue, moved.PlannedDue, moved.Renegotiations).ShouldBe((Due, NewDue, null, 1));
        var late = s_scheduled.Given(s_agreed, Due + Microsecond).State.FollowUps["f1"];
        (late.FirstDue, late.BindingDue, late.PlannedDue, late.Renegotiations).ShouldBe((Due, Due, NewDue, 0));
    }

    [Fact]
    public void Without_the_customers_agreement_a_date_is_only_planned()
    {
        var planned = s_scheduled.Given(s_agreed with { AgreedWithCustomer = false }).State.FollowUps["f1"];
        (planned.BindingDue, planned.PlannedDue, planned.Renegotiations).ShouldBe((Due, NewDue, 0));
        var agreedAfterAll = s_scheduled.Given(s_agreed with { AgreedWithCustomer = false }, s_agreed)
            .State.FollowUps["f1"];
        (agreedAfterAll.BindingDue, agreedAfterAll.PlannedDue).ShouldBe((NewDue, null));
    }

    [Fact]
    public void A_new_date_lies_ahead()
    {
        s_scheduled.When(new RescheduleFollowUp("f1", Due, "no answer", true), Due)
            .ThenRejected(RejectionCode.DateNotAhead, "newDueAt");
        s_scheduled.When(new RescheduleFollowUp("f1", Due + Microsecond, "no answer", true), Due)
            .Then(s_agreed with { NewDueAt = Due + Microsecond });
    }

    [Fact]
    public void It_is_missed_a_microsecond_after_its_binding_date_and_once_only()
    {
        s_scheduled.When(new MarkFollowUpMissed("f1"), Due).ThenRejected(RejectionCode.NotDueYet);
        var missed = s_scheduled.Given(new FollowUpMissed("f1"), Due + Microsecond);
        missed.When(new MarkFollowUpMissed("f1"), NewDue).ThenRejected(RejectionCode.FollowUpClosed);
        missed.When(new CompleteFollowUp("f1"), NewDue).Then(Completed);
    }

    [Fact]
    public void An_agreement_before_the_date_overturns_a_miss_that_the_clock_found_meanwhile()
    {
        var missed = s_scheduled.Given(new FollowUpMissed("f1"), Due + Microsecond);
        missed.Given(s_agreed, new Moment(Due, Due.AddHours(1), false)).State.FollowUps["f1"].Status
            .ShouldBe(FollowUpStatus.Scheduled);
        missed.Given(s_agreed, Due.AddHours(1)).State.FollowUps["f1"].Status.ShouldBe(FollowUpStatus.Missed);
    }

    [Fact]
    public void Completion_counts_at_its_effective_time()
    {
        var late = new Moment(Due, Due.AddHours(24) + Microsecond, false);
        var completed = s_scheduled.Given(Completed, late).State.FollowUps["f1"];
        (completed.CompletedAt, completed.RecordedLate).ShouldBe((late.RecordedAt, true));
        var imported = s_scheduled.Given(Completed, Imported(Due)).State.FollowUps["f1"];
        (imported.CompletedAt, imported.RecordedLate).ShouldBe((Due, false));
    }

    [Fact]
    public void What_is_over_takes_nothing_more()
    {
        var cancelled = s_scheduled.Given(new FollowUpCancelled("f1", "moot"));
        cancelled.When(new CompleteFollowUp("f1")).ThenRejected(RejectionCode.FollowUpClosed);
        cancelled.When(new RescheduleFollowUp("f1", NewDue, "no answer", true))
            .ThenRejected(RejectionCode.FollowUpClosed);
        cancelled.When(new ReassignFollowUp("f1", Ben, "south", "holiday")).ThenRejected(RejectionCode.FollowUpClosed);
        cancelled.When(new MarkFollowUpMissed("f1"), NewDue).ThenRejected(RejectionCode.FollowUpClosed);
    }

    [Fact]
    public void Who_scheduled_it_stays_on_record_when_another_takes_over()
    {
        var handedOver = s_scheduled.Given(new FollowUpReassigned("f1", Ana, Ben, "south", "holiday"));
        var followUp = handedOver.State.FollowUps["f1"];
        (followUp.MakerId, followUp.MakerTeam).ShouldBe((Ana, "north"));
        (followUp.HolderId, followUp.HolderTeam).ShouldBe((Ben, "south"));
        handedOver.When(new ReassignFollowUp("f1", Ana, "north", "back again"))
            .Then(new FollowUpReassigned("f1", Ben, Ana, "north", "back again"));
    }
}
