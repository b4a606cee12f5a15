using CrmLedger.Annulments;
using CrmLedger.Commitments;
using CrmLedger.EventStore.Views;
using CrmLedger.Policies;
using CrmLedger.Server.Commands;
using CrmLedger.Server.Commitments;
using CrmLedger.Trust;

namespace CrmLedger.Server.Statements;

/// <summary>
/// Computes what a statement is about again from events, by the core's own folds and by nothing that the server stored.
/// Takes the events in the log's order.
/// </summary>
internal sealed class StatementRefold
{
    /// <summary>A kept rate.</summary>
    public const string KeptRate = "kept-rate";

    /// <summary>A customer's trust.</summary>
    public const string Trust = "trust";

    /// <summary>The version of the rules of trust; rises when the same events give another score.</summary>
    public const int TrustRules = 1;

    private static readonly View s_keptRate = LedgerViews.Find(KeptRateView.ViewName)!;

    private readonly StatementQuestion _question;
    private readonly Dictionary<string, List<Envelope>> _streams = new(StringComparer.Ordinal);

    /// <param name="question">What was asked.</param>
    /// <exception cref="FormatException">It is not one that this version can answer.</exception>
    public StatementRefold(StatementQuestion question)
    {
        _question = question;
        int? rules = question.About switch
        {
            KeptRate => s_keptRate.Version,
            Trust when question.Customer is not null => TrustRules,
            _ => null,
        };
        if (rules is null)
            throw new FormatException($"Nobody here knows how '{question.About}' is computed.");
        if (rules != question.Rules)
        {
            throw new FormatException($"'{question.About}' was stated by version {question.Rules} of the rules, and "
                + $"these are version {rules}.");
        }
    }

    /// <summary>The stream that all of it follows from, beside the policies; null for the whole log.</summary>
    public string? Stream => _question.Customer is { } id ? StreamKind.Customer.StreamId(id) : null;

    /// <summary>Takes the next event.</summary>
    public void Take(Envelope entry)
    {
        if (entry.Position > _question.Position || !IsWanted(entry))
            return;
        if (!_streams.TryGetValue(entry.Stream, out var stream))
            _streams[entry.Stream] = stream = [];
        stream.Add(entry);
    }

    /// <summary>The answer.</summary>
    public object Answer() => _question.About == Trust ? TrustAnswer() : KeptRateAnswer();

    private bool IsWanted(Envelope entry) => _question.About == Trust
        ? entry.Stream == Stream || entry.Stream == PolicyStream.StreamId
        : !s_keptRate.Skipped.Contains(entry.Type) && (entry.Data is EntryAnnulled || !(HappenedAt(entry) > Until));

    private DateTimeOffset? Until => _question.Until;

    private static DateTimeOffset HappenedAt(Envelope entry) => entry.Moment.OccurredAt;

    private StatedTrust TrustAnswer()
    {
        var policies = PolicyStream.Fold(_streams.GetValueOrDefault(PolicyStream.StreamId) ?? []).Trust;
        return StatedTrust.Of(CustomerTrust.Fold(_streams.GetValueOrDefault(Stream!) ?? [], _question.Until)
            .At(policies, _question.Time));
    }

    private StatedKeptRate KeptRateAnswer()
    {
        var total = new KeptRateTally(_question.Time);
        var groups = new SortedDictionary<string, KeptRateTally>(StringComparer.Ordinal);
        var over = new Dictionary<string, Dictionary<string, KeptRateTally>>(StringComparer.Ordinal);
        int customer = 0;
        foreach (var (_, stream) in _streams.OrderBy(s => s.Key, StringComparer.Ordinal))
        {
            foreach (var row in RowsOf(stream).Where(IsAskedAbout))
            {
                var counted = CountedCommitment.Of(row.Promise);
                string? group = _question.By is { } by ? StandingPromises.GroupOf(by, row) : null;
                total.Add(customer, counted);
                if (group is not null)
                    TallyIn(groups, group).Add(customer, counted);
                if (_question.Over is { } unit)
                {
                    string period = StandingPromises.GroupOf(unit, row);
                    TallyIn(PeriodsOf(over, ""), period).Add(customer, counted);
                    if (group is not null)
                        TallyIn(PeriodsOf(over, $"={group}"), period).Add(customer, counted);
                }
            }
            customer++;
        }
        return new(Numbers(total), groups.ToDictionary(g => g.Key, g => Numbers(g.Value)), _question.Over is null
            ? null
            : over.ToDictionary(g => g.Key, g => (IReadOnlyDictionary<string, KeptRateNumbers>)
                g.Value.ToDictionary(p => p.Key, p => Numbers(p.Value))));
    }

    private bool IsAskedAbout(KeptRatePromise row) =>
        !(row.Promise.FirstDue < _question.From) && !(row.Promise.FirstDue >= _question.To);

    /// <summary>The rows of a stream.</summary>
    private static IEnumerable<KeptRatePromise> RowsOf(List<Envelope> stream)
    {
        var rows = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var entry in Entries.LeaveOutAnnulled(stream))
        {
            foreach (string key in s_keptRate.KeysOf(entry.Data))
                rows[key] = s_keptRate.Project(rows.GetValueOrDefault(key), entry);
        }
        return rows.Values.OfType<KeptRatePromise>();
    }

    private static KeptRateNumbers Numbers(KeptRateTally tally) => KeptRateNumbers.Of(tally.Result());

    private KeptRateTally TallyIn(IDictionary<string, KeptRateTally> tallies, string key)
    {
        if (!tallies.TryGetValue(key, out var tally))
            tallies[key] = tally = new(_question.Time);
        return tally;
    }

    private static Dictionary<string, KeptRateTally> PeriodsOf(
        Dictionary<string, Dictionary<string, KeptRateTally>> over, string group)
    {
        if (!over.TryGetValue(group, out var periods))
            over[group] = periods = new(StringComparer.Ordinal);
        return periods;
    }
}
