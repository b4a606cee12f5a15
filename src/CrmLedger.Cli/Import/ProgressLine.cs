namespace CrmLedger.Cli.Import;

/// <summary>How much is done, how fast, and how long it will take.</summary>
internal sealed class ProgressLine(Shell shell, long total, string what) : IDisposable
{
    private static readonly TimeSpan s_everySo = TimeSpan.FromMilliseconds(100);

    private readonly RewrittenLine _line = new(shell);
    private readonly long _started = shell.Clock.GetTimestamp();
    private TimeSpan _lastWritten = -s_everySo;

    public void Report(long done)
    {
        var elapsed = shell.Clock.GetElapsedTime(_started);
        if (elapsed - _lastWritten < s_everySo)
            return;
        _lastWritten = elapsed;
        double rate = done / Math.Max(elapsed.TotalSeconds, 0.001);
        double left = rate > 0 ? Math.Max(total - done, 0) / rate : 0;
        _line.Write($"{Sentences.Count(done)} of {Sentences.Count(total)} {what}, {Sentences.Count((long)rate)}/s, "
            + $"{Sentences.Duration(left)} left");
    }

    public void Dispose() => _line.Dispose();
}
