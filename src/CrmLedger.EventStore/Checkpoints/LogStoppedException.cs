namespace CrmLedger.EventStore.Checkpoints;

/// <summary>
/// The database does not continue what was signed: it was restored, has failed over to an older copy, or was altered.
/// Nothing is recorded until an operator has looked.
/// </summary>
public sealed class LogStoppedException : Exception
{
    /// <inheritdoc />
    public LogStoppedException(string message) : base(message)
    {
    }

    /// <inheritdoc />
    public LogStoppedException(string message, Exception inner) : base(message, inner)
    {
    }

    /// <inheritdoc />
    public LogStoppedException() : base("The log takes nothing until an operator has looked.")
    {
    }
}
