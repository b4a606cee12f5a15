using CrmLedger.Concerns;
using static CrmLedger.Tests.DeciderSpecification;
using static CrmLedger.Tests.Known;

namespace CrmLedger.Tests.Concerns;

public class ConcernTests
{
    private static readonly DeciderSpecification s_raised = ACustomer.Given(Raised);

    [Fact]
    public void A_concern_is_raised_acknowledged_resolved_and_reopened()
    {
        var acknowledged = s_raised.Given(new ConcernAcknowledged("c1"));
        acknowledged.When(new ResolveConcern("c1")).Then(new ConcernResolved("c1"));
        var reopened = acknowledged.Given(new ConcernResolved("c1"), new ConcernReopened("c1"));
        reopened.When(new AcknowledgeConcern("c1")).Then(new ConcernAcknowledged("c1"));
        reopened.When(new ResolveConcern("c1")).Then(new ConcernResolved("c1"));
        reopened.State.Concerns["c1"].Reopenings.ShouldBe(1);
    }

    [Fact]
    public void A_concern_may_be_resolved_at_once() =>
        s_raised.When(new ResolveConcern("c1")).Then(new ConcernResolved("c1"));

    [Fact]
    public void A_resolved_concern_is_not_acknowledged() => s_raised.Given(new ConcernResolved("c1"))
        .When(new AcknowledgeConcern("c1")).ThenRejected(RejectionCode.ConcernAlreadyResolved);

    [Fact]
    public void A_topic_is_listed_once() => ACustomer
        .When(new RaiseConcern("c1", ConcernSeverity.Low, ["price", "price"]))
        .ThenRejected(RejectionCode.ListedTwice, "topics");

    [Fact]
    public void It_is_unanswered_a_microsecond_after_the_time_that_was_given_and_once_only()
    {
        s_raised.When(new MarkConcernUnanswered("c1"), Due).ThenRejected(RejectionCode.NotDueYet);
        s_raised.When(new MarkConcernUnanswered("c1"), Due + Microsecond).Then(new ConcernUnanswered("c1"));
        s_raised.Given(new ConcernUnanswered("c1"), Due + Microsecond).When(new MarkConcernUnanswered("c1"), NewDue)
            .ThenRejected(RejectionCode.NoAnswerAwaited);
    }

    [Fact]
    public void Without_a_time_given_we_have_a_day_to_answer()
    {
        var raised = ACustomer.Given(Raised with { RespondBy = null });
        raised.When(new MarkConcernUnanswered("c1"), Noon.AddHours(24)).ThenRejected(RejectionCode.NotDueYet);
        raised.When(new MarkConcernUnanswered("c1"), Noon.AddHours(24) + Microsecond).Then(new ConcernUnanswered("c1"));
    }

    [Fact]
    public void A_reopened_concern_waits_a_day_for_an_answer_of_its_own()
    {
        var reopened = s_raised.Given(new ConcernUnanswered("c1"), new ConcernResolved("c1"))
            .Given(new ConcernReopened("c1"), NewDue);
        reopened.When(new MarkConcernUnanswered("c1"), NewDue.AddHours(24)).ThenRejected(RejectionCode.NotDueYet);
        reopened.When(new MarkConcernUnanswered("c1"), NewDue.AddHours(24) + Microsecond)
            .Then(new ConcernUnanswered("c1"));
    }

    [Fact]
    public void An_unanswered_concern_can_still_be_acknowledged() => s_raised.Given(new ConcernUnanswered("c1"))
        .When(new AcknowledgeConcern("c1"), NewDue).Then(new ConcernAcknowledged("c1"));
}
