using System.ComponentModel.DataAnnotations;

namespace CrmLedger.Customers;

/// <summary>A command about the customer and the relationship itself.</summary>
public interface ICustomerCommand : ICustomerStreamCommand;

/// <summary>Bring a customer into the ledger.</summary>
/// <param name="Name">What you call the customer. Personal data, sealed.</param>
/// <param name="Reference">
/// Your own reference; the same one always finds the same customer. Personal data, sealed.
/// </param>
/// <param name="Segment">Your own grouping.</param>
public sealed record RegisterCustomer(
    [property: MaxLength(200)] Sealed Name,
    [property: MaxLength(200)] Sealed? Reference = null,
    [property: MaxLength(100)] string? Segment = null) : ICustomerCommand;

/// <summary>Correct what is noted of the customer; what is left out stays as it is.</summary>
/// <param name="Name">The right name. Personal data, sealed.</param>
/// <param name="Segment">The right segment.</param>
public sealed record CorrectCustomerDetails(
    [property: MaxLength(200)] Sealed? Name = null,
    [property: MaxLength(100)] string? Segment = null) : ICustomerCommand;

/// <summary>
/// Erase the customer: the data key is destroyed with the event that says so, for ever. Nothing further can be
/// recorded.
/// </summary>
/// <param name="Reason">On what ground, for example <c>asked by the customer</c>; no personal data.</param>
public sealed record EraseCustomer([property: MaxLength(200)] string Reason) : ICustomerCommand;

/// <summary>
/// Record that this customer is another one of ours. From then on new things are recorded there; what is owed already
/// is seen through where it was begun.
/// </summary>
/// <param name="CustomerId">The customer that stays: an id, or ref: and your own reference.</param>
/// <param name="Reason">Why; no personal data.</param>
public sealed record MergeCustomer(
    [property: OtherCustomer] Guid CustomerId, [property: MaxLength(500)] string Reason) : ICustomerCommand;

/// <summary>Take a merge back.</summary>
/// <param name="Reason">Why; no personal data.</param>
public sealed record UnmergeCustomer([property: MaxLength(500)] string Reason) : ICustomerCommand;

/// <summary>Record what the customer allowed or forbade.</summary>
/// <param name="Purpose">For what, for example <c>newsletter</c>.</param>
/// <param name="Given">Whether it was allowed.</param>
public sealed record RecordConsent([property: MaxLength(100)] string Purpose, bool Given) : ICustomerCommand;

/// <summary>Record that the relationship ended.</summary>
/// <param name="Reason">Why.</param>
public sealed record EndRelationship(EndReason Reason) : ICustomerCommand;

/// <summary>Record that the customer came back.</summary>
public sealed record RenewRelationship : ICustomerCommand;

/// <summary>
/// Marks a command's id of another customer: at the edge an id or <c>ref:</c> and the client's own reference.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OtherCustomerAttribute : Attribute;
