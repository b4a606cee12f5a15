using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CrmLedger.Annulments;

namespace CrmLedger.EventStore.Views;

/// <summary>What stands beside a row so that lists can filter and page by it.</summary>
/// <param name="Due">A date, UTC, or null.</param>
/// <param name="MemberId">A member, or null.</param>
/// <param name="Team">A team, or null.</param>
public readonly record struct RowIndex(DateTimeOffset? Due, Guid? MemberId, string? Team);

/// <summary>
/// A view: which events make which rows. Its folds are the core's, pure; here stands only how its rows are stored.
/// </summary>
public abstract class View
{
    private FrozenSet<string>? _skipped;

    /// <summary>The name, as the command line and the API know it.</summary>
    public abstract string Name { get; }

    /// <summary>Rises when the fold or the row changes; a view stored with another one is rebuilt.</summary>
    public abstract int Version { get; }

    /// <summary>The record of a row.</summary>
    public abstract Type RowType { get; }

    /// <summary>
    /// The stored names of the events that need not be read for this view: current ones that change no row of it. What
    /// is left is what it handles, annulments, older shapes, and names that nobody knows, which are poison.
    /// </summary>
    public IReadOnlySet<string> Skipped => _skipped ??= LedgerEvents.Records
        .Where(record => !Handles(record) && record != typeof(EntryAnnulled))
        .Select(LedgerEvents.NameOf).ToFrozenSet();

    /// <summary>The keys of the rows, within the event's stream, that the event may change; empty for none.</summary>
    public abstract IReadOnlyList<string> KeysOf(IEvent happened);

    /// <summary>The row after the event, or null for none.</summary>
    public abstract object? Project(object? row, Envelope entry);

    /// <summary>What stands beside the row.</summary>
    public abstract RowIndex IndexOf(object row);

    /// <summary>The row as it is stored: UTF-8 JSON, always the same bytes for the same row.</summary>
    public abstract byte[] Write(object row);

    /// <summary>
    /// What is counted of the row, packed, for answers out of very many rows; null where the view's answers need none.
    /// </summary>
    public virtual byte[]? Summarize(object row) => null;

    /// <summary>The row read back.</summary>
    public abstract object Read(byte[] utf8);

    /// <summary>Whether events of this record can change a row.</summary>
    protected abstract bool Handles(Type record);

    /// <summary>The customer, member or import whose stream it is.</summary>
    public static Guid IdOf(string streamId) => Guid.ParseExact(streamId.AsSpan(streamId.IndexOf('-') + 1), "D");
}

/// <summary>A view with rows of one type.</summary>
/// <typeparam name="TRow">A record with value equality.</typeparam>
public abstract class View<TRow> : View
    where TRow : class
{
    private static readonly JsonSerializerOptions s_json = new(LedgerJson.Options)
    {
        IgnoreReadOnlyProperties = true,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    /// <inheritdoc />
    public sealed override Type RowType => typeof(TRow);

    /// <inheritdoc />
    public sealed override object? Project(object? row, Envelope entry) => Project((TRow?)row, entry);

    /// <inheritdoc />
    public sealed override RowIndex IndexOf(object row) => IndexOf((TRow)row);

    /// <inheritdoc />
    public sealed override byte[] Write(object row) => JsonSerializer.SerializeToUtf8Bytes((TRow)row, s_json);

    /// <inheritdoc />
    public sealed override object Read(byte[] utf8) => ReadRow(utf8);

    /// <summary>The row read back.</summary>
    public static TRow ReadRow(byte[] utf8) =>
        JsonSerializer.Deserialize<TRow>(utf8, s_json) ?? throw new JsonException("A view's row is null.");

    /// <inheritdoc cref="View.Project" />
    protected abstract TRow? Project(TRow? row, Envelope entry);

    /// <inheritdoc cref="View.IndexOf" />
    protected abstract RowIndex IndexOf(TRow row);
}
