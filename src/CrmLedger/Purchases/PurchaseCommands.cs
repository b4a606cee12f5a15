using System.ComponentModel.DataAnnotations;

namespace CrmLedger.Purchases;

/// <summary>A command about something that the customer bought.</summary>
public interface IPurchaseCommand : ICustomerStreamCommand
{
    /// <summary>The purchase's id, unique within its customer.</summary>
    string PurchaseId { get; }
}

/// <summary>
/// Record that the customer bought something. Amounts are at most 2⁵³, so that every JSON reader keeps them.
/// </summary>
/// <param name="PurchaseId">The purchase's id, unique within its customer; made for you when left out.</param>
/// <param name="AmountMinor">What the customer paid, in the currency's minor unit (cents).</param>
/// <param name="Currency">ISO 4217, three capital letters.</param>
/// <param name="MarginMinor">What you earned by it, in the minor unit; negative for a loss.</param>
public sealed record RecordPurchase(
    [property: NewId, MaxLength(100)] string PurchaseId,
    [property: Range(0L, 1L << 53)] long AmountMinor,
    [property: RegularExpression("^[A-Z]{3}$")] string Currency,
    [property: Range(-(1L << 53), 1L << 53)] long? MarginMinor = null) : IPurchaseCommand;

/// <summary>Record that the customer gave some or all of it back.</summary>
/// <param name="PurchaseId">The purchase.</param>
/// <param name="AmountMinor">What you paid back, at most what is left; all that is left when left out.</param>
public sealed record ReturnPurchase(
    string PurchaseId, [property: Range(1L, 1L << 53)] long? AmountMinor = null) : IPurchaseCommand;
