using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json;
using CrmLedger.Annulments;
using CrmLedger.Concerns;
using CrmLedger.Customers;
using CrmLedger.Feedback;
using CrmLedger.FollowUps;
using CrmLedger.Imports;
using CrmLedger.Members;
using CrmLedger.Preferences;
using CrmLedger.Promises;
using CrmLedger.Purchases;
using CrmLedger.Touchpoints;
using CrmLedger.Trust;

namespace CrmLedger;

/// <summary>Every stored event: its stable name, its record, and which of its fields hold personal data.</summary>
public static class LedgerEvents
{
    private static readonly (string Name, Type Record)[] s_all =
    [
        ("customer_registered", typeof(CustomerRegistered)),
        ("customer_details_corrected", typeof(CustomerDetailsCorrected)),
        ("customer_erased", typeof(CustomerErased)),
        ("customer_merged_into", typeof(CustomerMergedInto)),
        ("customer_unmerged", typeof(CustomerUnmerged)),
        ("consent_recorded", typeof(ConsentRecorded)),
        ("relationship_ended", typeof(RelationshipEnded)),
        ("relationship_renewed", typeof(RelationshipRenewed)),
        ("promise_made", typeof(PromiseMade)),
        ("promise_reassigned", typeof(PromiseReassigned)),
        ("promise_renegotiation_proposed", typeof(PromiseRenegotiationProposed)),
        ("promise_renegotiation_accepted", typeof(PromiseRenegotiationAccepted)),
        ("promise_renegotiation_refused", typeof(PromiseRenegotiationRefused)),
        ("promise_declared_kept", typeof(PromiseDeclaredKept)),
        ("promise_confirmed", typeof(PromiseConfirmed)),
        ("promise_disputed", typeof(PromiseDisputed)),
        ("promise_withdrawn", typeof(PromiseWithdrawn)),
        ("promise_released", typeof(PromiseReleased)),
        ("promise_lapsed", typeof(PromiseLapsed)),
        ("promise_miss_explained", typeof(PromiseMissExplained)),
        ("touchpoint_recorded", typeof(TouchpointRecorded)),
        ("concern_raised", typeof(ConcernRaised)),
        ("concern_acknowledged", typeof(ConcernAcknowledged)),
        ("concern_resolved", typeof(ConcernResolved)),
        ("concern_reopened", typeof(ConcernReopened)),
        ("concern_unanswered", typeof(ConcernUnanswered)),
        ("follow_up_scheduled", typeof(FollowUpScheduled)),
        ("follow_up_reassigned", typeof(FollowUpReassigned)),
        ("follow_up_rescheduled", typeof(FollowUpRescheduled)),
        ("follow_up_completed", typeof(FollowUpCompleted)),
        ("follow_up_cancelled", typeof(FollowUpCancelled)),
        ("follow_up_missed", typeof(FollowUpMissed)),
        ("feedback_requested", typeof(FeedbackRequested)),
        ("feedback_received", typeof(FeedbackReceived)),
        ("feedback_acted_upon", typeof(FeedbackActedUpon)),
        ("feedback_outcome_told", typeof(FeedbackOutcomeTold)),
        ("feedback_unanswered", typeof(FeedbackUnanswered)),
        ("preference_recorded", typeof(PreferenceRecorded)),
        ("solution_proposed", typeof(SolutionProposed)),
        ("solution_accepted", typeof(SolutionAccepted)),
        ("solution_declined", typeof(SolutionDeclined)),
        ("purchase_recorded", typeof(PurchaseRecorded)),
        ("purchase_returned", typeof(PurchaseReturned)),
        ("entry_annulled", typeof(EntryAnnulled)),
        ("member_joined", typeof(MemberJoined)),
        ("member_moved_team", typeof(MemberMovedTeam)),
        ("import_declared", typeof(ImportDeclared)),
        ("import_completed", typeof(ImportCompleted)),
        ("trust_policy_adopted", typeof(TrustPolicyAdopted)),
    ];

