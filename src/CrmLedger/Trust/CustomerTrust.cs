using System.Collections.Immutable;

namespace CrmLedger.Trust;

/// <summary>What one piece of evidence does to a score.</summary>
/// <param name="Source">What it is evidence of, for example <c>promise/p-17</c>.</param>
/// <param name="Evidence">The evidence.</param>
/// <param name="WeightThousandths">Its whole weight.</param>
/// <param name="Left">What is left of it, in units of 2⁻⁴⁰.</param>
/// <param name="Points">What it adds to the score or, below 0, takes from it.</param>
public sealed record Contribution(
    string Source, Evidence Evidence, int WeightThousandths, long Left, Fraction Points);

/// <summary>A score with what it is made of.</summary>
/// <param name="Time">The time that it is the score of, UTC.</param>
/// <param name="Score">The score.</param>
/// <param name="Contributions">
/// All evidence that counts by then, the weightiest first; with where every score starts they sum to the score exactly.
/// </param>
public sealed record ExplainedTrust(
    DateTimeOffset Time, TrustScore Score, ImmutableArray<Contribution> Contributions);

/// <summary>How much one piece of evidence moved a score between two moments.</summary>
/// <param name="Source">What it is evidence of.</param>
/// <param name="Evidence">The evidence.</param>
/// <param name="Before">What it did to the score before; null while it was not known, or did not count yet.</param>
/// <param name="After">What it does after; null when it was overturned or annulled.</param>
public sealed record TrustChange(string Source, Evidence Evidence, Fraction? Before, Fraction? After)
{
    /// <summary>By how many points it moved the score, to five digits.</summary>
    public decimal Moved => (After?.Round(5) ?? 0) - (Before?.Round(5) ?? 0);
}

/// <summary>The evidence in one customer's stream.</summary>
/// <param name="Sources">By their key.</param>
public sealed record CustomerTrust(ImmutableSortedDictionary<string, EvidenceSource> Sources)
{
    /// <summary>Folds a stream's events, in order.</summary>
    /// <param name="stream">What is known of the stream.</param>
    /// <param name="counts">What of that counts.</param>
    public static CustomerTrust Fold(IReadOnlyList<Envelope> stream, WhatCounts counts)
    {
        var sources = ImmutableSortedDictionary.CreateBuilder<string, EvidenceSource>(StringComparer.Ordinal);
        foreach (var entry in counts.Of(stream))
        {
            if (EvidenceSource.KeyOf(entry.Data) is { } key
                && EvidenceSource.Evolve(sources.GetValueOrDefault(key), entry) is { } source)
            {
                sources[key] = source;
            }
        }
        return new(sources.ToImmutable());
    }

    /// <summary>The score at a time, explained.</summary>
    /// <param name="policies">The weights.</param>
    /// <param name="time">The time asked about, UTC.</param>
    public ExplainedTrust At(TrustPolicies policies, DateTimeOffset time)
    {
        var score = TrustScore.At(Sources.Values.SelectMany(s => s.Evidence), policies, time);
        var contributions =
            from source in Sources
            from evidence in source.Value.Evidence
            where evidence.At <= time
            let left = TrustScore.LeftOf(evidence.Kind, evidence.At, evidence.Position, policies, time)
            let points = score.ContributionOf(left, evidence.IsFavourable)
            orderby Int128.Abs(points.Numerator) descending, evidence.Position, evidence.Kind
            select new Contribution(source.Key, evidence, policies.WeightOf(evidence.Kind, evidence.Position), left,
                points);
        return new(time, score, [.. contributions]);
    }

    /// <summary>
    /// What moved a score between two moments, the most first: evidence that came, evidence that went, and what faded.
    /// </summary>
    public static ImmutableArray<TrustChange> Changes(ExplainedTrust before, ExplainedTrust after)
    {
        var earlier = before.Contributions.ToDictionary(c => (c.Source, c.Evidence));
        var later = after.Contributions.ToDictionary(c => (c.Source, c.Evidence));
        return
        [
            .. earlier.Keys.Union(later.Keys).Select(key => new TrustChange(key.Source, key.Evidence,
                earlier.GetValueOrDefault(key)?.Points, later.GetValueOrDefault(key)?.Points))
            .OrderByDescending(c => Math.Abs(c.Moved)).ThenBy(c => c.Evidence.Position).ThenBy(c => c.Evidence.Kind),
        ];
    }
}
