using CrmLedger.Annulments;
using CrmLedger.Concerns;
using CrmLedger.Customers;
using CrmLedger.Deadlines;
using CrmLedger.Feedback;
using CrmLedger.FollowUps;
using CrmLedger.Promises;
using CrmLedger.Trust;
using static CrmLedger.Tests.DeciderSpecification;
using static CrmLedger.Tests.Known;

namespace CrmLedger.Tests.Deadlines;

public class ClockVerdictTests
{
    private static readonly DateTimeOffset s_later = Due.AddDays(40);

    /// <summary>What begins, its key, its deadline, the verdict, and a word that settles it.</summary>
    public static TheoryData<string> Sources => ["promise/p1", "follow_up/f1", "concern/c1", "feedback/b1"];

    private static (IEvent Begins, DateTimeOffset Due, IEvent Verdict, IEvent Settles) Of(string source) =>
        source switch
        {
            "promise/p1" => (Made, Due, Lapsed, DeclaredKept),
            "follow_up/f1" => (Scheduled, Due, new FollowUpMissed("f1"), Completed),
            "concern/c1" => (Raised, Due, new ConcernUnanswered("c1"), new ConcernAcknowledged("c1")),
            _ => (Received, Noon + CustomerFeedback.AnswerTime, new FeedbackUnanswered("b1"),
                new FeedbackActedUpon("b1")),
        };

    [Theory]
    [MemberData(nameof(Sources))]
    public void The_clock_speaks_once_when_a_deadline_has_passed_with_nothing_said(string source)
    {
        var (begins, due, verdict, settles) = Of(source);
        var begun = ACustomer.Given(begins);
        var (command, deadline) = ClockVerdict.On(begun.State, source);
        deadline.ShouldBe(due);
        begun.When(command, due).ThenRejected(RejectionCode.NotDueYet);
        begun.When(command, new Moment(due, due + Microsecond, false)).Then(verdict);
        ClockVerdict.On(begun.Given(verdict, s_later).State, source).Deadline.ShouldBeNull();
        ClockVerdict.On(begun.Given(settles, Noon).State, source).Deadline.ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void The_view_has_the_deadline_that_the_stream_has(string source)
    {
        var (begins, due, verdict, settles) = Of(source);
        IEvent[][] lives = [[begins], [begins, verdict], [begins, settles], [begins, verdict, settles]];
        foreach (var events in lives)
        {
            var so = ACustomer.Given(events[0]);
            foreach (var later in events[1..])
                so = so.Given(later, new Moment(due, s_later, false));
            ClockVerdict.DeadlineOf(CustomerTrust.Fold(so.Past, WhatCounts.Everything).Sources[source])
                .ShouldBe(ClockVerdict.On(so.State, source).Deadline);
        }
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void A_verdict_is_not_annulled_and_what_it_is_about_is(string source)
    {
        var (begins, _, verdict, _) = Of(source);
        var judged = ACustomer.Given(begins).Given(verdict, s_later);
        judged.When(new AnnulEntry(EventId(3), "unwelcome"), s_later)
            .ThenRejected(RejectionCode.EntryNotAnnullable, "eventId");
        judged.When(new AnnulEntry(EventId(2), "a slip"), s_later).Then(new EntryAnnulled(EventId(2), "a slip"));
    }

    [Fact]
    public void A_promise_moved_in_time_is_judged_by_its_new_date() =>
        ClockVerdict.On(ACustomer.Given(Made, Proposed, Accepted).State, "promise/p1").Deadline.ShouldBe(NewDue);

    [Fact]
    public void A_concern_opened_again_is_to_be_answered_again()
    {
        var reopened = ACustomer.Given(Raised, new ConcernResolved("c1"), new ConcernReopened("c1"));
        ClockVerdict.On(reopened.State, "concern/c1").Deadline.ShouldBe(Noon + Concern.UsualAnswerTime);
    }

    [Fact]
    public void A_merger_or_an_erasure_keeps_no_promise()
    {
        var at = new Moment(Due, s_later, false);
        ACustomer.Given(Made, new CustomerMergedInto(OtherCustomerId, "twice"))
            .When(new LapsePromise("p1"), at).Then(Lapsed);
        ACustomer.Given(Made, new CustomerErased("asked")).When(new LapsePromise("p1"), at).Then(Lapsed);
    }

    [Fact]
    public void There_is_no_verdict_on_what_is_not_there() =>
        ClockVerdict.On(ACustomer.State, "promise/p9").Deadline.ShouldBeNull();
}
