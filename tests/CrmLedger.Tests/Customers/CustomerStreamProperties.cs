using System.Text.Json;
using CrmLedger.Annulments;
using CrmLedger.Commitments;
using CrmLedger.Concerns;
using CrmLedger.Customers;
using CrmLedger.Feedback;
using CrmLedger.FollowUps;
using CrmLedger.Preferences;
using CrmLedger.Promises;
using CrmLedger.Purchases;
using FsCheck;
using FsCheck.Fluent;
using static CrmLedger.Tests.Known;

namespace CrmLedger.Tests.Customers;

/// <summary>
/// Whatever is asked in whatever order, no stream reaches a state that the design rules out. A failure prints the
/// commands and the seed; give the seed to <c>Config.WithReplay</c> to see it again.
/// </summary>
public class CustomerStreamProperties
{
    private static readonly Config s_config = Config.QuickThrowOnFailure.WithMaxTest(500).WithEndSize(80);

    [Fact]
    public void No_commands_lead_to_an_illegal_state() => ForAll((before, entry, after, _) =>
    {
        foreach (var promise in after.Promises.Values)
            Legal(promise, entry.Moment.RecordedAt);
        foreach (var followUp in after.FollowUps.Values)
            Legal(followUp, entry.Moment.RecordedAt);
        foreach (var purchase in after.Purchases.Values)
            purchase.LeftMinor.ShouldBeInRange(0, purchase.AmountMinor);
        foreach (var c in after.Concerns.Values)
            (c.ResolvedAt is not null).ShouldBe(c.Status == ConcernStatus.Resolved || c.Reopenings > 0);
        foreach (var f in after.Feedback.Values)
        {
            (f.RequestedAt ?? f.ReceivedAt).ShouldNotBeNull();
            if (f.ActedUponAt is not null || f.OutcomeToldAt is not null || f.FoundUnanswered)
                f.ReceivedAt.ShouldNotBeNull();
        }
        // An annulment may take anything back; every other event only goes forward.
        if (entry.Data is EntryAnnulled)
            return;
        foreach (var (id, promise) in before.Promises)
            Forward(promise, entry, after.Promises[id]);
        foreach (var (id, followUp) in before.FollowUps)
            Forward(followUp, entry, after.FollowUps[id]);
    });

    [Fact]
    public void Random_commands_bring_about_every_event_of_the_stream()
    {
        var seen = new HashSet<Type> { typeof(CustomerRegistered) };
        ForAll((_, entry, _, _) => seen.Add(entry.Data.GetType()));
        LedgerEvents.Names.Select(LedgerEvents.RecordOf).Where(t => t!.IsAssignableTo(typeof(ICustomerStreamEvent)))
            .ShouldBeSubsetOf(seen);
    }

    [Fact]
    public void What_a_decider_accepts_its_fold_never_skips() => ForAll((before, entry, _, _) =>
    {
        var refusal = entry.Data switch
        {
            IPromiseEvent e => before.Promises.TryGetValue(e.PromiseId, out var promise)
                ? PromiseRules.Refusal(promise, e, entry.Moment)
                : Unless(e is PromiseMade),
            IFollowUpEvent e => before.FollowUps.TryGetValue(e.FollowUpId, out var followUp)
                ? FollowUpRules.Refusal(followUp, e, entry.Moment)
                : Unless(e is FollowUpScheduled),
            IConcernEvent e => before.Concerns.TryGetValue(e.ConcernId, out var concern)
                ? ConcernRules.Refusal(concern, e, entry.Moment)
                : Unless(e is ConcernRaised),
            IFeedbackEvent e =>
                FeedbackRules.Refusal(before.Feedback.GetValueOrDefault(e.FeedbackId), e, entry.Moment),
            ISolutionEvent e => before.Solutions.TryGetValue(e.SolutionId, out var solution)
                ? SolutionRules.Refusal(solution, e)
                : Unless(e is SolutionProposed),
            IPurchaseEvent e => before.Purchases.TryGetValue(e.PurchaseId, out var purchase)
                ? PurchaseRules.Refusal(purchase, e)
                : Unless(e is PurchaseRecorded),
            _ => null,
        };
        refusal.ShouldBeNull();
    });

    [Fact]
    public void Views_projected_from_what_stands_agree_with_the_stream() => ForAll((_, _, after, stream) =>
    {
        var owed = new Dictionary<(CommitmentType, string), OpenCommitment?>();
        var counted = new Dictionary<string, KeptRatePromise?>();
        foreach (var entry in Entries.LeaveOutAnnulled(stream))
        {
            if (OpenCommitment.Handles(entry.Data.GetType()))
            {
                var key = OpenCommitment.KeyOf(entry.Data);
                owed[key] = OpenCommitment.Project(owed.GetValueOrDefault(key), CustomerId, entry.Data, entry.Moment);
            }
            if (entry.Data is IPromiseEvent e)
            {
                counted[e.PromiseId] = KeptRatePromise.Project(
                    counted.GetValueOrDefault(e.PromiseId), CustomerId, e, entry.Moment);
            }
        }
        owed.Values.Where(r => r?.Promise is not null).Select(r => r!.Promise!)
            .ShouldBe(after.Promises.Values.Where(p => p.IsOpen), ignoreOrder: true);
        owed.Values.Where(r => r?.FollowUp is not null).Select(r => r!.FollowUp!)
            .ShouldBe(after.FollowUps.Values.Where(f => f.IsOpen), ignoreOrder: true);
        counted.Values.Where(r => r is not null).Select(r => r!.Promise)
            .ShouldBe(after.Promises.Values, ignoreOrder: true);
    });

