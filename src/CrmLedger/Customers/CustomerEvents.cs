namespace CrmLedger.Customers;

/// <summary>An event about the customer and the relationship itself.</summary>
public interface ICustomerEvent : ICustomerStreamEvent;

/// <summary>A customer came into the ledger.</summary>
/// <param name="Name">What we call the customer.</param>
/// <param name="Reference">The client's own reference.</param>
/// <param name="Segment">The tenant's own grouping.</param>
public sealed record CustomerRegistered(Sealed Name, Sealed? Reference = null, string? Segment = null) : ICustomerEvent;

/// <summary>What we had noted of the customer was wrong or changed; a null stays as it was.</summary>
public sealed record CustomerDetailsCorrected(Sealed? Name = null, string? Segment = null) : ICustomerEvent;

/// <summary>The customer's data key was destroyed; nothing further may be recorded.</summary>
/// <param name="Basis">On what ground, for example a request by the customer.</param>
public sealed record CustomerErased(string Basis) : ICustomerEvent;

/// <summary>The customer turned out to be another one of ours; from here on that one is written to.</summary>
public sealed record CustomerMergedInto(Guid CustomerId, string Reason) : ICustomerEvent;

/// <summary>The merge was a mistake.</summary>
public sealed record CustomerUnmerged(string Reason) : ICustomerEvent;

/// <summary>The customer allowed or forbade something.</summary>
public sealed record ConsentRecorded(string Purpose, bool Given) : ICustomerEvent;

/// <summary>The relationship ended.</summary>
public sealed record RelationshipEnded(EndReason Reason) : ICustomerEvent;

/// <summary>The customer came back.</summary>
public sealed record RelationshipRenewed : ICustomerEvent;

/// <summary>Why a relationship ended.</summary>
public enum EndReason
{
    /// <summary>Too dear.</summary>
    Price,

    /// <summary>Gone to somebody else.</summary>
    Competitor,

    /// <summary>What we did, or how.</summary>
    Service,

    /// <summary>Nothing more is needed.</summary>
    NeedGone,

    /// <summary>Anything else.</summary>
    Other,
}
