namespace CrmLedger.Feedback;

/// <summary>An event about one score or comment of the customer.</summary>
public interface IFeedbackEvent : ICustomerStreamEvent
{
    /// <summary>The feedback's id, unique within its customer.</summary>
    string FeedbackId { get; }
}

/// <summary>We asked the customer for feedback.</summary>
/// <param name="FeedbackId">The feedback's id, unique within its customer.</param>
/// <param name="Kind">What was asked for.</param>
/// <param name="MemberId">Whom it is about.</param>
/// <param name="Team">That member's team then.</param>
/// <param name="TouchpointId">The touchpoint that it is about.</param>
public sealed record FeedbackRequested(
    string FeedbackId, FeedbackKind Kind, Guid? MemberId = null, string? Team = null, string? TouchpointId = null)
    : IFeedbackEvent;

/// <summary>The customer gave feedback, asked or unasked.</summary>
/// <param name="FeedbackId">The feedback's id, that of the request if there was one.</param>
/// <param name="Kind">What was given.</param>
/// <param name="Topics">What it is about, the tenant's own words, each once.</param>
/// <param name="Score">The score, in the range of its kind; null for a comment.</param>
/// <param name="Comment">In the customer's words.</param>
/// <param name="MemberId">Whom it is about.</param>
/// <param name="Team">That member's team then.</param>
/// <param name="TouchpointId">The touchpoint that it is about.</param>
public sealed record FeedbackReceived(
    string FeedbackId, FeedbackKind Kind, IReadOnlyList<string> Topics, int? Score = null, Sealed? Comment = null,
    Guid? MemberId = null, string? Team = null, string? TouchpointId = null) : IFeedbackEvent;

/// <summary>We did something because of it.</summary>
public sealed record FeedbackActedUpon(string FeedbackId, Sealed? Action = null) : IFeedbackEvent;

/// <summary>The customer was told what came of it: the loop is closed.</summary>
public sealed record FeedbackOutcomeTold(string FeedbackId) : IFeedbackEvent;

/// <summary>
/// The clock's provisional verdict: 30 days passed and we neither acted nor told the customer anything.
/// </summary>
public sealed record FeedbackUnanswered(string FeedbackId) : IFeedbackEvent;

/// <summary>What sort of feedback.</summary>
public enum FeedbackKind
{
    /// <summary>Customer satisfaction, 1 to 5.</summary>
    Csat,

    /// <summary>Would the customer recommend us, 0 to 10 (net promoter score).</summary>
    Nps,

    /// <summary>How easy we were to deal with, 1 to 7 (customer effort score).</summary>
    Ces,

    /// <summary>Words without a score.</summary>
    Comment,
}
