using CrmLedger.Concerns;
using CrmLedger.Customers;
using CrmLedger.Feedback;
using CrmLedger.FollowUps;
using CrmLedger.Members;
using CrmLedger.Preferences;
using CrmLedger.Promises;
using CrmLedger.Purchases;
using CrmLedger.Touchpoints;
using CrmLedger.Trust;

namespace CrmLedger.Tests;

/// <summary>The fixed times, ids and events that the tests speak of.</summary>
internal static class Known
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);

    /// <summary>When the promise, the follow-up and the concern below are due: a day later.</summary>
    public static readonly DateTimeOffset Due = Noon.AddDays(1);

    public static readonly DateTimeOffset NewDue = Noon.AddDays(3);

    public static readonly TimeSpan Microsecond = TimeSpan.FromMicroseconds(1);

    public static readonly Guid CustomerId = new("11111111-1111-4111-8111-111111111111");
    public static readonly Guid OtherCustomerId = new("22222222-2222-4222-8222-222222222222");
    public static readonly Guid Ana = new("aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa");
    public static readonly Guid Ben = new("bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb");
    public static readonly Guid ImportId = new("33333333-3333-4333-8333-333333333333");
    public static readonly string Sha256 = new('0', 64);
    public static readonly Sealed Secret = new("sealed:c2VjcmV0");

    public static readonly CustomerRegistered Registered = new(Secret, Secret, "retail");
    public static readonly MemberJoined Joined = new(Secret, "north", Secret);
    public static readonly PromiseMade Made = new("p1", "call_back", Secret, Due, Ana, "north");
    public static readonly PromiseRenegotiationProposed Proposed = new("p1", NewDue, "parts are late");
    public static readonly PromiseRenegotiationAccepted Accepted = new("p1");
    public static readonly PromiseDeclaredKept DeclaredKept = new("p1");
    public static readonly PromiseDisputed Disputed = new("p1");
    public static readonly PromiseLapsed Lapsed = new("p1");
    public static readonly FollowUpScheduled Scheduled = new("f1", Due, FollowUpPurpose.Reassure, Ana, "north");
    public static readonly FollowUpCompleted Completed = new("f1");
    public static readonly TouchpointRecorded Touched =
        new("t1", Channel.Phone, Direction.Inbound, Ana, "north", [Practice.Reassured]);
    public static readonly ConcernRaised Raised = new("c1", ConcernSeverity.High, ["delivery"], RespondBy: Due);
    public static readonly FeedbackRequested Requested = new("b1", FeedbackKind.Csat);
    public static readonly FeedbackReceived Received = new("b1", FeedbackKind.Csat, ["delivery"], 4);
    public static readonly PreferenceRecorded Preferred = new("contact_time", Secret, PreferenceSource.Stated);
    public static readonly SolutionProposed Solved = new("s1", Secret, ["contact_time"]);
    public static readonly PurchaseRecorded Bought = new("u1", 1000, "EUR", 200);

    public static readonly TrustPolicyAdopted PolicyAdopted = new("disputes hurt us more", 120, 2.5m, 0.6m, 3, 1, 4, 4,
        8.125m, 0.5m, 1, 2, 1, 2, 2, 2, 1.5m, 1.5m, 1.5m, 1, 1);

    /// <summary>Said and recorded at that time.</summary>
    public static Moment At(DateTimeOffset time) => new(time, time, false);

    /// <summary>Brought by a declared import long after it happened.</summary>
    public static Moment Imported(DateTimeOffset time) => new(time, time.AddYears(1), true);

    /// <summary>The id that the n-th event of a stream gets in these tests, from 1.</summary>
    public static Guid EventId(int version) => new(version, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]);

    /// <summary>Events as they would stand in one stream.</summary>
    public static Envelope Entry(IEvent data, Moment at, int version) => new(
        EventId(version), LedgerEvents.NameOf(data.GetType()), "test", version, version - 1, at,
        new EventHeaders("system", at.OccurredAt), data);
}