    private static readonly FrozenDictionary<string, Type> s_records =
        s_all.ToFrozenDictionary(e => e.Name, e => e.Record);
    private static readonly FrozenDictionary<Type, string> s_names =
        s_all.ToFrozenDictionary(e => e.Record, e => e.Name);
    private static readonly FrozenDictionary<Type, string> s_clrNames =
        s_all.ToFrozenDictionary(e => e.Record, e => $"{e.Record.FullName}, {e.Record.Assembly.GetName().Name}");

    private static readonly FrozenDictionary<string, FrozenSet<string>> s_sealed =
        s_all.Concat(EventUpcasters.Names.Select(name => (Name: name, Record: EventUpcasters.RecordOf(name)!)))
            .ToFrozenDictionary(e => e.Name, e => SealedFields(e.Record));

    /// <summary>The current names, in the order of the features.</summary>
    public static IEnumerable<string> Names => s_all.Select(e => e.Name);

    /// <summary>The record of each current name.</summary>
    public static IEnumerable<Type> Records => s_all.Select(e => e.Record);

    /// <summary>The stored name of an event's record.</summary>
    public static string NameOf(Type record) => s_names[record];

    /// <summary>Whether the name is a current one.</summary>
    public static bool IsKnown(string name) => s_records.ContainsKey(name);

    /// <summary>The record of a current name, or null.</summary>
    public static Type? RecordOf(string name) => s_records.GetValueOrDefault(name);

    /// <summary>The name under which Marten finds the record: <c>Namespace.Type, Assembly</c>.</summary>
    public static string ClrNameOf(Type record) => s_clrNames[record];

    /// <summary>The fields of an event or a command, camelCase, that hold personal data.</summary>
    public static FrozenSet<string> SealedFields(Type record) => record
        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(p => (Nullable.GetUnderlyingType(p.PropertyType) ?? p.PropertyType) == typeof(Sealed))
        .Select(p => JsonNamingPolicy.CamelCase.ConvertName(p.Name))
        .ToFrozenSet();

    /// <summary>
    /// The fields, camelCase, that hold personal data in what is stored under a name, be it a current or an old one.
    /// </summary>
    public static FrozenSet<string> SealedFieldsOf(string name) => s_sealed.GetValueOrDefault(name, []);

    /// <summary>The event's data as it is stored: UTF-8 JSON, nulls left out.</summary>
    public static byte[] Write(IEvent happened) =>
        JsonSerializer.SerializeToUtf8Bytes(happened, happened.GetType(), LedgerJson.Options);

    /// <summary>Reads stored data under its stored name, lifting an older shape to the current one.</summary>
    /// <param name="name">The name it was stored under.</param>
    /// <param name="utf8">The stored JSON.</param>
    /// <exception cref="UnknownEventException">The name is not one of ours, or the data does not fit it.</exception>
    public static IEvent Read(string name, ReadOnlySpan<byte> utf8)
    {
        try
        {
            if (EventUpcasters.Find(name) is { } upcast)
                return upcast(JsonElement.Parse(utf8));
            if (!s_records.TryGetValue(name, out var record))
                throw new UnknownEventException($"'{name}' is not an event that this version knows.");
            return (IEvent)(JsonSerializer.Deserialize(utf8, record, LedgerJson.Options)
                ?? throw new UnknownEventException($"The data of a stored {name} is null."));
        }
        catch (JsonException unreadable)
        {
            throw new UnknownEventException(
                $"The data of a stored {name} does not fit it: {unreadable.Message}", unreadable);
        }
    }
}

/// <summary>A stored event cannot be read: a newer version wrote it, or it was tampered with.</summary>
public sealed class UnknownEventException : Exception
{
    /// <inheritdoc />
    public UnknownEventException(string message) : base(message)
    {
    }

    /// <inheritdoc />
    public UnknownEventException(string message, Exception inner) : base(message, inner)
    {
    }

    /// <inheritdoc />
    public UnknownEventException()
    {
    }
}
