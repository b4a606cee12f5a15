using CrmLedger.Commitments;
using CrmLedger.EventStore.Views;
using CrmLedger.Server.Commitments;

namespace CrmLedger.Server.Statements;

/// <summary>Computes a kept rate again, from the whole log.</summary>
internal sealed class KeptRateRefold(StatementQuestion question) : StatementRefold(question)
{
    private static readonly View s_view = LedgerViews.Find(KeptRateView.ViewName)!;

    private readonly KeptRateTally _total = new(question.Time);
    private readonly SortedDictionary<string, KeptRateTally> _groups = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<string, KeptRateTally>> _over = new(StringComparer.Ordinal);

    /// <inheritdoc />
    public override object Answer()
    {
        int customer = 0;
        foreach (var (_, rows) in RowsOf(s_view))
        {
            foreach (var row in rows.Cast<KeptRatePromise>().Where(IsAskedAbout))
                Count(customer, row);
            customer++;
        }
        return new StatedKeptRate(Numbers(_total), _groups.ToDictionary(g => g.Key, g => Numbers(g.Value)),
            Question.Over is null
                ? null
                : _over.ToDictionary(g => g.Key, g => (IReadOnlyDictionary<string, KeptRateNumbers>)
                    g.Value.ToDictionary(p => p.Key, p => Numbers(p.Value))));
    }

    /// <inheritdoc />
    protected override bool IsOfInterest(Envelope entry) => !s_view.Skipped.Contains(entry.Type);

    private bool IsAskedAbout(KeptRatePromise row) =>
        !(row.Promise.FirstDue < Question.From) && !(row.Promise.FirstDue >= Question.To);

    private void Count(int customer, KeptRatePromise row)
    {
        var counted = CountedCommitment.Of(row.Promise);
        string? group = Question.By is { } by ? StandingPromises.GroupOf(by, row) : null;
        _total.Add(customer, counted);
        if (group is not null)
            TallyIn(_groups, group).Add(customer, counted);
        if (Question.Over is not { } unit)
            return;
        string period = StandingPromises.GroupOf(unit, row);
        TallyIn(PeriodsOf(""), period).Add(customer, counted);
        if (group is not null)
            TallyIn(PeriodsOf($"={group}"), period).Add(customer, counted);
    }

    private static KeptRateNumbers Numbers(KeptRateTally tally) => KeptRateNumbers.Of(tally.Result());

    private KeptRateTally TallyIn(IDictionary<string, KeptRateTally> tallies, string key)
    {
        if (!tallies.TryGetValue(key, out var tally))
            tallies[key] = tally = new(Question.Time);
        return tally;
    }

    private Dictionary<string, KeptRateTally> PeriodsOf(string group)
    {
        if (!_over.TryGetValue(group, out var periods))
            _over[group] = periods = new(StringComparer.Ordinal);
        return periods;
    }
}
