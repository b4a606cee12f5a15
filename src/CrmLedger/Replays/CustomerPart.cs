using System.Diagnostics;
using CrmLedger.Customers;
using CrmLedger.Preferences;
using CrmLedger.Purchases;
using CrmLedger.Touchpoints;
using CrmLedger.Trust;

namespace CrmLedger.Replays;

/// <summary>Something of which the stream's state remembers only that it was recorded.</summary>
/// <param name="Id">The touchpoint's id, or the preference's key.</param>
public sealed record RecordedOnly(string Id);

/// <summary>The one thing of a customer's stream that an event is about.</summary>
public static class CustomerPart
{
    /// <summary>
    /// Which one, for example <c>promise/p-17</c>; null for an annulment, which is about another event.
    /// </summary>
    public static string? KeyOf(IEvent happened) => happened switch
    {
        Annulments.EntryAnnulled => null,
        ICustomerEvent => "customer",
        TouchpointRecorded e => $"touchpoint/{e.TouchpointId}",
        PreferenceRecorded e => $"preference/{e.Key}",
        ISolutionEvent e => $"solution/{e.SolutionId}",
        IPurchaseEvent e => $"purchase/{e.PurchaseId}",
        _ => EvidenceSource.KeyOf(happened) ?? throw Unknown(happened),
    };

    /// <summary>What a stream's state says of the thing that the event is about; null for nothing.</summary>
    public static object? In(CustomerStream state, IEvent about) => about switch
    {
        ICustomerEvent => ReferenceEquals(state.Customer, Customer.Unknown) ? null : state.Customer,
        TouchpointRecorded e => state.Touchpoints.Contains(e.TouchpointId) ? new RecordedOnly(e.TouchpointId) : null,
        PreferenceRecorded e => state.Preferences.Contains(e.Key) ? new RecordedOnly(e.Key) : null,
        ISolutionEvent e => state.Solutions.GetValueOrDefault(e.SolutionId),
        IPurchaseEvent e => state.Purchases.GetValueOrDefault(e.PurchaseId),
        Promises.IPromiseEvent e => state.Promises.GetValueOrDefault(e.PromiseId),
        FollowUps.IFollowUpEvent e => state.FollowUps.GetValueOrDefault(e.FollowUpId),
        Concerns.IConcernEvent e => state.Concerns.GetValueOrDefault(e.ConcernId),
        Feedback.IFeedbackEvent e => state.Feedback.GetValueOrDefault(e.FeedbackId),
        _ => throw Unknown(about),
    };

    private static UnreachableException Unknown(IEvent happened) =>
        new($"A customer's stream does not hold {happened.GetType().Name}.");
}
