using CrmLedger.Annulments;
using CrmLedger.Concerns;
using CrmLedger.Feedback;
using CrmLedger.FollowUps;
using CrmLedger.Promises;
using CrmLedger.Trust;
using static CrmLedger.Tests.Known;

namespace CrmLedger.Tests.Trust;

/// <summary>
/// Which evidence stands after which events. Promise, follow-up and concern below are made at noon and due a day later.
/// </summary>
public class EvidenceTests
{
    private static readonly DateTimeOffset s_inTime = Noon.AddHours(5);
    private static readonly DateTimeOffset s_late = Due.AddHours(5);

    [Fact]
    public void A_promise_kept_in_time_speaks_for_us() =>
        Standing((Made, Noon), (DeclaredKept, s_inTime)).ShouldBe([(EvidenceKind.PromiseKept, s_inTime, 2)]);

    [Fact]
    public void A_promise_kept_exactly_when_it_is_due_is_kept_in_time() =>
        Standing((Made, Noon), (DeclaredKept, Due)).ShouldBe([(EvidenceKind.PromiseKept, Due, 2)]);

    [Fact]
    public void A_promise_kept_late_counts_as_that_and_no_more_as_lapsed()
    {
        Standing((Made, Noon), (Lapsed, s_late)).ShouldBe([(EvidenceKind.PromiseLapsed, Due, 2)]);
        Standing((Made, Noon), (Lapsed, s_late), (DeclaredKept, s_late))
            .ShouldBe([(EvidenceKind.PromiseKeptLate, s_late, 3)]);
        Standing((Made, Noon), (DeclaredKept, s_late)).ShouldBe([(EvidenceKind.PromiseKeptLate, s_late, 2)]);
    }

    [Fact]
    public void A_declaration_in_time_that_is_recorded_after_the_lapse_overturns_it() =>
        Standing((Made, At(Noon)), (Lapsed, At(s_late)), (DeclaredKept, new(s_inTime, s_late, false)))
            .ShouldBe([(EvidenceKind.PromiseKept, s_inTime, 3)]);

    [Fact]
    public void A_lapse_counts_from_its_deadline_however_late_the_clock_records_it() =>
        Standing((Made, At(Noon)), (Lapsed, new(Due, Due.AddDays(60), false)))
            .ShouldBe([(EvidenceKind.PromiseLapsed, Due, 2)]);

    [Fact]
    public void Backdating_a_declaration_gains_nothing() =>
        Standing((Made, At(Noon)), (DeclaredKept, new(s_inTime, s_inTime.AddHours(30), false)))
            .ShouldBe([(EvidenceKind.PromiseKeptLate, s_inTime.AddHours(30), 2)]);

    [Fact]
    public void A_dispute_takes_the_place_of_the_keeping_and_keeping_again_that_of_the_dispute()
    {
        Standing((Made, Noon), (DeclaredKept, s_inTime), (Disputed, s_inTime))
            .ShouldBe([(EvidenceKind.PromiseDisputed, s_inTime, 3)]);
        Standing((Made, Noon), (DeclaredKept, s_inTime), (Disputed, s_inTime), (DeclaredKept, s_inTime))
            .ShouldBe([(EvidenceKind.PromiseKeptLate, s_inTime, 4)]);
    }

    [Fact]
    public void Moving_the_date_in_time_speaks_for_us_and_the_new_date_binds() =>
        Standing((Made, Noon), (Proposed, s_inTime), (Accepted, s_inTime), (DeclaredKept, s_late)).ShouldBe(
            [(EvidenceKind.PromiseRenegotiated, s_inTime, 3), (EvidenceKind.PromiseKept, s_late, 4)]);

    [Fact]
    public void A_promise_taken_back_speaks_against_us() =>
        Standing((Made, Noon), (new PromiseWithdrawn("p1", "sold out"), s_inTime))
            .ShouldBe([(EvidenceKind.PromiseWithdrawn, s_inTime, 2)]);

