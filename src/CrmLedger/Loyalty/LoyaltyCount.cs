using System.Collections.Immutable;
using CrmLedger.Commitments;
using CrmLedger.Customers;

namespace CrmLedger.Loyalty;

/// <summary>How many relationships moved from one stage to another.</summary>
/// <param name="From">The stage when the period began; null for those that were not there yet.</param>
/// <param name="To">The stage when it ended.</param>
/// <param name="Customers">How many.</param>
public sealed record StageMovement(Stage? From, Stage To, long Customers);

/// <summary>What became of a tenant's customers in a period.</summary>
/// <remarks>
/// A customer is who has bought and is not lost: in one of the stages from new to at risk. With S customers at the
/// beginning, E at the end and N among these who were none at the beginning, retention is (E − N)/S: the share of the
/// S who are customers at the end. Who came and was lost within the period is in none of the numbers but the value.
/// </remarks>
public sealed record LoyaltyCount
{
    /// <summary>S: customers at the beginning.</summary>
    public required long Start { get; init; }

    /// <summary>Of these, who are customers at the end: E − N.</summary>
    public required long Retained { get; init; }

    /// <summary>Of these, who are no customers at the end.</summary>
    public required long Lost { get; init; }

    /// <summary>Customers at the end who first bought in the period.</summary>
    public required long New { get; init; }

    /// <summary>Customers at the end who had bought before the period and were none at its beginning.</summary>
    public required long WonBack { get; init; }

    /// <summary>E: customers at the end.</summary>
    public required long End { get; init; }

    /// <summary>(E − N)/S.</summary>
    public required Share Retention { get; init; }

    /// <summary>How many relationships are in each stage at the end.</summary>
    public required ImmutableSortedDictionary<Stage, long> Stages { get; init; }

    /// <summary>Who changed stage from the beginning to the end.</summary>
    public required ImmutableArray<StageMovement> Movements { get; init; }

    /// <summary>Why relationships ended in the period, whether or not they were renewed.</summary>
    public required ImmutableSortedDictionary<EndReason, long> ReasonsForLeaving { get; init; }

    /// <summary>What was bought and given back in the period, by currency.</summary>
    public required ImmutableSortedDictionary<string, CustomerValue> Value { get; init; }
}

/// <summary>What became of one customer in a period.</summary>
/// <param name="Before">The stage at the beginning; null when the customer was not there yet.</param>
/// <param name="After">The stage at the end; null when the customer is not there yet.</param>
/// <param name="FirstBought">The first purchase as it stands at the end, UTC; null without one.</param>
/// <param name="Endings">Why the relationship ended in the period.</param>
/// <param name="Value">What was bought and given back in the period.</param>
public sealed record CustomerPeriod(
    Stage? Before, Stage? After, DateTimeOffset? FirstBought, ImmutableArray<EndReason> Endings,
    ImmutableSortedDictionary<string, CustomerValue> Value);

/// <summary>Counts what became of customers in a period.</summary>
/// <param name="from">When the period begins, UTC.</param>
public sealed class LoyaltyTally(DateTimeOffset from)
{
    private readonly SortedDictionary<(int From, Stage To), long> _movements = [];
    private readonly Dictionary<EndReason, long> _reasons = [];
    private readonly Dictionary<string, CustomerValue> _value = new(StringComparer.Ordinal);
    private readonly long[] _stages = new long[Enum.GetValues<Stage>().Length];
    private long _start, _retained, _new, _wonBack;

    /// <summary>Counts one.</summary>
    public void Add(CustomerPeriod customer)
    {
        foreach (var reason in customer.Endings)
            _reasons[reason] = _reasons.GetValueOrDefault(reason) + 1;
        foreach (var (currency, value) in customer.Value)
            _value[currency] = _value.GetValueOrDefault(currency)?.Plus(value) ?? value;
        if (customer.After is not { } after)
            return;
        _stages[(int)after]++;
        if (customer.Before != after)
        {
            var move = ((int?)customer.Before ?? -1, after);
            _movements[move] = _movements.GetValueOrDefault(move) + 1;
        }
        bool was = customer.Before is { } before && Standing.IsCustomer(before);
        _start += was ? 1 : 0;
        if (!Standing.IsCustomer(after))
            return;
        if (was)
            _retained++;
        else if (customer.FirstBought >= from)
            _new++;
        else
            _wonBack++;
    }

    /// <summary>The numbers.</summary>
    public LoyaltyCount Result() => new()
    {
        Start = _start,
        Retained = _retained,
        Lost = _start - _retained,
        New = _new,
        WonBack = _wonBack,
        End = _retained + _new + _wonBack,
        Retention = new(_retained, _start),
        Stages = Enum.GetValues<Stage>().ToImmutableSortedDictionary(s => s, s => _stages[(int)s]),
        Movements =
        [
            .. _movements.Select(m => new StageMovement(
                m.Key.From < 0 ? null : (Stage)m.Key.From, m.Key.To, m.Value)),
        ],
        ReasonsForLeaving = _reasons.ToImmutableSortedDictionary(),
        Value = _value.ToImmutableSortedDictionary(StringComparer.Ordinal),
    };
}
