namespace CrmLedger.Postgres;

/// <summary>
/// Room that is left free on the file system of a cluster on this machine. PostgreSQL that finds no room for its
/// write-ahead log ends with a PANIC, and until there is room it cannot even be read; whoever stops writing a little
/// before that can go on reading.
/// </summary>
/// <param name="folder">A folder of that file system; null when the cluster's files lie elsewhere.</param>
public sealed class DiskReserve(string? folder)
{
    /// <summary>Free bytes below which nothing more is written: several segments of the write-ahead log.</summary>
    public const long Bytes = 128L << 20;

    private const long MillisecondsRemembered = 100;
    private long _lookedAt = long.MinValue / 2;
    private volatile bool _reached;

    /// <summary>Whether the room that is left is for reading only.</summary>
    public bool IsReached
    {
        get
        {
            long now = Environment.TickCount64;
            if (folder is not null && now - Interlocked.Read(ref _lookedAt) >= MillisecondsRemembered)
            {
                Interlocked.Exchange(ref _lookedAt, now);
                _reached = new DriveInfo(folder).AvailableFreeSpace < Bytes;
            }
            return _reached;
        }
    }

    /// <summary>Free bytes above the reserve; null when the cluster's files lie elsewhere.</summary>
    public long? FreeBytes => folder is null ? null : Math.Max(0, new DriveInfo(folder).AvailableFreeSpace - Bytes);

    /// <summary>Refuses to write into the reserve.</summary>
    /// <exception cref="StorageFullException">It is reached.</exception>
    public void Require()
    {
        if (IsReached)
            throw new StorageFullException();
    }
}

/// <summary>The disk of the ledger's database is full, or nearly so: nothing was written.</summary>
public sealed class StorageFullException : Exception
{
    /// <inheritdoc />
    public StorageFullException() : base("The disk of the ledger's database is full; nothing was written.")
    {
    }

    /// <inheritdoc />
    public StorageFullException(string message) : base(message)
    {
    }

    /// <inheritdoc />
    public StorageFullException(string message, Exception inner) : base(message, inner)
    {
    }
}