    [Fact]
    public void Folding_anew_gives_what_evolving_gave() => ForAll((before, entry, after, _) =>
    {
        if (entry.Data is not EntryAnnulled)
            JsonSerializer.Serialize(before.Evolve(entry)).ShouldBe(JsonSerializer.Serialize(after));
    });

    private static void Legal(Promise promise, DateTimeOffset now)
    {
        bool kept = promise.Status is PromiseStatus.Kept or PromiseStatus.Disputed;
        (promise.KeptAt is not null).ShouldBe(kept);
        (promise.ReleasedAt is not null).ShouldBe(promise.Status == PromiseStatus.Released);
        if (promise.Status == PromiseStatus.Disputed)
            promise.EverDisputed.ShouldBeTrue();
        if (promise.Confirmed)
            promise.Status.ShouldBe(PromiseStatus.Kept);
        if (promise.Status == PromiseStatus.Renegotiating)
            promise.ProposedDue.ShouldNotBeNull();
        if (promise.ProposedDue is not null)
            promise.IsOpen.ShouldBeTrue();
        if (promise.Renegotiations == 0)
            promise.BindingDue.ShouldBe(promise.FirstDue);
        if (promise.Status == PromiseStatus.Lapsed)
            promise.BindingDue.ShouldBeLessThan(now);
        KeptRate.Classify(promise, promise.FirstDue).ShouldNotBeNull();
        KeptRate.Classify(promise, promise.FirstDue - Microsecond).ShouldBeNull();
    }

    private static void Legal(FollowUp followUp, DateTimeOffset now)
    {
        (followUp.CompletedAt is not null).ShouldBe(followUp.Status == FollowUpStatus.Completed);
        if (followUp.PlannedDue is not null)
            followUp.IsOpen.ShouldBeTrue();
        if (followUp.Renegotiations == 0)
            followUp.BindingDue.ShouldBe(followUp.FirstDue);
        if (followUp.Status == FollowUpStatus.Missed)
            followUp.BindingDue.ShouldBeLessThan(now);
        KeptRate.Classify(followUp, followUp.FirstDue).ShouldNotBeNull();
    }

    private static void Forward(Promise before, Envelope entry, Promise after)
    {
        (after.FirstDue, after.MadeAt, after.MakerId).ShouldBe((before.FirstDue, before.MadeAt, before.MakerId));
        bool moved = entry.Data is PromiseRenegotiationAccepted accepted && accepted.PromiseId == before.PromiseId
            && entry.Moment.Effective <= before.BindingDue;
        after.BindingDue.ShouldBe(moved ? before.ProposedDue!.Value : before.BindingDue);
        after.Renegotiations.ShouldBe(before.Renegotiations + (moved ? 1 : 0));
        if (before.EverDisputed)
            after.EverDisputed.ShouldBeTrue();
        if (!before.IsOpen)
            after.IsOpen.ShouldBeFalse();
    }

    private static void Forward(FollowUp before, Envelope entry, FollowUp after)
    {
        (after.FirstDue, after.MadeAt, after.MakerId).ShouldBe((before.FirstDue, before.MadeAt, before.MakerId));
        bool moved = entry.Data is FollowUpRescheduled { AgreedWithCustomer: true } agreed
            && agreed.FollowUpId == before.FollowUpId && entry.Moment.Effective <= before.BindingDue;
        after.BindingDue.ShouldBe(moved ? ((FollowUpRescheduled)entry.Data).NewDueAt : before.BindingDue);
        after.Renegotiations.ShouldBe(before.Renegotiations + (moved ? 1 : 0));
        if (!before.IsOpen)
            after.ShouldBe(before);
    }

    private static Rejection? Unless(bool creates) =>
        creates ? null : new Rejection(RejectionCode.EntryUnknown, "Only a beginning begins.");

    /// <summary>
    /// Asks random things; after every accepted one, checks the state before, the event, and the state after.
    /// </summary>
    private static void ForAll(Action<CustomerStream, Envelope, CustomerStream, IReadOnlyList<Envelope>> check) =>
        Prop.ForAll(RandomCommands.Some.ToArbitrary(), asked =>
        {
            List<Envelope> stream = [Entry(Registered, At(Noon), 1)];
            var state = CustomerStream.Fold(stream);
            var now = Noon;
            foreach (var (command, later, backdated, imported) in asked)
            {
                now += later;
                var at = new Moment(now - backdated, now, imported);
                foreach (var happened in state.Decide(CustomerId, command, at).Events)
                {
                    stream.Add(Entry(happened, at, stream.Count + 1));
                    var after = CustomerStream.Fold(stream);
                    check(state, stream[^1], after, stream);
                    state = after;
                }
            }
        }).Check(s_config);
}
