using System.ComponentModel.DataAnnotations;
using CrmLedger.Touchpoints;

namespace CrmLedger.Feedback;

/// <summary>A command about one score or comment of the customer.</summary>
public interface IFeedbackCommand : ICustomerStreamCommand
{
    /// <summary>The feedback's id, unique within its customer.</summary>
    string FeedbackId { get; }
}

/// <summary>Record that you asked the customer for feedback.</summary>
/// <param name="FeedbackId">The feedback's id, unique within its customer; made for you when left out.</param>
/// <param name="Kind">What you asked for.</param>
/// <param name="MemberId">Whom it is about: a member's id, or ref: and your own reference.</param>
/// <param name="Team">The member's team; the current one when left out.</param>
/// <param name="TouchpointId">The touchpoint that it is about.</param>
public sealed record RequestFeedback(
    [property: NewId, MaxLength(100)] string FeedbackId,
    FeedbackKind Kind,
    [property: Member(TeamParameter = "team")] Guid? MemberId = null,
    [property: MaxLength(200)] string? Team = null,
    [property: MaxLength(100)] string? TouchpointId = null) : IFeedbackCommand, IRefersToTouchpoint;

/// <summary>Record what the customer gave, asked or unasked.</summary>
/// <param name="FeedbackId">
/// The request's id, or a new one, unique within its customer; made for you when left out.
/// </param>
/// <param name="Kind">What was given: csat takes a score of 1 to 5, nps 0 to 10, ces 1 to 7, comment none.</param>
/// <param name="Score">The score.</param>
/// <param name="Topics">What it is about, your own words, each at most once.</param>
/// <param name="Comment">In the customer's words; a comment needs it. Personal data, sealed.</param>
/// <param name="MemberId">Whom it is about: a member's id, or ref: and your own reference.</param>
/// <param name="Team">The member's team; the current one when left out.</param>
/// <param name="TouchpointId">The touchpoint that it is about.</param>
public sealed record ReceiveFeedback(
    [property: NewId, MaxLength(100)] string FeedbackId,
    FeedbackKind Kind,
    [property: Range(0, 10)] int? Score = null,
    [property: Words(20, 100)] IReadOnlyList<string>? Topics = null,
    [property: MaxLength(4000)] Sealed? Comment = null,
    [property: Member(TeamParameter = "team")] Guid? MemberId = null,
    [property: MaxLength(200)] string? Team = null,
    [property: MaxLength(100)] string? TouchpointId = null) : IFeedbackCommand, IRefersToTouchpoint;

/// <summary>Record that you did something because of it.</summary>
/// <param name="FeedbackId">The feedback.</param>
/// <param name="Action">What you did. Personal data, sealed.</param>
public sealed record ActUponFeedback(
    string FeedbackId, [property: MaxLength(4000)] Sealed? Action = null) : IFeedbackCommand;

/// <summary>Record that the customer was told what came of it.</summary>
/// <param name="FeedbackId">The feedback.</param>
public sealed record TellFeedbackOutcome(string FeedbackId) : IFeedbackCommand;

/// <summary>Record the clock's verdict that nobody answered in 30 days. The ledger's own command.</summary>
/// <param name="FeedbackId">The feedback.</param>
public sealed record MarkFeedbackUnanswered(string FeedbackId) : IFeedbackCommand, IClockVerdict;
