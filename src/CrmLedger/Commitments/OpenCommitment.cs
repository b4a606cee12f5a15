using System.Diagnostics;
using System.Text.Json;
using CrmLedger.FollowUps;
using CrmLedger.Promises;

namespace CrmLedger.Commitments;

/// <summary>The two sorts of commitment.</summary>
public enum CommitmentType
{
    /// <summary>Something to be done for the customer.</summary>
    Promise,

    /// <summary>A contact that we owe the customer.</summary>
    FollowUp,
}

/// <summary>
/// One promise or follow-up that is still owed. The row is the state that its own fold makes, so that what may happen
/// to it is written once; a disputed promise is not owed, it counts as broken.
/// </summary>
/// <param name="CustomerId">The customer.</param>
/// <param name="Promise">The promise, or null for a follow-up.</param>
/// <param name="FollowUp">The follow-up, or null for a promise.</param>
public sealed record OpenCommitment(Guid CustomerId, Promise? Promise = null, FollowUp? FollowUp = null)
{
    /// <summary>Which sort it is.</summary>
    public CommitmentType Type => Promise is null ? CommitmentType.FollowUp : CommitmentType.Promise;

    /// <summary>The promise's or the follow-up's id; unique within customer and type.</summary>
    public string Id => Promise?.PromiseId ?? FollowUp!.FollowUpId;

    /// <summary>The promise's kind or the follow-up's purpose, as it is written in JSON.</summary>
    public string Kind =>
        Promise?.Kind ?? JsonNamingPolicy.SnakeCaseLower.ConvertName(FollowUp!.Purpose.ToString());

    /// <summary>What will be true when the promise is kept, sealed; null for a follow-up.</summary>
    public Sealed? Conditions => Promise?.Conditions;

    /// <summary>Who holds it.</summary>
    public Guid HolderId => Promise?.HolderId ?? FollowUp!.HolderId;

    /// <summary>The holder's team when it was handed over.</summary>
    public string HolderTeam => Promise?.HolderTeam ?? FollowUp!.HolderTeam;

    /// <summary>When it counts as made, UTC.</summary>
    public DateTimeOffset MadeAt => Promise?.MadeAt ?? FollowUp!.MadeAt;

    /// <summary>The date first promised, UTC.</summary>
    public DateTimeOffset FirstDue => Promise?.FirstDue ?? FollowUp!.FirstDue;

    /// <summary>The last date that the customer agreed to in time, UTC.</summary>
    public DateTimeOffset BindingDue => Promise?.BindingDue ?? FollowUp!.BindingDue;

    /// <summary>How often another date was agreed in time.</summary>
    public int Renegotiations => Promise?.Renegotiations ?? FollowUp!.Renegotiations;

    /// <summary>
    /// Where it stands by what was recorded, in a promise's words: made, renegotiating or lapsed. Whether it is
    /// overdue at a time is <see cref="BindingDue"/> &lt; that time.
    /// </summary>
    public PromiseStatus Status => Promise?.Status
        ?? (FollowUp!.Status == FollowUpStatus.Missed ? PromiseStatus.Lapsed : PromiseStatus.Made);

    /// <summary>Whether events of this record can change a row.</summary>
    public static bool Handles(Type record) =>
        record.IsAssignableTo(typeof(IPromiseEvent)) || record.IsAssignableTo(typeof(IFollowUpEvent));

    /// <summary>The sort and the id of the commitment that the event is about.</summary>
    /// <param name="happened">An event that <see cref="Handles"/>.</param>
    public static (CommitmentType Type, string Id) KeyOf(IEvent happened) => happened switch
    {
        IPromiseEvent e => (CommitmentType.Promise, e.PromiseId),
        IFollowUpEvent e => (CommitmentType.FollowUp, e.FollowUpId),
        _ => throw Unknown(happened),
    };

    /// <summary>
    /// The row after the event, or null when nothing is owed. Nothing that is closed is ever owed again, so no row
    /// stays no row until something new is made. When an entry was annulled, project what is left of its stream anew.
    /// </summary>
    /// <param name="row">The row of that customer, sort and id, or null when there is none.</param>
    /// <param name="customerId">The customer in whose stream the event stands.</param>
    /// <param name="happened">An event that <see cref="Handles"/>.</param>
    /// <param name="at">When it happened and was recorded.</param>
    public static OpenCommitment? Project(OpenCommitment? row, Guid customerId, IEvent happened, Moment at) =>
        happened switch
        {
            IPromiseEvent e => Promise.Evolve(row?.Promise, e, at) is { IsOpen: true } promise
                ? new(customerId, Promise: promise)
                : null,
            IFollowUpEvent e => FollowUp.Evolve(row?.FollowUp, e, at) is { IsOpen: true } followUp
                ? new(customerId, FollowUp: followUp)
                : null,
            _ => throw Unknown(happened),
        };

    private static UnreachableException Unknown(IEvent happened) =>
        new($"No commitment knows {happened.GetType().Name}.");
}
