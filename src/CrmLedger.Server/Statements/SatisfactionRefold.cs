using CrmLedger.EventStore.Views;
using CrmLedger.Feedback;
using CrmLedger.Relationships;
using CrmLedger.Server.Satisfaction;

namespace CrmLedger.Server.Statements;

/// <summary>Computes how satisfied customers are again, from the whole log.</summary>
internal sealed class SatisfactionRefold(StatementQuestion question) : StatementRefold(question)
{
    private static readonly View s_view = LedgerViews.Find(RelationshipsView.ViewName)!;

    /// <inheritdoc />
    /// <exception cref="FormatException">It would be more numbers than the server gives.</exception>
    public override object Answer()
    {
        var count = new SatisfactionCount(
            new(Question.By, Question.Over, Question.From, Question.To, Question.Time));
        foreach (var (stream, rows) in RowsOf(s_view))
        {
            RelationshipPart[] parts = [.. rows.Cast<RelationshipPart>()];
            string customer = View.IdOf(stream).ToString("D");
            string segment = parts.FirstOrDefault(p => p.Relationship is not null)?.Relationship?.Segment ?? "";
            foreach (var feedback in parts.Select(p => p.Source?.Feedback).OfType<CustomerFeedback>())
                count.Add(feedback, () => customer, () => segment);
        }
        return StatedGroups.Of(count.Results() ?? throw new FormatException(
            "It is stated in more groups and periods than are ever counted."));
    }

    /// <inheritdoc />
    protected override bool IsOfInterest(Envelope entry) => !s_view.Skipped.Contains(entry.Type);
}
