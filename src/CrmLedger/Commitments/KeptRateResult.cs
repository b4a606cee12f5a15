using System.Collections.Immutable;
using CrmLedger.Promises;

namespace CrmLedger.Commitments;

/// <summary>A kept rate with everything that is needed to judge it; README.md beside this file has the rules.</summary>
public sealed record KeptRateResult
{
    /// <summary>K1: kept by the date first promised.</summary>
    public required long KeptFirstDate { get; init; }

    /// <summary>K2: kept by a date that the customer agreed to in time.</summary>
    public required long KeptAgreedDate { get; init; }

    /// <summary>L: kept late, again after a dispute, or made only after its own due date.</summary>
    public required long KeptLate { get; init; }

    /// <summary>B: taken back, in dispute, or let off only after the date had passed.</summary>
    public required long Broken { get; init; }

    /// <summary>X: let off in time; not counted.</summary>
    public required long Released { get; init; }

    /// <summary>R: open, and moved by agreement to a date that lies ahead.</summary>
    public required long MovedByAgreement { get; init; }

    /// <summary>O: open, and its binding date has come.</summary>
    public required long Overdue { get; init; }

    /// <summary>First due after the time asked about; not counted.</summary>
    public required long NotYetDue { get; init; }

    /// <summary>
    /// How many were counted, K1+K2+L+B+O+R; what follows speaks of these where it does not say otherwise.
    /// </summary>
    public required long N { get; init; }

    /// <summary>K1 of K1+K2+L+B+O+R.</summary>
    public required Share Strict { get; init; }

    /// <summary>K1+K2 of K1+K2+L+B+O.</summary>
    public required Share Agreed { get; init; }

    /// <summary>How late those of L were that were kept after their first due date; null when there are none.</summary>
    public required double? MedianLatenessSeconds { get; init; }

    /// <summary>How many were moved by agreement at least once.</summary>
    public required Share Renegotiated { get; init; }

    /// <summary>The causes that were stated for those of L, B and O, and how often.</summary>
    public required ImmutableSortedDictionary<MissCause, long> MissCauses { get; init; }

    /// <summary>How many rest, whole or in part, on a declared import, and so on the importer's word.</summary>
    public required long Imported { get; init; }

    /// <summary>How many were recorded too late to be taken at their word.</summary>
    public required long RecordedLate { get; init; }

    /// <summary>All that were made: counted, released and not yet due.</summary>
    public required long Made { get; init; }

    /// <summary>The customers to whom they were made.</summary>
    public required long Customers { get; init; }

    /// <summary>
    /// How many were made to each customer on average; null when none was. It falls when promises are avoided.
    /// </summary>
    public double? MadePerCustomer => Customers == 0 ? null : (double)Made / Customers;
}
