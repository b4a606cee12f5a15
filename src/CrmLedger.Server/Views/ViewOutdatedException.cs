namespace CrmLedger.Server.Views;

/// <summary>The view's rows are of an older version of the ledger; they are being made again.</summary>
public sealed class ViewOutdatedException : Exception
{
    /// <inheritdoc />
    public ViewOutdatedException()
    {
    }

    /// <inheritdoc />
    public ViewOutdatedException(string message) : base(message)
    {
    }

    /// <inheritdoc />
    public ViewOutdatedException(string message, Exception inner) : base(message, inner)
    {
    }

    /// <summary>What to say of a view.</summary>
    public static ViewOutdatedException Of(string view) =>
        new($"View '{view}' is being made again by this version of the ledger. Ask again shortly.");
}
