using System.Collections.Immutable;
using CrmLedger.Customers;
using CrmLedger.Feedback;
using CrmLedger.Relationships;

namespace CrmLedger.Touchpoints;

/// <summary>
/// One row of what a customer's contact with us is counted from: a touchpoint with the scores given about it, or, once
/// for each customer, the relationship itself, so that those are found of whom there is no touchpoint.
/// </summary>
public sealed record CustomerContact
{
    /// <summary>The key of the relationship; no touchpoint has it, since its id is never empty.</summary>
    public const string RelationshipKey = "";

    /// <summary>The relationship, or null for a touchpoint.</summary>
    public Relationship? Relationship { get; init; }

    /// <summary>The touchpoint; null for the relationship, and while only feedback names it.</summary>
    public NotedTouchpoint? Touchpoint { get; init; }

    /// <summary>What the member did well in the touchpoint; empty when nobody noted it.</summary>
    public ImmutableArray<Practice> Practices { get; init; } = [];

    /// <summary>The scores of feedback that names the touchpoint, of each feedback once.</summary>
    public ImmutableArray<GivenScore> Scores { get; init; } = [];

    /// <summary>Whether events of this record can change a row.</summary>
    public static bool Handles(Type record) => record == typeof(TouchpointRecorded)
        || record == typeof(FeedbackReceived)
        || record.IsAssignableTo(typeof(ICustomerEvent)) && record != typeof(ConsentRecorded);

    /// <summary>The row within the customer that the event is about; null for none.</summary>
    public static string? KeyOf(IEvent happened) => happened switch
    {
        TouchpointRecorded e => e.TouchpointId,
        FeedbackReceived { Score: not null } e => e.TouchpointId,
        ICustomerEvent when Handles(happened.GetType()) => RelationshipKey,
        _ => null,
    };

    /// <summary>The row after the event, which is of its key. Feedback may be recorded before its touchpoint.</summary>
    /// <param name="row">The row of that key, or null when there is none.</param>
    /// <param name="entry">The event.</param>
    public static CustomerContact Evolve(CustomerContact? row, Envelope entry)
    {
        var before = row ?? new();
        return entry.Data switch
        {
            // Of two with one id the first stands, as the decider has it.
            TouchpointRecorded e when before.Touchpoint is null => before with
            {
                Touchpoint = new(e.Channel, e.Direction, e.MemberId, e.Team, entry.Moment.Effective, entry.Position,
                    e.Tone, e.DurationSeconds),
                Practices = [.. e.Practices],
            },
            FeedbackReceived { Score: { } score } e when before.Scores.All(s => s.FeedbackId != e.FeedbackId) =>
                before with { Scores = before.Scores.Add(new(e.FeedbackId, e.Kind, score)) },
            ICustomerEvent e =>
                before with { Relationship = Relationship.Evolve(before.Relationship, e, entry.Moment) },
            _ => before,
        };
    }

    /// <inheritdoc />
    public bool Equals(CustomerContact? other) => other is not null && Relationship == other.Relationship
        && Touchpoint == other.Touchpoint && Practices.AsSpan().SequenceEqual(other.Practices.AsSpan())
        && Scores.AsSpan().SequenceEqual(other.Scores.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() =>
        HashCode.Combine(Relationship, Touchpoint, Practices.Length, Scores.Length);
}

/// <summary>An interaction without what was said in it.</summary>
/// <param name="Channel">By which way.</param>
/// <param name="Direction">Who began.</param>
/// <param name="MemberId">Who of us took part.</param>
/// <param name="Team">That member's team then.</param>
/// <param name="At">The time from which it counts, UTC.</param>
/// <param name="Position">The position of the event that recorded it.</param>
/// <param name="Tone">How the customer sounded, or null when nobody noted it.</param>
/// <param name="DurationSeconds">How long it took, or null when that is not known.</param>
public sealed record NotedTouchpoint(
    Channel Channel, Direction Direction, Guid MemberId, string Team, DateTimeOffset At, long Position,
    Tone? Tone = null, int? DurationSeconds = null);

/// <summary>A score that the customer gave.</summary>
/// <param name="FeedbackId">The feedback's id, unique within its customer.</param>
/// <param name="Kind">What was given.</param>
/// <param name="Score">The score, in the range of its kind.</param>
public sealed record GivenScore(string FeedbackId, FeedbackKind Kind, int Score);
