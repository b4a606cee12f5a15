using CrmLedger.Commitments;
using CrmLedger.Concerns;

namespace CrmLedger.Responsiveness;

/// <summary>How long something took, of those of which it is over.</summary>
/// <param name="N">Of how many it is over.</param>
/// <param name="P50">Half took no longer, in seconds; null of none.</param>
/// <param name="P75">Three of four took no longer.</param>
/// <param name="P90">Nine of ten took no longer.</param>
/// <param name="P95">Nineteen of twenty took no longer.</param>
/// <param name="Longest">None took longer.</param>
public sealed record Durations(long N, double? P50, double? P75, double? P90, double? P95, double? Longest)
{
    /// <summary>
    /// Percentiles by nearest rank: the least of the times that so many of a hundred do not exceed. Each is a time that
    /// was really taken.
    /// </summary>
    /// <param name="ticks">The times, in ticks; their order changes.</param>
    internal static Durations Of(Span<long> ticks)
    {
        if (ticks.IsEmpty)
            return new(0, null, null, null, null, null);
        ticks.Sort();
        return new(ticks.Length, At(ticks, 50), At(ticks, 75), At(ticks, 90), At(ticks, 95), At(ticks, 100));
    }

    private static double At(ReadOnlySpan<long> sorted, int percent) =>
        (double)sorted[(int)(((long)percent * sorted.Length + 99) / 100) - 1] / TimeSpan.TicksPerSecond;
}

/// <summary>How quickly customers hear from us and are helped.</summary>
public sealed record ResponsivenessResult
{
    /// <summary>How many concerns were raised.</summary>
    public required long Raised { get; init; }

    /// <summary>Of those whose time to answer has passed or that were answered, those answered in time.</summary>
    public required Share AnsweredInTime { get; init; }

    /// <summary>How many wait for our first word.</summary>
    public required long Unanswered { get; init; }

    /// <summary>From raising to our first word, an acknowledgement or a resolution.</summary>
    public required Durations FirstResponse { get; init; }

    /// <summary>Those that are put right.</summary>
    public required Share Resolved { get; init; }

    /// <summary>From raising to the last resolution, of those that are put right.</summary>
    public required Durations Resolution { get; init; }

    /// <summary>Of those ever put right, those that turned out not to be.</summary>
    public required Share Reopened { get; init; }
}

/// <summary>Counts concerns.</summary>
/// <param name="time">The time at which what waits is judged, UTC.</param>
public sealed class ResponsivenessTally(DateTimeOffset time)
{
    private readonly RentedList<long> _responseTicks = new();
    private readonly RentedList<long> _resolutionTicks = new();
    private long _raised, _inTime, _judged, _unanswered, _everResolved, _reopened;

    /// <summary>Counts one.</summary>
    public void Add(Concern concern)
    {
        _raised++;
        if (concern.FirstAnsweredAt is { } answered)
        {
            _responseTicks.Add(Math.Max(0, (answered - concern.RaisedAt).Ticks));
            _judged++;
            _inTime += concern.FirstAnsweredInTime ? 1 : 0;
        }
        else
        {
            _unanswered++;
            _judged += concern.RespondBy < time ? 1 : 0;
        }
        if (concern.Resolutions is not [.., var last])
            return;
        _everResolved++;
        _reopened += concern.Reopenings > 0 ? 1 : 0;
        if (concern.Status == ConcernStatus.Resolved)
            _resolutionTicks.Add(Math.Max(0, (last.At - concern.RaisedAt).Ticks));
    }

    /// <summary>The numbers; the tally gives its memory back and can count nothing further.</summary>
    public ResponsivenessResult Result()
    {
        var result = new ResponsivenessResult
        {
            Raised = _raised,
            AnsweredInTime = new(_inTime, _judged),
            Unanswered = _unanswered,
            FirstResponse = Durations.Of(_responseTicks.Items),
            Resolved = new(_resolutionTicks.Count, _raised),
            Resolution = Durations.Of(_resolutionTicks.Items),
            Reopened = new(_reopened, _everResolved),
        };
        _responseTicks.Release();
        _resolutionTicks.Release();
        return result;
    }
}
