using System.Collections.Immutable;
using CrmLedger.Purchases;

namespace CrmLedger.Loyalty;

/// <summary>What a customer bought in one currency. Sums are whole numbers, too large for 64 bits if need be.</summary>
/// <param name="Currency">ISO 4217.</param>
/// <param name="Purchases">How many purchases, those that were given back included.</param>
/// <param name="AmountMinor">What was paid, in the minor unit.</param>
/// <param name="ReturnedMinor">What of it was paid back.</param>
/// <param name="MarginMinor">What we earned by those of known margin, before returns.</param>
/// <param name="WithMargin">Of how many purchases the margin is known.</param>
public sealed record CustomerValue(
    string Currency, long Purchases, decimal AmountMinor, decimal ReturnedMinor, decimal MarginMinor,
    long WithMargin)
{
    /// <summary>What was paid and not paid back: the value.</summary>
    public decimal ValueMinor => AmountMinor - ReturnedMinor;

    /// <summary>Both together.</summary>
    public CustomerValue Plus(CustomerValue other) => new(Currency, Purchases + other.Purchases,
        AmountMinor + other.AmountMinor, ReturnedMinor + other.ReturnedMinor, MarginMinor + other.MarginMinor,
        WithMargin + other.WithMargin);

    /// <summary>What was bought and given back up to a time, that time included, by currency.</summary>
    public static ImmutableSortedDictionary<string, CustomerValue> ToDate(
        ReadOnlySpan<Purchase> purchases, DateTimeOffset time) => Of(
            purchases, DateTimeOffset.MinValue, time.Plus(TimeSpan.FromTicks(1)));

    /// <summary>
    /// What was bought, and given back, in [from, to), by currency; amounts are never added across them.
    /// </summary>
    /// <param name="purchases">The purchases.</param>
    /// <param name="from">From this time on, UTC.</param>
    /// <param name="to">Before this time, UTC.</param>
    public static ImmutableSortedDictionary<string, CustomerValue> Of(
        ReadOnlySpan<Purchase> purchases, DateTimeOffset from, DateTimeOffset to)
    {
        var values = ImmutableSortedDictionary.Create<string, CustomerValue>(StringComparer.Ordinal);
        foreach (var purchase in purchases)
        {
            bool bought = purchase.BoughtAt >= from && purchase.BoughtAt < to;
            long returned = 0;
            foreach (var one in purchase.Returns.AsSpan())
                returned += one.At >= from && one.At < to ? one.AmountMinor : 0;
            if (!bought && returned == 0)
                continue;
            var value = new CustomerValue(purchase.Currency, bought ? 1 : 0, bought ? purchase.AmountMinor : 0,
                returned, bought ? purchase.MarginMinor ?? 0 : 0, bought && purchase.MarginMinor is not null ? 1 : 0);
            values = values.SetItem(purchase.Currency,
                values.GetValueOrDefault(purchase.Currency) is { } so ? so.Plus(value) : value);
        }
        return values;
    }
}