    [Fact]
    public void Being_let_off_in_time_says_nothing_and_after_the_date_that_it_had_lapsed()
    {
        var released = new PromiseReleased("p1");
        Standing((Made, Noon), (released, s_inTime)).ShouldBeEmpty();
        Standing((Made, Noon), (released, s_late)).ShouldBe([(EvidenceKind.PromiseLapsed, Due, 2)]);
        Standing((Made, Noon), (Lapsed, s_late), (released, s_late)).ShouldBe([(EvidenceKind.PromiseLapsed, Due, 2)]);
        Standing((Made, At(Noon)), (Lapsed, At(s_late)), (released, new(s_inTime, s_late, false))).ShouldBeEmpty();
    }

    [Fact]
    public void A_follow_up_made_in_time_speaks_for_us_and_a_late_one_was_missed()
    {
        var missed = new FollowUpMissed("f1");
        Standing((Scheduled, Noon), (Completed, s_inTime)).ShouldBe([(EvidenceKind.FollowUpCompleted, s_inTime, 2)]);
        Standing((Scheduled, Noon), (Completed, s_late)).ShouldBe([(EvidenceKind.FollowUpMissed, Due, 2)]);
        Standing((Scheduled, Noon), (missed, s_late), (Completed, s_late))
            .ShouldBe([(EvidenceKind.FollowUpMissed, Due, 2)]);
        Standing((Scheduled, At(Noon)), (missed, At(s_late)), (Completed, new(s_inTime, s_late, false)))
            .ShouldBe([(EvidenceKind.FollowUpCompleted, s_inTime, 3)]);
    }

    [Fact]
    public void A_follow_up_cancelled_in_time_says_nothing_and_after_its_date_that_it_was_missed()
    {
        var cancelled = new FollowUpCancelled("f1", "moot");
        Standing((Scheduled, Noon), (cancelled, s_inTime)).ShouldBeEmpty();
        Standing((Scheduled, Noon), (cancelled, s_late)).ShouldBe([(EvidenceKind.FollowUpMissed, Due, 2)]);
    }

    [Fact]
    public void A_follow_up_moved_in_time_was_not_missed() =>
        Standing((Scheduled, At(Noon)), (new FollowUpMissed("f1"), At(s_late)),
            (new FollowUpRescheduled("f1", NewDue, "no answer", true), new(s_inTime, s_late, false))).ShouldBeEmpty();

    [Fact]
    public void A_concern_acknowledged_in_time_and_resolved_speaks_for_us_twice() =>
        Standing((Raised, Noon), (new ConcernAcknowledged("c1"), s_inTime), (new ConcernResolved("c1"), s_late))
            .ShouldBe(
            [
                (EvidenceKind.ConcernAcknowledged, s_inTime, 2), (EvidenceKind.ConcernResolved, s_late, 3),
            ]);

    [Fact]
    public void A_concern_answered_late_was_unanswered_whether_or_not_the_clock_said_so()
    {
        var (acknowledged, unanswered) = (new ConcernAcknowledged("c1"), new ConcernUnanswered("c1"));
        Standing((Raised, Noon), (acknowledged, s_late)).ShouldBe([(EvidenceKind.ConcernUnanswered, Due, 2)]);
        Standing((Raised, Noon), (unanswered, s_late), (acknowledged, s_late))
            .ShouldBe([(EvidenceKind.ConcernUnanswered, Due, 2)]);
        Standing((Raised, At(Noon)), (unanswered, At(s_late)), (acknowledged, new(s_inTime, s_late, false)))
            .ShouldBe([(EvidenceKind.ConcernAcknowledged, s_inTime, 3)]);
        Standing((Raised, Noon), (new ConcernResolved("c1"), s_late)).ShouldBe(
            [(EvidenceKind.ConcernUnanswered, Due, 2), (EvidenceKind.ConcernResolved, s_late, 2)]);
    }

    [Fact]
    public void A_concern_opened_again_is_to_be_answered_again()
    {
        var again = s_inTime + Concern.UsualAnswerTime;
        Standing((Raised, Noon), (new ConcernResolved("c1"), s_inTime), (new ConcernReopened("c1"), s_inTime),
            (new ConcernUnanswered("c1"), again.AddDays(1))).ShouldBe(
            [
                (EvidenceKind.ConcernResolved, s_inTime, 2), (EvidenceKind.ConcernReopened, s_inTime, 3),
                (EvidenceKind.ConcernUnanswered, again, 4),
            ]);
    }

