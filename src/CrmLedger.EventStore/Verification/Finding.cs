namespace CrmLedger.EventStore.Verification;

/// <summary>Of what kind the place is where something is wrong.</summary>
public enum FindingKind
{
    /// <summary>A row of the log.</summary>
    Event,

    /// <summary>A row of the streams' versions.</summary>
    Stream,

    /// <summary>Stored hashes of the tree.</summary>
    Tile,

    /// <summary>The log's size, root and time.</summary>
    Head,

    /// <summary>Something that was signed, or a key that signs.</summary>
    Checkpoint,

    /// <summary>A row of a view.</summary>
    View,

    /// <summary>The key of somebody's personal text, or that it was destroyed.</summary>
    SubjectKey,

    /// <summary>Rows of a tenant that is none.</summary>
    Tenant,
}

/// <summary>Something that is not as it must be.</summary>
/// <param name="Tenant">Whose.</param>
/// <param name="Kind">Of what kind the place is.</param>
/// <param name="Place">Where: <c>event 17</c>, <c>tile 0/3</c>, <c>stream customer-…</c>.</param>
/// <param name="Detail">What is wrong there, a sentence.</param>
public sealed record Finding(string Tenant, FindingKind Kind, string Place, string Detail);

/// <summary>Gathers findings of one tenant; of very many it keeps the first ones and counts all.</summary>
internal sealed class Findings(string tenant)
{
    /// <summary>How many are kept.</summary>
    public const int Most = 1_000;

    public List<Finding> Items { get; } = [];

    public long Count { get; private set; }

    public void Note(FindingKind kind, string place, string detail)
    {
        if (Count++ < Most)
            Items.Add(new(tenant, kind, place, detail));
    }

    public void Event(long position, string detail) => Note(FindingKind.Event, $"event {position}", detail);
}
