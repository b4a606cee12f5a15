using CrmLedger.Annulments;
using CrmLedger.Concerns;
using CrmLedger.Customers;
using CrmLedger.Feedback;
using CrmLedger.FollowUps;
using CrmLedger.Preferences;
using CrmLedger.Promises;
using CrmLedger.Purchases;
using CrmLedger.Touchpoints;
using static CrmLedger.Tests.DeciderSpecification;
using static CrmLedger.Tests.Known;

namespace CrmLedger.Tests.Customers;

public class CustomerTests
{
    [Fact]
    public void A_relationship_that_has_ended_still_takes_events() => ACustomer
        .Given(new RelationshipEnded(EndReason.Price), Made).When(new DeclarePromiseKept("p1")).Then(DeclaredKept);

    [Fact]
    public void An_erased_customer_takes_nothing_more_and_a_merged_one_nothing_new()
    {
        var erased = ACustomer.Given(new CustomerErased("asked"));
        erased.When(new EraseCustomer("asked")).ThenRejected(RejectionCode.CustomerErased);
        erased.When(new RegisterCustomer(Secret)).ThenRejected(RejectionCode.CustomerErased);
        var merged = ACustomer.Given(new CustomerMergedInto(OtherCustomerId, "twice"));
        merged.When(new EraseCustomer("asked")).Then(new CustomerErased("asked"));
        merged.When(new RecordConsent("newsletter", true)).ThenRejected(RejectionCode.CustomerMerged);
    }

    [Fact]
    public void An_erasure_that_the_log_has_forgotten_is_recorded_again_also_of_somebody_whom_it_has_forgotten_too()
    {
        var erased = new CustomerErased("asked");
        CustomerDecider.ForgottenErasure(ACustomer.State.Customer, "asked").ShouldBe(erased);
        CustomerDecider.ForgottenErasure(Customer.Unknown, "asked").ShouldBe(erased);
        CustomerDecider.ForgottenErasure(ACustomer.Given(erased).State.Customer, "asked").ShouldBeNull();
        AStranger.Given(erased).When(new RegisterCustomer(Secret)).ThenRejected(RejectionCode.CustomerErased);
    }

    [Fact]
    public void What_was_owed_before_a_merge_is_seen_through_where_it_was_begun()
    {
        var merged = ACustomer
            .Given(Touched, Made, Scheduled, Raised, Received, Preferred, Solved, Bought)
            .Given(new CustomerMergedInto(OtherCustomerId, "twice"));
        merged.When(new DeclarePromiseKept("p1"), Due).Then(DeclaredKept);
        merged.When(new LapsePromise("p1"), Due + Microsecond).Then(Lapsed);
        merged.When(new CompleteFollowUp("f1")).Then(Completed);
        merged.When(new ResolveConcern("c1")).Then(new ConcernResolved("c1"));
        merged.When(new ActUponFeedback("b1")).Then(new FeedbackActedUpon("b1"));
        merged.When(new AcceptSolution("s1")).Then(new SolutionAccepted("s1"));
        merged.When(new ReturnPurchase("u1", 1)).Then(new PurchaseReturned("u1", 1));
        merged.When(new AnnulEntry(EventId(3), "a slip")).Then(new EntryAnnulled(EventId(3), "a slip"));
        foreach (var fresh in new ICommand[]
        {
            new MakePromise("p2", "call_back", Secret, Due, Ana, "north"),
            new ScheduleFollowUp("f2", Due, FollowUpPurpose.Reassure, Ana, "north"),
            new RaiseConcern("c2", ConcernSeverity.Low), new RequestFeedback("b2", FeedbackKind.Csat),
            new ProposeSolution("s2", Secret), new RecordPurchase("u2", 1, "EUR"),
            new RecordTouchpoint("t2", Channel.Phone, Direction.Inbound, Ana, "north"),
            new MergeCustomer(OtherCustomerId, "again"),
        })
        {
            merged.When(fresh).ThenRejected(RejectionCode.CustomerMerged);
        }
    }

    [Fact]
    public void A_customer_is_merged_only_into_one_that_can_be_written_to()
    {
        CustomerDecider.RefusalOfMergeInto(ACustomer.State.Customer, OtherCustomerId).ShouldBeNull();
        Refused(AStranger, RejectionCode.CustomerUnknown);
        Refused(ACustomer.Given(new CustomerErased("asked")), RejectionCode.CustomerErased);
        Refused(ACustomer.Given(new CustomerMergedInto(CustomerId, "twice")), RejectionCode.CustomerMerged);

        static void Refused(DeciderSpecification other, RejectionCode code)
        {
            var refusal = CustomerDecider.RefusalOfMergeInto(other.State.Customer, OtherCustomerId).ShouldNotBeNull();
            (refusal.Code, refusal.Field).ShouldBe((code, "customerId"));
        }
    }

    [Fact]
    public void What_a_correction_leaves_out_stays()
    {
        var customer = ACustomer.Given(new CustomerDetailsCorrected(Segment: "trade")).State.Customer;
        (customer.Name, customer.Segment).ShouldBe((Secret, "trade"));
    }

    [Fact]
    public void The_last_word_on_a_consent_holds() => ACustomer
        .Given(new ConsentRecorded("newsletter", true), new ConsentRecorded("newsletter", false))
        .State.Customer.Consents.ShouldBe([new("newsletter", false)]);
}
