using System.Diagnostics;

namespace CrmLedger.Server.Projections;

/// <summary>
/// Which of many undertakings went wrong lately, and from when on each may be tried again: later each time.
/// </summary>
internal sealed class Setbacks
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMinutes(2);

    private readonly Dictionary<string, (TimeSpan Pause, long Since)> _setbacks = new(StringComparer.Ordinal);

    /// <summary>Whether it may be tried.</summary>
    public bool IsDue(string what) =>
        !_setbacks.TryGetValue(what, out var last) || Stopwatch.GetElapsedTime(last.Since) >= last.Pause;

    /// <summary>It went wrong.</summary>
    /// <returns>How long it is left alone.</returns>
    public TimeSpan Add(string what)
    {
        var pause = _setbacks.TryGetValue(what, out var last) ? last.Pause + last.Pause : s_firstPause;
        if (pause > s_longestPause)
            pause = s_longestPause;
        _setbacks[what] = (pause, Stopwatch.GetTimestamp());
        return pause;
    }

    /// <summary>It went well.</summary>
    public void Clear(string what) => _setbacks.Remove(what);
}
