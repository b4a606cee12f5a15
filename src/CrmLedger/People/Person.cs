using CrmLedger.Customers;
using CrmLedger.Members;

namespace CrmLedger.People;

/// <summary>Who somebody is, so that lists can say a name beside an id: one row for each customer and member.</summary>
/// <param name="Customer">The customer, or null for a member.</param>
/// <param name="Member">The member, or null for a customer.</param>
public sealed record Person(Customer? Customer = null, PersonMember? Member = null)
{
    /// <summary>The name, sealed.</summary>
    public Sealed? Name => Customer?.Name ?? Member?.Name;

    /// <summary>The client's own reference, sealed.</summary>
    public Sealed? Reference => Customer?.Reference ?? Member?.Reference;

    /// <summary>Whether events of this record can change a row.</summary>
    public static bool Handles(Type record) => record.IsAssignableTo(typeof(ICustomerEvent))
        || record == typeof(MemberJoined) || record == typeof(MemberMovedTeam);

    /// <summary>The row after the event.</summary>
    /// <param name="row">The stream's row, or null when there is none.</param>
    /// <param name="happened">An event that <see cref="Handles" />.</param>
    public static Person? Project(Person? row, IEvent happened) => happened switch
    {
        ICustomerEvent e => new(Customer: (row?.Customer ?? Customer.Unknown).Evolve(e)),
        MemberJoined e => new(Member: new(e.Name, e.Team, e.Reference)),
        MemberMovedTeam e when row?.Member is { } member => new(Member: member with { Team = e.ToTeam }),
        _ => row,
    };
}

/// <summary>A member as lists show it.</summary>
/// <param name="Name">The name, sealed.</param>
/// <param name="Team">The current team.</param>
/// <param name="Reference">The client's own reference, sealed.</param>
public sealed record PersonMember(Sealed Name, string Team, Sealed? Reference = null);
