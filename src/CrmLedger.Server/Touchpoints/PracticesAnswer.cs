using CrmLedger.Commitments;
using CrmLedger.Server.Commitments;
using CrmLedger.Server.Views;
using CrmLedger.Touchpoints;

namespace CrmLedger.Server.Touchpoints;

/// <summary>What members do in touchpoints, and how those touchpoints go.</summary>
/// <param name="AsOf">The time of knowledge asked about, UTC.</param>
/// <param name="Until">Until when what happened counts, and at which it is judged, UTC; null for asOf.</param>
/// <param name="Annulled">What was made of annulled entries.</param>
/// <param name="Position">The position that the answer reflects; -1 for none.</param>
/// <param name="Provisional">Whether later events could still be recorded at or before that time.</param>
/// <param name="From">Touchpoints at or after, UTC.</param>
/// <param name="To">Touchpoints before, UTC.</param>
/// <param name="By">What it is grouped by; null for no groups.</param>
/// <param name="Method">How it is compared, and what that does not show.</param>
/// <param name="Total">Of all touchpoints.</param>
/// <param name="Practices">Each practice beside the outcomes.</param>
/// <param name="Groups">Of each group, by key.</param>
/// <param name="Notice">What the reader should know, such as why nothing is found; null for nothing.</param>
public sealed record PracticesAnswer(
    DateTimeOffset AsOf, DateTimeOffset? Until, AnnulledEntries Annulled,
    long Position, bool Provisional, DateTimeOffset? From,
    DateTimeOffset? To, string? By, string Method, TouchpointNumbers Total,
    IReadOnlyList<PracticeOutcomes> Practices, IReadOnlyList<TouchpointGroup> Groups, string? Notice);

/// <summary>How touchpoints went with a practice and without it, among those where at least one was noted.</summary>
/// <param name="Practice">The practice.</param>
/// <param name="With">In how many it was noted.</param>
/// <param name="Without">In how many only others were.</param>
/// <param name="PositiveTone">The share of a positive or very positive tone among those with a tone noted.</param>
/// <param name="NegativeTone">The share of a negative or very negative tone among the same.</param>
/// <param name="Csat">The share of 4 and 5 among CSAT scores given about them.</param>
public sealed record PracticeOutcomes(
    Practice Practice, long With, long Without, ShareComparison PositiveTone, ShareComparison NegativeTone,
    ShareComparison Csat)
{
    internal static PracticeOutcomes Of(Practice practice, TouchpointTally tally)
    {
        var (with, without) = (tally.With(practice), tally.Without(practice));
        return new(practice, with.Touchpoints, without.Touchpoints,
            ShareComparison.Of(with.PositiveTone, without.PositiveTone),
            ShareComparison.Of(with.NegativeTone, without.NegativeTone),
            ShareComparison.Of(with.Satisfaction, without.Satisfaction));
    }
}

/// <summary>One group.</summary>
/// <param name="Key">A member's id, a team or a channel.</param>
/// <param name="Label">The same for people to read.</param>
/// <param name="Numbers">Of its touchpoints.</param>
public sealed record TouchpointGroup(string Key, string Label, TouchpointNumbers Numbers);

/// <summary>How many touchpoints there were and of what sort.</summary>
/// <param name="Touchpoints">How many.</param>
/// <param name="Minutes">How long those took whose length is known, to a tenth of a minute.</param>
/// <param name="Timed">Of how many the length is known.</param>
/// <param name="Channels">How many by each way.</param>
/// <param name="Tones">How many of each tone, where one was noted.</param>
/// <param name="Noted">In how many at least one practice was noted.</param>
/// <param name="Practices">In how many each practice was noted.</param>
/// <param name="Csat">The share of 4 and 5 among CSAT scores given about them.</param>
public sealed record TouchpointNumbers(
    long Touchpoints, decimal Minutes, long Timed, IReadOnlyDictionary<string, long> Channels,
    IReadOnlyDictionary<string, long> Tones, long Noted, IReadOnlyDictionary<string, long> Practices, Share Csat)
{
    /// <summary>Of no touchpoints: every word that is counted, with nothing.</summary>
    internal static TouchpointNumbers None { get; } = Of(new());

    internal static TouchpointNumbers Of(TouchpointTally tally) => new(
        tally.All.Touchpoints, Math.Round(tally.Seconds / 60m, 1), tally.Timed, Named<Channel>(tally.Channels),
        Named<Tone>(tally.Tones), tally.Noted.Touchpoints,
        Named<Practice>([.. TouchpointTally.Practices.Select(p => tally.With(p).Touchpoints)]),
        tally.All.Satisfaction);

    /// <summary>Counts by the words for what was counted, in the words' own order.</summary>
    private static Dictionary<string, long> Named<T>(IReadOnlyList<long> counts)
        where T : struct, Enum =>
        Enum.GetValues<T>().Zip(counts).ToDictionary(c => Words.Name(c.First), c => c.Second, StringComparer.Ordinal);
}
