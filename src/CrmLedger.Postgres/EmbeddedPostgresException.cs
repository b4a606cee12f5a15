namespace CrmLedger.Postgres;

/// <summary>
/// The embedded PostgreSQL cannot be had. The message is for the operator: what failed, with which value, and what to
/// do about it; it needs no stack trace beside it.
/// </summary>
public sealed class EmbeddedPostgresException : Exception
{
    /// <summary>Prefer the overload with a message; this one exists because exceptions have it by custom.</summary>
    public EmbeddedPostgresException()
        : this("The embedded PostgreSQL failed.")
    {
    }

    /// <param name="message">One paragraph: what failed, with which value, what to do.</param>
    public EmbeddedPostgresException(string message)
        : base(message)
    {
    }

    /// <param name="message">One paragraph: what failed, with which value, what to do.</param>
    /// <param name="innerException">What the system or PostgreSQL said.</param>
    public EmbeddedPostgresException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
