using CrmLedger.EventStore.Views;
using CrmLedger.Server.Commands;

namespace CrmLedger.Server.Statements;

/// <summary>
/// Computes what a statement is about again from events, by the core's own folds and by nothing that the server stored.
/// Takes the events in the log's order.
/// </summary>
internal abstract class StatementRefold
{
    /// <summary>A kept rate.</summary>
    public const string KeptRate = "kept-rate";

    /// <summary>A customer's trust.</summary>
    public const string Trust = "trust";

    /// <summary>How satisfied customers are.</summary>
    public const string Satisfaction = "satisfaction";

    /// <summary>The version of the rules of trust; rises when the same events give another score.</summary>
    private const int TrustRules = 1;

    private readonly Dictionary<string, List<Envelope>> _streams = new(StringComparer.Ordinal);

    /// <param name="question">What was asked.</param>
    protected StatementRefold(StatementQuestion question) => Question = question;

    /// <summary>What was asked.</summary>
    protected StatementQuestion Question { get; }

    /// <summary>The stream that all of it follows from, beside the policies; null for the whole log.</summary>
    public string? Stream => Question.Customer is { } id ? StreamKind.Customer.StreamId(id) : null;

    /// <summary>What computes the answer to a question.</summary>
    /// <exception cref="FormatException">It is not one that this version can answer.</exception>
    public static StatementRefold Of(StatementQuestion question)
    {
        if (RulesOf(question.About) is not { } rules || question.About == Trust && question.Customer is null)
            throw new FormatException($"Nobody here knows how '{question.About}' is computed.");
        if (rules != question.Rules)
        {
            throw new FormatException($"'{question.About}' was stated by version {question.Rules} of the rules, and "
                + $"these are version {rules}.");
        }
        return question.About switch
        {
            KeptRate => new KeptRateRefold(question),
            Trust => new TrustRefold(question),
            _ => new SatisfactionRefold(question),
        };
    }

    /// <summary>The version of the rules by which something is computed; null when nobody knows it.</summary>
    public static int? RulesOf(string about) => about switch
    {
        KeptRate => LedgerViews.Find(KeptRateView.ViewName)!.Version,
        Trust => TrustRules,
        Satisfaction => LedgerViews.Find(RelationshipsView.ViewName)!.Version,
        _ => null,
    };

    /// <summary>Takes the next event.</summary>
    public void Take(Envelope entry)
    {
        if (entry.Position > Question.Position || !IsOfInterest(entry) || !Question.Counts.Takes(entry))
            return;
        if (!_streams.TryGetValue(entry.Stream, out var stream))
            _streams[entry.Stream] = stream = [];
        stream.Add(entry);
    }

    /// <summary>The answer.</summary>
    public abstract object Answer();

    /// <summary>Whether the answer can depend on an event.</summary>
    protected abstract bool IsOfInterest(Envelope entry);

    /// <summary>What counts of a stream, in order, annulments included.</summary>
    protected IReadOnlyList<Envelope> Of(string stream) => _streams.GetValueOrDefault(stream) ?? [];

    /// <summary>The rows that a view makes of each stream, in the order of the streams' names.</summary>
    protected IEnumerable<(string Stream, List<object> Rows)> RowsOf(View view)
    {
        foreach (var (name, stream) in _streams.OrderBy(s => s.Key, StringComparer.Ordinal))
        {
            var rows = new Dictionary<string, object?>(StringComparer.Ordinal);
            foreach (var entry in Question.Counts.Of(stream))
            {
                foreach (string key in view.KeysOf(entry.Data))
                    rows[key] = view.Project(rows.GetValueOrDefault(key), entry);
            }
            yield return (name, [.. rows.Values.OfType<object>()]);
        }
    }
}
