using CrmLedger.Feedback;
using static CrmLedger.Tests.DeciderSpecification;
using static CrmLedger.Tests.Known;

namespace CrmLedger.Tests.Feedback;

public class FeedbackTests
{
    [Theory]
    [InlineData(FeedbackKind.Csat, 1, 5)]
    [InlineData(FeedbackKind.Nps, 0, 10)]
    [InlineData(FeedbackKind.Ces, 1, 7)]
    public void A_score_lies_in_the_range_of_its_kind(FeedbackKind kind, int lowest, int highest)
    {
        foreach (int score in new[] { lowest, highest })
        {
            ACustomer.When(new ReceiveFeedback("b1", kind, score))
                .Then(new FeedbackReceived("b1", kind, [], score));
        }
        foreach (int score in new[] { lowest - 1, highest + 1 })
        {
            ACustomer.When(new ReceiveFeedback("b1", kind, score))
                .ThenRejected(RejectionCode.ScoreOutOfRange, "score");
        }
        ACustomer.When(new ReceiveFeedback("b1", kind)).ThenRejected(RejectionCode.ScoreMissing, "score");
    }

    [Fact]
    public void A_comment_is_words_without_a_score()
    {
        ACustomer.When(new ReceiveFeedback("b1", FeedbackKind.Comment, Comment: Secret))
            .Then(new FeedbackReceived("b1", FeedbackKind.Comment, [], Comment: Secret));
        ACustomer.When(new ReceiveFeedback("b1", FeedbackKind.Comment, 0, Comment: Secret))
            .ThenRejected(RejectionCode.ScoreNotTaken, "score");
        ACustomer.When(new ReceiveFeedback("b1", FeedbackKind.Comment))
            .ThenRejected(RejectionCode.CommentMissing, "comment");
    }

    [Fact]
    public void A_topic_is_listed_once() => ACustomer
        .When(new ReceiveFeedback("b1", FeedbackKind.Csat, 4, ["price", "price"]))
        .ThenRejected(RejectionCode.ListedTwice, "topics");

    [Fact]
    public void Feedback_answers_its_request_once()
    {
        var requested = ACustomer.Given(Requested);
        requested.When(new ReceiveFeedback("b1", FeedbackKind.Csat, 4, ["delivery"])).Then(Received);
        var received = requested.Given(Received, Due);
        received.When(new ReceiveFeedback("b1", FeedbackKind.Csat, 5))
            .ThenRejected(RejectionCode.FeedbackExists, "feedbackId");
        received.When(new RequestFeedback("b1", FeedbackKind.Csat))
            .ThenRejected(RejectionCode.FeedbackExists, "feedbackId");
        var state = received.State.Feedback["b1"];
        (state.RequestedAt, state.ReceivedAt, state.Score).ShouldBe((Noon, Due, 4));
    }

    [Fact]
    public void Nothing_comes_of_feedback_that_has_not_come()
    {
        ACustomer.Given(Requested).When(new ActUponFeedback("b1")).ThenRejected(RejectionCode.FeedbackNotReceived);
        ACustomer.Given(Requested).When(new MarkFeedbackUnanswered("b1"), NewDue.AddDays(99))
            .ThenRejected(RejectionCode.FeedbackNotReceived);
        ACustomer.When(new TellFeedbackOutcome("b1")).ThenRejected(RejectionCode.FeedbackUnknown, "feedbackId");
    }

    [Fact]
    public void The_customer_may_be_told_before_or_after_we_act()
    {
        ACustomer.Given(Received, new FeedbackActedUpon("b1")).When(new TellFeedbackOutcome("b1"))
            .Then(new FeedbackOutcomeTold("b1"));
        ACustomer.Given(Received, new FeedbackOutcomeTold("b1")).When(new ActUponFeedback("b1"))
            .Then(new FeedbackActedUpon("b1"));
    }

    [Fact]
    public void It_is_unanswered_a_microsecond_after_thirty_days_and_once_only()
    {
        var mark = new MarkFeedbackUnanswered("b1");
        var received = ACustomer.Given(Received);
        received.When(mark, Noon.AddDays(30)).ThenRejected(RejectionCode.NotDueYet);
        received.Given(new FeedbackUnanswered("b1"), Noon.AddDays(31)).When(mark, Noon.AddDays(60))
            .ThenRejected(RejectionCode.NoAnswerAwaited);
        received.Given(new FeedbackActedUpon("b1")).When(mark, Noon.AddDays(60))
            .ThenRejected(RejectionCode.NoAnswerAwaited);
        received.Given(new FeedbackOutcomeTold("b1")).When(mark, Noon.AddDays(60))
            .ThenRejected(RejectionCode.NoAnswerAwaited);
    }
}
