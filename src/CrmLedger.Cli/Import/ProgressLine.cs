namespace CrmLedger.Cli.Import;

/// <summary>
/// One line on the terminal, written anew: how much is done, how fast, how long it will take. Silent in a pipe.
/// </summary>
internal sealed class ProgressLine(Shell shell, long total, string what) : IDisposable
{
    private static readonly TimeSpan s_everySo = TimeSpan.FromMilliseconds(100);

    private readonly long _started = shell.Clock.GetTimestamp();
    private TimeSpan _lastWritten = -s_everySo;
    private int _length;

    public void Report(long done)
    {
        var elapsed = shell.Clock.GetElapsedTime(_started);
        if (!shell.ErrorIsTerminal || elapsed - _lastWritten < s_everySo)
            return;
        _lastWritten = elapsed;
        double rate = done / Math.Max(elapsed.TotalSeconds, 0.001);
        double left = rate > 0 ? Math.Max(total - done, 0) / rate : 0;
        Write($"{Sentences.Count(done)} of {Sentences.Count(total)} {what}, {Sentences.Count((long)rate)}/s, "
            + $"{Sentences.Duration(left)} left");
    }

    public void Dispose()
    {
        if (_length > 0)
            shell.Error.Write('\r' + new string(' ', _length) + '\r');
    }

    private void Write(string text)
    {
        shell.Error.Write('\r' + text.PadRight(_length));
        _length = text.Length;
    }
}
