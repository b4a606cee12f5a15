using CrmLedger.Annulments;
using CrmLedger.Commitments;
using CrmLedger.Concerns;
using CrmLedger.Customers;
using CrmLedger.Feedback;
using CrmLedger.FollowUps;
using CrmLedger.Imports;
using CrmLedger.Members;
using CrmLedger.People;
using CrmLedger.Policies;
using CrmLedger.Preferences;
using CrmLedger.Promises;
using CrmLedger.Purchases;
using CrmLedger.Touchpoints;
using CrmLedger.Trust;
using static CrmLedger.Tests.Known;

namespace CrmLedger.Tests;

/// <summary>
/// Folds never throw: every event type meets every fold that may see it, on nothing and on a stream that knows its
/// subject, so that no arm of a switch is forgotten.
/// </summary>
public class FoldTests
{
    public static TheoryData<string> Names => [.. LedgerEvents.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Its_stream_takes_the_event(string name)
    {
        var happened = Sample(name);
        var entry = Entry(happened, At(Noon), 2);
        int folds = 0;
        if (happened is ICustomerStreamEvent)
        {
            CustomerStream.Initial.Evolve(entry).Entries.ShouldNotBeNull();
            Samples.All.Where(e => e is ICustomerStreamEvent)
                .Aggregate(CustomerStream.Initial, (state, e) => state.Evolve(Entry(e, At(Noon), 1)))
                .Evolve(entry).Entries.ShouldNotBeNull();
            folds++;
        }
        if (happened is IMemberStreamEvent)
        {
            Member.Initial.Evolve(entry).Evolve(entry).Entries.ShouldNotBeNull();
            folds++;
        }
        if (happened is IImportStreamEvent)
        {
            Import.Initial.Evolve(entry).Evolve(entry).ShouldNotBe(Import.Initial);
            folds++;
        }
        if (happened is IPolicyStreamEvent)
        {
            PolicyStream.Initial.Evolve(entry).Evolve(entry).Trust.Adopted.Length.ShouldBe(2);
            folds++;
        }
        folds.ShouldBe(happened is EntryAnnulled ? 2 : 1);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_fold_of_its_own_subject_takes_the_event(string name)
    {
        var at = At(Noon);
        switch (Sample(name))
        {
            case IPromiseEvent e:
                Promise.Evolve(Promise.Evolve(null, Made, at), e, at).ShouldNotBeNull();
                (Promise.Evolve(null, e, at) is not null).ShouldBe(e is PromiseMade);
                break;
            case IFollowUpEvent e:
                FollowUp.Evolve(FollowUp.Evolve(null, Scheduled, at), e, at).ShouldNotBeNull();
                (FollowUp.Evolve(null, e, at) is not null).ShouldBe(e is FollowUpScheduled);
                break;
            case IConcernEvent e:
                Concern.Evolve(Concern.Evolve(null, Raised, at), e, at).ShouldNotBeNull();
                (Concern.Evolve(null, e, at) is not null).ShouldBe(e is ConcernRaised);
                break;
            case IFeedbackEvent e:
                CustomerFeedback.Evolve(CustomerFeedback.Evolve(null, Received, at), e, at).ShouldNotBeNull();
                (CustomerFeedback.Evolve(null, e, at) is not null)
                    .ShouldBe(e is FeedbackRequested or FeedbackReceived);
                break;
            case ISolutionEvent e:
                Solution.Evolve(Solution.Evolve(null, Solved), e).ShouldNotBeNull();
                (Solution.Evolve(null, e) is not null).ShouldBe(e is SolutionProposed);
                break;
            case IPurchaseEvent e:
                Purchase.Evolve(Purchase.Evolve(null, Bought, at), e, at).ShouldNotBeNull();
                (Purchase.Evolve(null, e, at) is not null).ShouldBe(e is PurchaseRecorded);
                break;
            case ICustomerEvent e:
                Customer.Unknown.Evolve(e).ShouldNotBeNull();
                break;
            default:
                break;
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_commitment_views_take_the_event(string name)
    {
        var happened = Sample(name);
        var at = At(Noon);
        if (!OpenCommitment.Handles(happened.GetType()))
            return;
        bool opens = happened is PromiseMade or FollowUpScheduled;
        (OpenCommitment.Project(null, CustomerId, happened, at) is not null).ShouldBe(opens);
        OpenCommitment.KeyOf(happened).Id.ShouldBe(happened is IPromiseEvent ? "p1" : "f1");
        if (happened is IPromiseEvent e)
            (KeptRatePromise.Project(null, CustomerId, e, at) is not null).ShouldBe(opens);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_trust_view_takes_the_event(string name)
    {
        var happened = Sample(name);
        EvidenceSource.Handles(happened.GetType()).ShouldBe(EvidenceSource.KeyOf(happened) is not null);
        if (EvidenceSource.Handles(happened.GetType()))
        {
            (EvidenceSource.Evolve(null, Entry(happened, At(Noon), 1)) is not null).ShouldBe(
                happened is PromiseMade or FollowUpScheduled or ConcernRaised or FeedbackRequested or FeedbackReceived);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_touchpoints_view_takes_the_event(string name)
    {
        var happened = Sample(name);
        CustomerContact.Handles(happened.GetType()).ShouldBe(CustomerContact.KeyOf(happened) is not null);
        if (CustomerContact.Handles(happened.GetType()))
            CustomerContact.Evolve(null, Entry(happened, At(Noon), 1)).ShouldNotBe(new());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_list_of_people_takes_the_event(string name)
    {
        var happened = Sample(name);
        if (Person.Handles(happened.GetType()))
            (Person.Project(null, happened) is not null).ShouldBe(happened is not MemberMovedTeam);
    }

    private static IEvent Sample(string name) =>
        Samples.All.Single(e => LedgerEvents.NameOf(e.GetType()) == name);
}
