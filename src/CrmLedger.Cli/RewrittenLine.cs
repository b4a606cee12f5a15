namespace CrmLedger.Cli;

/// <summary>One line on the terminal that is written anew, and gone at the end. Silent in a pipe.</summary>
internal sealed class RewrittenLine(Shell shell) : IDisposable
{
    private int _length;

    public void Write(string text)
    {
        if (!shell.ErrorIsTerminal)
            return;
        shell.Error.Write('\r' + text.PadRight(_length));
        _length = text.Length;
    }

    public void Dispose()
    {
        if (_length > 0)
            shell.Error.Write('\r' + new string(' ', _length) + '\r');
    }
}
