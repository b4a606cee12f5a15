using System.Diagnostics;
using CrmLedger.Touchpoints;

namespace CrmLedger.Promises;

/// <summary>
/// Where a promise stands by what was said of it; whether its date has passed is a question of the time asked.
/// </summary>
public enum PromiseStatus
{
    /// <summary>Made, and its binding date binds.</summary>
    Made,

    /// <summary>Another date was proposed and not answered yet; the old one binds.</summary>
    Renegotiating,

    /// <summary>The binding date passed with nothing declared.</summary>
    Lapsed,

    /// <summary>Declared kept.</summary>
    Kept,

    /// <summary>The customer says that it was not kept.</summary>
    Disputed,

    /// <summary>Taken back by us.</summary>
    Withdrawn,

    /// <summary>The customer let us off.</summary>
    Released,
}

/// <summary>
/// A promise as its events tell it: all that its decider and the kept rate need, and nothing in clear.
/// </summary>
/// <remarks>
/// The first due date never moves. The binding due date moves only by an acceptance whose effective time is not after
/// the date that it replaces.
/// </remarks>
public sealed record Promise
{
    /// <summary>The promise's id, unique within its customer.</summary>
    public required string PromiseId { get; init; }

    /// <summary>What sort of promise.</summary>
    public required string Kind { get; init; }

    /// <summary>What will be true when it is kept, sealed.</summary>
    public required Sealed Conditions { get; init; }

    /// <summary>Where it was said, if known.</summary>
    public Channel? Channel { get; init; }

    /// <summary>Who made it.</summary>
    public required Guid MakerId { get; init; }

    /// <summary>The maker's team then.</summary>
    public required string MakerTeam { get; init; }

    /// <summary>Who holds it now.</summary>
    public required Guid HolderId { get; init; }

    /// <summary>The holder's team when it was handed over.</summary>
    public required string HolderTeam { get; init; }

    /// <summary>When it counts as made, UTC.</summary>
    public required DateTimeOffset MadeAt { get; init; }

    /// <summary>The date first promised, UTC; never changes.</summary>
    public required DateTimeOffset FirstDue { get; init; }

    /// <summary>The last date that the customer accepted in time, UTC.</summary>
    public required DateTimeOffset BindingDue { get; init; }

    /// <summary>The date proposed and not yet answered, UTC.</summary>
    public DateTimeOffset? ProposedDue { get; init; }

    /// <summary>Where it stands by what was recorded.</summary>
    public PromiseStatus Status { get; init; }

    /// <summary>How often another date was agreed in time.</summary>
    public int Renegotiations { get; init; }

    /// <summary>The effective time of the last declaration that it was kept, UTC.</summary>
    public DateTimeOffset? KeptAt { get; init; }

    /// <summary>The effective time at which the customer let us off, UTC.</summary>
    public DateTimeOffset? ReleasedAt { get; init; }

    /// <summary>Whether the customer confirmed it.</summary>
    public bool Confirmed { get; init; }

    /// <summary>Whether the customer ever disputed it.</summary>
    public bool EverDisputed { get; init; }

    /// <summary>The cause of a miss that was stated last.</summary>
    public MissCause? MissCause { get; init; }

    /// <summary>
    /// Whether it, or something of it that its class in the kept rate rests on, came with a declared import and so
    /// counts by the importer's word.
    /// </summary>
    public bool Imported { get; init; }

    /// <summary>
    /// Whether its making, or something of it that its class in the kept rate rests on, was recorded too late to be
    /// taken at its word.
    /// </summary>
    public bool RecordedLate { get; init; }

    /// <summary>
    /// Whether it was made after its first due date, or recorded after it without an import.
    /// </summary>
    public bool MadeAfterDue { get; init; }

    /// <summary>Whether it is still owed: neither kept, taken back, let off nor in dispute.</summary>
    public bool IsOpen => Status is PromiseStatus.Made or PromiseStatus.Renegotiating or PromiseStatus.Lapsed;

    /// <summary>Where it stands at a time: an open promise has lapsed once its binding date has passed.</summary>
    public PromiseStatus StatusAt(DateTimeOffset time) =>
        IsOpen && time > BindingDue ? PromiseStatus.Lapsed : Status;

    /// <summary>
    /// The promise after the event. An event that its state or its time does not allow has no effect: it can only
    /// stand there because an earlier entry was annulled.
    /// </summary>
    public static Promise? Evolve(Promise? promise, IPromiseEvent happened, Moment at)
    {
        if (happened is PromiseMade made)
            return promise ?? From(made, at);
        if (promise is null || PromiseRules.Refusal(promise, happened, at) is not null)
            return promise;
        return happened switch
        {
            PromiseReassigned e => promise with { HolderId = e.ToMemberId, HolderTeam = e.ToTeam },
            PromiseRenegotiationProposed e => promise with
            {
                Status = promise.UnlessLapsed(PromiseStatus.Renegotiating),
                ProposedDue = e.NewDueAt,
            },
            PromiseRenegotiationAccepted => promise.JudgedBy(at).Accept(),
            PromiseRenegotiationRefused => promise.Answered(),
            PromiseDeclaredKept => promise.JudgedBy(at) with
            {
                Status = PromiseStatus.Kept,
                KeptAt = at.Effective,
                ProposedDue = null,
            },
            PromiseConfirmed => promise with { Confirmed = true },
            PromiseDisputed => promise with { Status = PromiseStatus.Disputed, EverDisputed = true },
            PromiseWithdrawn => promise with { Status = PromiseStatus.Withdrawn, ProposedDue = null },
            PromiseReleased => promise.JudgedBy(at) with
            {
                Status = PromiseStatus.Released,
                ReleasedAt = at.Effective,
                ProposedDue = null,
            },
            PromiseLapsed => promise with { Status = PromiseStatus.Lapsed },
            PromiseMissExplained e => promise with { MissCause = e.Cause },
            _ => throw new UnreachableException($"A promise does not know {happened.GetType().Name}."),
        };
    }

    private static Promise From(PromiseMade made, Moment at) => new()
    {
        PromiseId = made.PromiseId,
        Kind = made.Kind,
        Conditions = made.Conditions,
        Channel = made.Channel,
        MakerId = made.MemberId,
        MakerTeam = made.Team,
        HolderId = made.MemberId,
        HolderTeam = made.Team,
        MadeAt = at.Effective,
        FirstDue = made.DueAt,
        BindingDue = made.DueAt,
        Imported = at.Imported,
        RecordedLate = at.RecordedLate,
        MadeAfterDue = at.IsAfter(made.DueAt),
    };

    /// <summary>
    /// An acceptance, which is in time or refused, moves the binding date and so overturns a verdict that the clock
    /// gave meanwhile.
    /// </summary>
    private Promise Accept() => this with
    {
        Status = PromiseStatus.Made,
        BindingDue = ProposedDue ?? BindingDue,
        ProposedDue = null,
        Renegotiations = Renegotiations + 1,
    };

    /// <summary>Its class rests on this event's time from now on.</summary>
    private Promise JudgedBy(Moment at) => this with
    {
        Imported = Imported || at.Imported,
        RecordedLate = RecordedLate || at.RecordedLate,
    };

    private Promise Answered() => this with { Status = UnlessLapsed(PromiseStatus.Made), ProposedDue = null };

    /// <summary>
    /// The clock's verdict stands while the date that it judged binds, so that it is given once only.
    /// </summary>
    private PromiseStatus UnlessLapsed(PromiseStatus status) =>
        Status == PromiseStatus.Lapsed ? PromiseStatus.Lapsed : status;
}
