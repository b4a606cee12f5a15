namespace CrmLedger.Purchases;

/// <summary>An event about something that the customer bought.</summary>
public interface IPurchaseEvent : ICustomerStreamEvent
{
    /// <summary>The purchase's id, unique within its customer.</summary>
    string PurchaseId { get; }
}

/// <summary>The customer bought something.</summary>
/// <param name="PurchaseId">The purchase's id, unique within its customer.</param>
/// <param name="AmountMinor">What the customer paid, in the currency's minor unit (cents), ≥ 0.</param>
/// <param name="Currency">ISO 4217, three capital letters.</param>
/// <param name="MarginMinor">What we earned by it, in the minor unit; negative for a loss, null when not known.</param>
public sealed record PurchaseRecorded(
    string PurchaseId, long AmountMinor, string Currency, long? MarginMinor = null) : IPurchaseEvent;

/// <summary>The customer gave some or all of it back.</summary>
/// <param name="PurchaseId">The purchase.</param>
/// <param name="AmountMinor">What we paid back, in the purchase's minor unit; null means all that was left.</param>
public sealed record PurchaseReturned(string PurchaseId, long? AmountMinor = null) : IPurchaseEvent;
