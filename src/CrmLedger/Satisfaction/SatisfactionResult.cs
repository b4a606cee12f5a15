using CrmLedger.Commitments;

namespace CrmLedger.Satisfaction;

/// <summary>
/// How many would recommend us: the net promoter score (Reichheld 2003, "The One Number You Need to Grow").
/// </summary>
/// <param name="Promoters">Gave 9 or 10.</param>
/// <param name="Passives">Gave 7 or 8.</param>
/// <param name="Detractors">Gave 0 to 6.</param>
public sealed record NetPromoters(long Promoters, long Passives, long Detractors)
{
    /// <summary>How many answered.</summary>
    public long N => Promoters + Passives + Detractors;

    /// <summary>−100 to 100: the percentage of promoters less that of detractors; null of nobody.</summary>
    public double? Score => N == 0 ? null : 100.0 * (Promoters - Detractors) / N;

    /// <summary>The score's standard error, 100·√((p + d − (p − d)²)/n); null of nobody.</summary>
    public double? StandardError
    {
        get
        {
            if (N == 0)
                return null;
            double p = (double)Promoters / N, d = (double)Detractors / N;
            return 100 * Math.Sqrt((p + d - (p - d) * (p - d)) / N);
        }
    }
}

/// <summary>How satisfied customers are, and whether we listen.</summary>
public sealed record SatisfactionResult
{
    /// <summary>How many scores and comments were received.</summary>
    public required long Received { get; init; }

    /// <summary>CSAT: those who gave 4 or 5, of all who gave 1 to 5.</summary>
    public required Share Csat { get; init; }

    /// <summary>NPS.</summary>
    public required NetPromoters Nps { get; init; }

    /// <summary>CES: how many told how easy we were to deal with.</summary>
    public required long CesN { get; init; }

    /// <summary>CES: the mean, 1 to 7; null of nobody.</summary>
    public required double? CesMean { get; init; }

    /// <summary>Those who answered, of all who were asked.</summary>
    public required Share Responded { get; init; }

    /// <summary>The median time from asking to the answer; null of none.</summary>
    public required double? MedianResponseSeconds { get; init; }

    /// <summary>Of what was received, what was acted upon.</summary>
    public required Share ActedUpon { get; init; }

    /// <summary>The median time from receipt to action; null of none.</summary>
    public required double? MedianActedUponSeconds { get; init; }

    /// <summary>Of what was received, of what the customer was told the outcome: the loop is closed.</summary>
    public required Share ClosedLoop { get; init; }

    /// <summary>The median time from receipt to telling the outcome; null of none.</summary>
    public required double? MedianClosedLoopSeconds { get; init; }

    /// <summary>Of what was received, what waits: neither acted upon nor told.</summary>
    public required long Waiting { get; init; }

    /// <summary>Of what waits, what has waited for more than 30 days.</summary>
    public required long Overdue { get; init; }
}
