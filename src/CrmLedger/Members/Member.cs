using System.ComponentModel.DataAnnotations;
using System.Diagnostics;
using CrmLedger.Annulments;

namespace CrmLedger.Members;

/// <summary>Bring a member into the ledger.</summary>
/// <param name="Name">The member's name. Personal data, sealed.</param>
/// <param name="Team">The team joined.</param>
/// <param name="Reference">
/// Your own reference; the same one always finds the same member. Personal data, sealed.
/// </param>
public sealed record JoinMember(
    [property: MaxLength(200)] Sealed Name,
    [property: MaxLength(200)] string Team,
    [property: MaxLength(200)] Sealed? Reference = null) : IMemberStreamCommand;

/// <summary>Move a member to another team from now on.</summary>
/// <param name="ToTeam">The new team.</param>
public sealed record MoveMemberToTeam([property: MaxLength(200)] string ToTeam) : IMemberStreamCommand;

/// <summary>A member as the stream tells it: the fold of <c>member-{id}</c>.</summary>
public sealed record Member
{
    /// <summary>The stream before its first event.</summary>
    public static Member Initial { get; } = new();

    /// <summary>The team, or null for somebody who never joined.</summary>
    public string? Team { get; init; }

    /// <summary>The member's name, sealed.</summary>
    public Sealed? Name { get; init; }

    /// <summary>The client's own reference, sealed.</summary>
    public Sealed? Reference { get; init; }

    /// <summary>What stands in the stream and can be annulled.</summary>
    public Entries Entries { get; init; } = Entries.None;

    /// <summary>Folds a stream's events, in order, from its first one; annulled ones are left out.</summary>
    public static Member Fold(IReadOnlyList<Envelope> stream) =>
        Entries.LeaveOutAnnulled(stream).Aggregate(Initial, (state, e) => state.Evolve(e));

    /// <summary>
    /// The state after one more event; an annulment is only noted (fold again to take the effect out).
    /// </summary>
    public Member Evolve(Envelope entry)
    {
        var next = this with { Entries = Entries.With(entry) };
        return entry.Data switch
        {
            EntryAnnulled => next,
            MemberJoined e => next with { Team = e.Team, Name = e.Name, Reference = e.Reference },
            MemberMovedTeam e => next with { Team = e.ToTeam },
            _ => throw new UnreachableException($"A member's stream does not hold {entry.Data.GetType().Name}."),
        };
    }

    /// <summary>Decides a command on this member.</summary>
    public Decision Decide(Guid memberId, IMemberStreamCommand command) => command switch
    {
        JoinMember when Team is not null => new Rejection(RejectionCode.MemberExists,
            $"This member has joined already, with id {memberId}.", "reference"),
        JoinMember c => Decision.Accept(new MemberJoined(c.Name, c.Team, c.Reference)),
        _ when Team is null => new Rejection(RejectionCode.MemberUnknown,
            "There is no such member. Let the member join first."),
        MoveMemberToTeam c when c.ToTeam == Team => new Rejection(RejectionCode.MemberInThatTeam,
            $"The member is in team '{Team}' already.", "toTeam"),
        MoveMemberToTeam c => Decision.Accept(new MemberMovedTeam(Team, c.ToTeam)),
        AnnulEntry c => Entries.Decide(c),
        _ => throw new UnreachableException($"No member takes {command.GetType().Name}."),
    };
}
