using CrmLedger.Commitments;
using CrmLedger.Feedback;

namespace CrmLedger.Satisfaction;

/// <summary>Counts feedback. What is asked counts when it was asked, all else when it was received.</summary>
/// <param name="time">The time at which what waits is judged, UTC.</param>
public sealed class SatisfactionTally(DateTimeOffset time)
{
    private readonly RentedList<long> _responseTicks = new();
    private readonly RentedList<long> _actedTicks = new();
    private readonly RentedList<long> _toldTicks = new();
    private long _received, _asked, _satisfied, _csat, _promoters, _passives, _detractors, _ces, _cesSum;
    private long _waiting, _overdue;

    /// <summary>Counts a request, answered or not.</summary>
    public void AddRequest(CustomerFeedback feedback)
    {
        _asked++;
        if (feedback.ReceivedAt is { } received)
            _responseTicks.Add(Math.Max(0, (received - feedback.RequestedAt!.Value).Ticks));
    }

    /// <summary>Counts what was received.</summary>
    public void AddReceipt(CustomerFeedback feedback)
    {
        var received = feedback.ReceivedAt!.Value;
        _received++;
        AddScore(feedback.Kind, feedback.Score ?? 0);
        if (feedback.ActedUponAt is { } acted)
            _actedTicks.Add(Math.Max(0, (acted - received).Ticks));
        if (feedback.OutcomeToldAt is { } told)
            _toldTicks.Add(Math.Max(0, (told - received).Ticks));
        if (!feedback.AwaitsAnswer)
            return;
        _waiting++;
        if (feedback.AnswerBy < time)
            _overdue++;
    }

    /// <summary>The numbers; the tally gives its memory back and can count nothing further.</summary>
    public SatisfactionResult Result()
    {
        var result = new SatisfactionResult
        {
            Received = _received,
            Csat = new(_satisfied, _csat),
            Nps = new(_promoters, _passives, _detractors),
            CesN = _ces,
            CesMean = _ces == 0 ? null : (double)_cesSum / _ces,
            Responded = new(_responseTicks.Count, _asked),
            MedianResponseSeconds = MedianSeconds(_responseTicks),
            ActedUpon = new(_actedTicks.Count, _received),
            MedianActedUponSeconds = MedianSeconds(_actedTicks),
            ClosedLoop = new(_toldTicks.Count, _received),
            MedianClosedLoopSeconds = MedianSeconds(_toldTicks),
            Waiting = _waiting,
            Overdue = _overdue,
        };
        _responseTicks.Release();
        _actedTicks.Release();
        _toldTicks.Release();
        return result;
    }

    private void AddScore(FeedbackKind kind, int score)
    {
        switch (kind)
        {
            case FeedbackKind.Csat:
                _csat++;
                _satisfied += score >= 4 ? 1 : 0;
                break;
            case FeedbackKind.Nps when score >= 9:
                _promoters++;
                break;
            case FeedbackKind.Nps when score >= 7:
                _passives++;
                break;
            case FeedbackKind.Nps:
                _detractors++;
                break;
            case FeedbackKind.Ces:
                _ces++;
                _cesSum += score;
                break;
        }
    }

    private static double? MedianSeconds(RentedList<long> ticks) => ticks.Count == 0
        ? null
        : Median.Doubled(ticks.Items) / (2.0 * TimeSpan.TicksPerSecond);
}
