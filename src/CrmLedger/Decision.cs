namespace CrmLedger;

/// <summary>What a decider answers: the events to record, or why there are none.</summary>
public readonly record struct Decision
{
    private Decision(IReadOnlyList<IEvent>? events, Rejection? rejection) =>
        (Events, Rejection) = (events ?? [], rejection);

    /// <summary>The events to record, in order; empty when refused.</summary>
    public IReadOnlyList<IEvent> Events { get; }

    /// <summary>Why the command was refused, or null when it was accepted.</summary>
    public Rejection? Rejection { get; }

    /// <summary>Accepts: these events are to be recorded together.</summary>
    public static Decision Accept(params IReadOnlyList<IEvent> events) => new(events, null);

    /// <summary>Refuses.</summary>
    public static Decision Reject(Rejection rejection) => new(null, rejection);

    /// <summary>Accepts the event unless there is a reason to refuse it.</summary>
    public static Decision Unless(Rejection? rejection, IEvent accepted) =>
        rejection is null ? Accept(accepted) : Reject(rejection);

    /// <inheritdoc cref="Reject" />
    public static implicit operator Decision(Rejection rejection) => Reject(rejection);
}

/// <summary>A refusal that is part of the business, not an error: nothing was recorded.</summary>
/// <param name="Code">The stable code; clients may match on it.</param>
/// <param name="Detail">What was wrong, with the value, and what to do, for a human.</param>
/// <param name="Field">The command's field that it is about, camelCase, or null when it is about the state.</param>
public sealed record Rejection(RejectionCode Code, string Detail, string? Field = null);
