namespace CrmLedger.Trust;

/// <summary>
/// What evidence weighs from here on. Evidence keeps the weight of the policy under which its event was recorded;
/// half-life, prior and start are the last policy's.
/// </summary>
/// <param name="Reason">Why; no personal data.</param>
/// <param name="HalfLifeDays">The days after which evidence has half its weight.</param>
/// <param name="Prior">How much evidence it takes to move a score half-way from its start.</param>
/// <param name="Start">Where a score starts: 0 stands for 0 and 1 for 100.</param>
/// <param name="PromiseKept">A promise was kept in time.</param>
/// <param name="PromiseKeptLate">A promise was kept late; speaks against us.</param>
/// <param name="PromiseLapsed">A promise lapsed; speaks against us.</param>
/// <param name="PromiseWithdrawn">We took a promise back; speaks against us.</param>
/// <param name="PromiseDisputed">The customer disputes that a promise was kept; speaks against us.</param>
/// <param name="PromiseRenegotiated">Another date was agreed in time.</param>
/// <param name="FollowUpCompleted">A follow-up was made in time.</param>
/// <param name="FollowUpMissed">A follow-up was missed; speaks against us.</param>
/// <param name="ConcernAcknowledged">A concern was acknowledged in time.</param>
/// <param name="ConcernResolved">A concern was resolved.</param>
/// <param name="ConcernReopened">A concern was opened again; speaks against us.</param>
/// <param name="ConcernUnanswered">A concern was not answered in time; speaks against us.</param>
/// <param name="FeedbackActedUpon">Feedback was acted upon.</param>
/// <param name="FeedbackOutcomeTold">The customer was told what came of feedback.</param>
/// <param name="FeedbackUnanswered">Feedback was not answered in time; speaks against us.</param>
/// <param name="SatisfactionHigh">CSAT 4 or 5.</param>
/// <param name="SatisfactionLow">CSAT 1 or 2; speaks against us.</param>
public sealed record TrustPolicyAdopted(
    string Reason, int HalfLifeDays, decimal Prior, decimal Start,
    decimal PromiseKept, decimal PromiseKeptLate, decimal PromiseLapsed, decimal PromiseWithdrawn,
    decimal PromiseDisputed, decimal PromiseRenegotiated, decimal FollowUpCompleted, decimal FollowUpMissed,
    decimal ConcernAcknowledged, decimal ConcernResolved, decimal ConcernReopened, decimal ConcernUnanswered,
    decimal FeedbackActedUpon, decimal FeedbackOutcomeTold, decimal FeedbackUnanswered,
    decimal SatisfactionHigh, decimal SatisfactionLow) : IPolicyStreamEvent;
