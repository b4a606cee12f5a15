using CrmLedger.Server.Commitments;
using CrmLedger.Server.Views;
using CrmLedger.Trust;

namespace CrmLedger.Server.Statements;

/// <summary>A kept rate as it is stated.</summary>
/// <param name="Total">Of all.</param>
/// <param name="Groups">Of each group, by its key.</param>
/// <param name="Over">
/// Of each period, by its name, of each group, by its key with <c>=</c> before it; of all under the empty key.
/// </param>
public sealed record StatedKeptRate(
    KeptRateNumbers Total, IReadOnlyDictionary<string, KeptRateNumbers> Groups,
    IReadOnlyDictionary<string, IReadOnlyDictionary<string, KeptRateNumbers>>? Over)
{
    /// <summary>What was counted, as it is stated.</summary>
    public static StatedKeptRate Of(KeptRateCount count) => new(
        KeptRateNumbers.Of(count.Total), count.Groups.ToDictionary(g => g.Key, g => KeptRateNumbers.Of(g.Value)),
        count.Over?.ToDictionary(
            g => g.Key is null ? "" : $"={g.Key}",
            g => (IReadOnlyDictionary<string, KeptRateNumbers>)g.ToDictionary(
                p => p.Period, p => KeptRateNumbers.Of(p.Rate))));
}

/// <summary>Numbers of groups as they are stated: without the names of people, which can be erased.</summary>
/// <typeparam name="TResult">The numbers.</typeparam>
/// <param name="Groups">Everybody first, with the key null, then each group by its key; none has a label.</param>
public sealed record StatedGroups<TResult>(IReadOnlyList<CountedGroup<TResult>> Groups);

/// <summary>Makes stated groups.</summary>
public static class StatedGroups
{
    /// <summary>What was counted, as it is stated.</summary>
    public static StatedGroups<TResult> Of<TResult>(IReadOnlyList<CountedGroup<TResult>> counted) =>
        new([.. counted.Select(g => g with { Label = null })]);
}

/// <summary>A trust score as it is stated, exactly.</summary>
/// <param name="Score">From 0 to 100, as a fraction of whole numbers in decimal digits.</param>
/// <param name="Doubt">The same of its doubt.</param>
/// <param name="Contributions">The numerator of each piece of evidence's points, by the event that gave it.</param>
public sealed record StatedTrust(string Score, string Doubt, IReadOnlyList<StatedContribution> Contributions)
{
    /// <summary>An explained score, as it is stated.</summary>
    public static StatedTrust Of(ExplainedTrust trust) => new(
        Text(trust.Score.Score), Text(trust.Score.Doubt),
        [.. trust.Contributions.Select(c => new StatedContribution(
            c.Source, c.Evidence.Kind, c.Evidence.EventId, c.Evidence.Position, $"{c.Points.Numerator}"))]);

    private static string Text(Fraction fraction) => $"{fraction.Numerator}/{fraction.Denominator}";
}

/// <summary>What one piece of evidence adds to a score.</summary>
/// <param name="Source">What it is evidence of.</param>
/// <param name="Kind">What happened.</param>
/// <param name="EventId">The event.</param>
/// <param name="Position">Its position.</param>
/// <param name="Points">The numerator of its points, over the score's denominator.</param>
public sealed record StatedContribution(
    string Source, EvidenceKind Kind, Guid EventId, long Position, string Points);