    [Theory]
    [InlineData(5, EvidenceKind.SatisfactionHigh)]
    [InlineData(4, EvidenceKind.SatisfactionHigh)]
    [InlineData(3, null)]
    [InlineData(2, EvidenceKind.SatisfactionLow)]
    [InlineData(1, EvidenceKind.SatisfactionLow)]
    public void Satisfaction_speaks_at_its_ends(int score, EvidenceKind? kind) =>
        Standing((Received with { Score = score }, Noon)).Select(e => (EvidenceKind?)e.Kind)
            .ShouldBe(kind is null ? [] : [kind]);

    [Fact]
    public void Other_scores_say_nothing_of_trust() =>
        Standing((new FeedbackReceived("b1", FeedbackKind.Nps, [], 0), Noon)).ShouldBeEmpty();

    [Fact]
    public void Feedback_answered_late_was_unanswered_unless_it_turns_out_that_it_was_answered_in_time()
    {
        var comment = new FeedbackReceived("b1", FeedbackKind.Comment, []);
        var (acted, told, unanswered) =
            (new FeedbackActedUpon("b1"), new FeedbackOutcomeTold("b1"), new FeedbackUnanswered("b1"));
        var by = Noon + CustomerFeedback.AnswerTime;
        var late = by.AddHours(3);
        Standing((comment, Noon), (acted, s_inTime), (told, late)).ShouldBe(
            [(EvidenceKind.FeedbackActedUpon, s_inTime, 2), (EvidenceKind.FeedbackOutcomeTold, late, 3)]);
        Standing((comment, Noon), (unanswered, late)).ShouldBe([(EvidenceKind.FeedbackUnanswered, by, 2)]);
        Standing((comment, Noon), (acted, late)).ShouldBe(
            [(EvidenceKind.FeedbackActedUpon, late, 2), (EvidenceKind.FeedbackUnanswered, by, 2)], ignoreOrder: true);
        Standing((comment, At(Noon)), (acted, At(late)), (told, new(by.AddHours(-1), late, false))).ShouldBe(
            [(EvidenceKind.FeedbackActedUpon, late, 2), (EvidenceKind.FeedbackOutcomeTold, by.AddHours(-1), 3)]);
    }

    [Fact]
    public void Annulling_an_entry_takes_its_evidence_and_what_followed_is_judged_anew() =>
        Standing((Made, Noon), (DeclaredKept, s_inTime), (Disputed, s_inTime),
            (new EntryAnnulled(EventId(3), "no"), s_late)).ShouldBe([(EvidenceKind.PromiseKept, s_inTime, 2)]);

    [Fact]
    public void Until_leaves_out_what_happened_later_and_what_was_annulled_whenever_that_was()
    {
        (IEvent, DateTimeOffset)[] said =
            [(Made, Noon), (DeclaredKept, s_inTime), (Disputed, s_late), (new EntryAnnulled(EventId(2), "no"), s_late)];
        List<Envelope> stream = [.. said.Select((e, i) => Entry(e.Item1, At(e.Item2), i + 1))];
        CustomerTrust.Fold(stream, new(s_late)).Sources["promise/p1"].Evidence.ShouldBeEmpty();
        CustomerTrust.Fold(stream[..3], new(s_inTime)).Sources["promise/p1"].Evidence.Single().Kind
            .ShouldBe(EvidenceKind.PromiseKept);
        CustomerTrust.Fold(stream, new(s_inTime)).Sources["promise/p1"].Evidence.ShouldBeEmpty();
    }

    private static List<(EvidenceKind Kind, DateTimeOffset At, int Version)> Standing(
        params (IEvent Happened, DateTimeOffset Time)[] events) =>
        Standing([.. events.Select(e => (e.Happened, At(e.Time)))]);

    private static List<(EvidenceKind Kind, DateTimeOffset At, int Version)> Standing(
        params (IEvent Happened, Moment At)[] events)
    {
        var trust = CustomerTrust.Fold(
            [.. events.Select((e, i) => Entry(e.Happened, e.At, i + 1))], WhatCounts.Everything);
        var evidence = trust.Sources.Values.SelectMany(s => s.Evidence).ToList();
        evidence.ShouldAllBe(e => e.EventId == EventId((int)e.Position + 1));
        return evidence.ConvertAll(e => (e.Kind, e.At, (int)e.Position + 1));
    }
}
