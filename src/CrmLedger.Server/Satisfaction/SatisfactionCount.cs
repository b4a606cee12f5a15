using CrmLedger.Feedback;
using CrmLedger.Satisfaction;
using CrmLedger.Server.Relationships;
using CrmLedger.Server.Views;

namespace CrmLedger.Server.Satisfaction;

/// <summary>Counts feedback, all of it and in groups and periods.</summary>
internal sealed class SatisfactionCount(CountQuestion question)
{
    private readonly Grouping<SatisfactionTally> _counts = new(question.Over, () => new(question.Time));

    /// <summary>Counts some feedback: its request when it was asked for, all else when it was received.</summary>
    /// <param name="feedback">The feedback.</param>
    /// <param name="customer">Tells whose it is, where that is grouped by.</param>
    /// <param name="segment">Tells of which segment the customer is, where that is grouped by.</param>
    public void Add(CustomerFeedback feedback, Func<string> customer, Func<string> segment)
    {
        string[] keys = KeysOf(question.By, feedback, customer, segment);
        if (feedback.RequestedAt is { } requested && question.IsAbout(requested))
            _counts.Count(keys, requested, tally => tally.AddRequest(feedback));
        if (feedback.ReceivedAt is { } received && question.IsAbout(received))
            _counts.Count(keys, received, tally => tally.AddReceipt(feedback));
    }

    /// <summary>The numbers; null when there are too many groups and periods.</summary>
    public IReadOnlyList<CountedGroup<SatisfactionResult>>? Results() => _counts.Results(tally => tally.Result());

    /// <summary>The groups of some feedback.</summary>
    internal static string[] KeysOf(
        string? by, CustomerFeedback feedback, Func<string> customer, Func<string> segment) => by switch
    {
        null => [],
        "topic" => feedback.Topics.Count == 0 ? [""] : [.. feedback.Topics],
        "member" => [feedback.MemberId?.ToString("D") ?? ""],
        "team" => [feedback.Team ?? ""],
        "kind" => [Words.Name(feedback.Kind)],
        "customer" => [customer()],
        _ => [segment()],
    };
}
