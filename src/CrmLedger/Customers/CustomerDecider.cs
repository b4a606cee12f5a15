using System.Diagnostics;
using CrmLedger.Annulments;
using CrmLedger.Concerns;
using CrmLedger.Feedback;
using CrmLedger.FollowUps;
using CrmLedger.Preferences;
using CrmLedger.Promises;
using CrmLedger.Purchases;

namespace CrmLedger.Customers;

/// <summary>Decides what may be recorded about the customer and the relationship itself.</summary>
public static class CustomerDecider
{
    /// <summary>Why nothing may be recorded for a customer who was erased.</summary>
    public static Rejection WasErased { get; } = new(RejectionCode.CustomerErased,
        "This customer was erased; nothing further can be recorded.");

    /// <summary>Why nothing at all may be recorded for the customer, or null when something may.</summary>
    public static Rejection? Barred(Customer customer, ICommand command) => (customer, command) switch
    {
        ({ Erased: true }, not IClockVerdict) => WasErased,
        ({ Registered: false }, not RegisterCustomer) => new(RejectionCode.CustomerUnknown,
            "There is no such customer. Register the customer first."),
        ({ MergedInto: { } other }, _) when !SeesThrough(command) => new(RejectionCode.CustomerMerged,
            $"This customer was merged into {other}. Record it there, or take the merge back."),
        _ => null,
    };

    /// <summary>Why a customer cannot be merged into this one, or null when it can.</summary>
    /// <param name="other">The customer that would stay.</param>
    /// <param name="otherId">Its id.</param>
    public static Rejection? RefusalOfMergeInto(Customer other, Guid otherId) => other switch
    {
        { Registered: false } => new(RejectionCode.CustomerUnknown,
            $"There is no customer {otherId}. Register that one first.", "customerId"),
        { Erased: true } => new(RejectionCode.CustomerErased,
            $"Customer {otherId} was erased; nothing further can be recorded there.", "customerId"),
        { MergedInto: { } third } => new(RejectionCode.CustomerMerged,
            $"Customer {otherId} was itself merged, into {third}. Merge into that one.", "customerId"),
        _ => null,
    };

    /// <summary>
    /// What to record of an erasure that the log has forgotten, as one that was restored from a backup has; null when
    /// it has not. Also of a customer whom the log knows no more, so that nobody brings the same one in again.
    /// </summary>
    /// <param name="customer">The customer as the log tells it.</param>
    /// <param name="basis">On what ground it was erased.</param>
    public static CustomerErased? ForgottenErasure(Customer customer, string basis) =>
        customer.Erased ? null : new(basis);

    /// <summary>
    /// Whether the command sees through what was begun before a merge: it is owed still, and stands in this stream.
    /// </summary>
    private static bool SeesThrough(ICommand command) => command is UnmergeCustomer or EraseCustomer or AnnulEntry
        or (IPromiseCommand and not MakePromise) or (IFollowUpCommand and not ScheduleFollowUp)
        or (IConcernCommand and not RaiseConcern) or (IFeedbackCommand and not RequestFeedback)
        or (ISolutionCommand and not ProposeSolution) or ReturnPurchase;

    /// <summary>Decides a command about the customer itself.</summary>
    /// <param name="customer">The customer as it stands.</param>
    /// <param name="customerId">The customer's own id.</param>
    /// <param name="command">What is asked.</param>
    public static Decision Decide(Customer customer, Guid customerId, ICustomerCommand command) => command switch
    {
        RegisterCustomer when customer.Registered => new Rejection(RejectionCode.CustomerExists,
            $"This customer is registered already, with id {customerId}.", "reference"),
        RegisterCustomer c => Decision.Accept(new CustomerRegistered(c.Name, c.Reference, c.Segment)),
        CorrectCustomerDetails { Name: null, Segment: null } => new Rejection(RejectionCode.NothingToCorrect,
            "Give the name or the segment that is to be corrected."),
        CorrectCustomerDetails c => Decision.Accept(new CustomerDetailsCorrected(c.Name, c.Segment)),
        EraseCustomer c => Decision.Accept(new CustomerErased(c.Reason)),
        MergeCustomer c when c.CustomerId == customerId => new Rejection(RejectionCode.CustomerMergedIntoItself,
            "A customer cannot be merged into itself.", "customerId"),
        MergeCustomer c => Decision.Accept(new CustomerMergedInto(c.CustomerId, c.Reason)),
        UnmergeCustomer when customer.MergedInto is null => new Rejection(RejectionCode.CustomerNotMerged,
            "This customer is not merged into another one."),
        UnmergeCustomer c => Decision.Accept(new CustomerUnmerged(c.Reason)),
        RecordConsent c => Decision.Accept(new ConsentRecorded(c.Purpose, c.Given)),
        EndRelationship when customer.Ended => new Rejection(RejectionCode.RelationshipEnded,
            "The relationship has already ended."),
        EndRelationship c => Decision.Accept(new RelationshipEnded(c.Reason)),
        RenewRelationship when !customer.Ended => new Rejection(RejectionCode.RelationshipNotEnded,
            "The relationship has not ended."),
        RenewRelationship => Decision.Accept(new RelationshipRenewed()),
        _ => throw new UnreachableException($"No customer takes {command.GetType().Name}."),
    };
}
