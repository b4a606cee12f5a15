using System.Collections.Immutable;
using System.Diagnostics;

namespace CrmLedger.Customers;

/// <summary>
/// The customer and the relationship as their events tell it, without what was said and promised in it.
/// </summary>
public sealed record Customer
{
    /// <summary>A customer that nobody has registered.</summary>
    public static Customer Unknown { get; } = new();

    /// <summary>Whether it was registered.</summary>
    public bool Registered { get; init; }

    /// <summary>The customer's name, sealed.</summary>
    public Sealed? Name { get; init; }

    /// <summary>The client's own reference, sealed.</summary>
    public Sealed? Reference { get; init; }

    /// <summary>The tenant's own grouping.</summary>
    public string? Segment { get; init; }

    /// <summary>Whether its data key was destroyed.</summary>
    public bool Erased { get; init; }

    /// <summary>The customer that it turned out to be, or null.</summary>
    public Guid? MergedInto { get; init; }

    /// <summary>Whether the relationship has ended and was not renewed.</summary>
    public bool Ended { get; init; }

    /// <summary>What the customer allowed, by purpose.</summary>
    public ImmutableSortedDictionary<string, bool> Consents { get; init; } =
        ImmutableSortedDictionary.Create<string, bool>(StringComparer.Ordinal);

    /// <summary>The customer after the event.</summary>
    public Customer Evolve(ICustomerEvent happened) => happened switch
    {
        CustomerRegistered e =>
            this with { Registered = true, Name = e.Name, Reference = e.Reference, Segment = e.Segment },
        CustomerDetailsCorrected e => this with { Name = e.Name ?? Name, Segment = e.Segment ?? Segment },
        CustomerErased => this with { Erased = true },
        CustomerMergedInto e => this with { MergedInto = e.CustomerId },
        CustomerUnmerged => this with { MergedInto = null },
        ConsentRecorded e => this with { Consents = Consents.SetItem(e.Purpose, e.Given) },
        RelationshipEnded => this with { Ended = true },
        RelationshipRenewed => this with { Ended = false },
        _ => throw new UnreachableException($"A customer does not know {happened.GetType().Name}."),
    };
}
