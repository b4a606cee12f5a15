using CrmLedger.Server.Commitments;
using CrmLedger.Server.Views;

namespace CrmLedger.Server.Touchpoints;

/// <summary>
/// Practices as a table for spreadsheets: without groups a line for each practice and outcome, with them a line for
/// each group and a last one for all.
/// </summary>
public static class PracticesCsv
{
    /// <summary>What the first line begins with without groups.</summary>
    public const string FirstOutcome = "practice";

    /// <summary>What it begins with when there are groups.</summary>
    public const string FirstGroup = "key";

    private sealed record Outcome(PracticeOutcomes Practice, string Name, ShareComparison Compared);

    private static readonly CsvTable<Outcome> s_outcomes = new(
    [
        new(FirstOutcome, o => o.Practice.Practice), new("outcome", o => o.Name),
        new("touchpoints_with", o => o.Practice.With), new("touchpoints_without", o => o.Practice.Without),
        .. CsvColumns.OfShare<Outcome>("with", o => o.Compared.With),
        .. CsvColumns.OfShare<Outcome>("without", o => o.Compared.Without),
        new("difference", o => o.Compared.Difference), new("difference_low", o => o.Compared.Low),
        new("difference_high", o => o.Compared.High), new("z", o => o.Compared.Z), new("p", o => o.Compared.P),
    ]);

    private static readonly CsvTable<TouchpointGroup> s_groups = new(
    [
        new(FirstGroup, g => g.Key), new("label", g => g.Label), new("touchpoints", g => g.Numbers.Touchpoints),
        new("minutes", g => g.Numbers.Minutes), new("timed", g => g.Numbers.Timed),
        .. OfCounts("channel", TouchpointNumbers.None.Channels.Keys, n => n.Channels),
        .. OfCounts("tone", TouchpointNumbers.None.Tones.Keys, n => n.Tones), new("noted", g => g.Numbers.Noted),
        .. OfCounts("practice", TouchpointNumbers.None.Practices.Keys, n => n.Practices),
        .. CsvColumns.OfShare<TouchpointGroup>("csat", g => g.Numbers.Csat),
    ]);

    /// <summary>The table.</summary>
    public static string Write(PracticesAnswer answer) => answer.By is null
        ? s_outcomes.Write(answer.Practices.SelectMany(p => new Outcome[]
        {
            new(p, "positive_tone", p.PositiveTone), new(p, "negative_tone", p.NegativeTone), new(p, "csat", p.Csat),
        }))
        : s_groups.Write(answer.Groups.Append(new("", "all", answer.Total)));

    private static IEnumerable<CsvColumn<TouchpointGroup>> OfCounts(
        string prefix, IEnumerable<string> words, Func<TouchpointNumbers, IReadOnlyDictionary<string, long>> of) =>
        words.Select(word => new CsvColumn<TouchpointGroup>($"{prefix}_{word}", g => of(g.Numbers)[word]));
}
