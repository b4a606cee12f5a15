using CrmLedger.Annulments;
using CrmLedger.EventStore.Appending;
using NpgsqlTypes;

namespace CrmLedger.EventStore.Reading;

/// <summary>Up to where a stream is read; every bound that is given holds.</summary>
/// <param name="AfterVersion">Versions above this one; 0 reads from the start.</param>
/// <param name="Version">Up to this version of the stream.</param>
/// <param name="Position">Up to this position of the log: what was known then.</param>
/// <param name="Until">What had happened by then, by the clients' clock (<c>occurredAt</c>).</param>
/// <param name="Limit">At most so many events.</param>
public sealed record StreamBounds(
    long AfterVersion = 0, long? Version = null, long? Position = null, DateTimeOffset? Until = null,
    int? Limit = null);

/// <summary>The end of a tenant's log.</summary>
/// <param name="Size">Number of events.</param>
/// <param name="RecordedAt">When the last one was recorded; the epoch for an empty log.</param>
public sealed record HeadPosition(long Size, DateTimeOffset RecordedAt);

/// <summary>An Idempotency-Key that was used.</summary>
/// <param name="RequestHash">A keyed hash of what was asked then.</param>
/// <param name="FirstPosition">Where the events of its answer begin.</param>
/// <param name="EventCount">How many they are.</param>
public sealed record UsedIdempotencyKey(byte[] RequestHash, long FirstPosition, int EventCount);

/// <summary>Reads streams and the log.</summary>
public sealed class EventReader(LedgerDatabase database)
{
    private static readonly string s_stream = Sql.Load("Reading/read_stream.sql");
    private static readonly string s_toFold = Sql.Load("Reading/read_stream_to_fold.sql");
    private static readonly string s_annulments = Sql.Load("Reading/read_annulments.sql");
    private static readonly string s_streams = Sql.Load("Reading/read_streams.sql");
    private static readonly string s_log = Sql.Load("Reading/read_log.sql");
    private static readonly string s_positions = Sql.Load("Reading/read_positions.sql");
    private static readonly string s_event = Sql.Load("Reading/read_event.sql");
    private static readonly string s_head = Sql.Load("Reading/read_head_size.sql");
    private static readonly string s_positionAt = Sql.Load("Reading/read_position_at.sql");
    private static readonly string s_tile = Sql.Load("Reading/read_tile.sql");
    private static readonly string s_checkpoint = Sql.Load("Reading/read_checkpoint.sql");

    /// <summary>A stream's events in order.</summary>
    public Task<List<StoredEvent>> ReadStreamAsync(
        string tenant, string streamId, StreamBounds bounds, CancellationToken cancel) =>
        database.QueryAsync(tenant, s_stream, StoredEvent.Read, cancel, tenant, streamId, bounds.AfterVersion,
            LedgerDatabase.Typed(NpgsqlDbType.Bigint, bounds.Version),
            LedgerDatabase.Typed(NpgsqlDbType.Bigint, bounds.Position),
            LedgerDatabase.Typed(NpgsqlDbType.TimestampTz, bounds.Until),
            LedgerDatabase.Typed(NpgsqlDbType.Bigint, (long?)bounds.Limit));

    /// <summary>
    /// A whole stream's events in order, to be folded; each is parsed while PostgreSQL makes the next ones ready.
    /// </summary>
    /// <exception cref="UnknownEventException">An event is not one that this version knows.</exception>
    public Task<List<Envelope>> ReadEnvelopesAsync(string tenant, string streamId, CancellationToken cancel) =>
        database.QueryAsync(tenant, s_toFold, r => StoredEvent.ToFold(r, streamId).ToEnvelope(), cancel,
            tenant, streamId);

    /// <summary>What annuls entries of a stream, in order, up to a version and a position.</summary>
    public Task<List<StoredEvent>> ReadAnnulmentsAsync(
        string tenant, string streamId, long version, long position, CancellationToken cancel) =>
        database.QueryAsync(tenant, s_annulments, StoredEvent.Read, cancel, tenant, streamId, version, position,
            LedgerEvents.NameOf(typeof(EntryAnnulled)));

    /// <summary>Whole streams up to a position of the log, by stream and in order.</summary>
    public Task<List<StoredEvent>> ReadStreamsAsync(
        string tenant, IReadOnlyCollection<string> streamIds, long upToPosition, CancellationToken cancel) =>
        database.QueryAsync(tenant, s_streams, StoredEvent.Read, cancel, tenant, streamIds.ToArray(), upToPosition);

    /// <summary>The log's events after a position, in order; -1 reads from the start.</summary>
    public Task<List<StoredEvent>> ReadLogAsync(
        string tenant, long afterPosition, int limit, CancellationToken cancel) =>
        database.QueryAsync(
            tenant, s_log, StoredEvent.Read, cancel, tenant, Math.Min(afterPosition, long.MaxValue - 1), limit);

    /// <summary>The events at some positions of the log, in order.</summary>
    public Task<List<StoredEvent>> ReadPositionsAsync(
        string tenant, IReadOnlyCollection<long> positions, CancellationToken cancel) =>
        database.QueryAsync(tenant, s_positions, StoredEvent.Read, cancel, tenant,
            positions.Select(p => p + 1).ToArray());

    /// <summary>The event of an id, or null.</summary>
    public async Task<StoredEvent?> FindAsync(string tenant, Guid eventId, CancellationToken cancel) =>
        (await database.QueryAsync(tenant, s_event, StoredEvent.Read, cancel, tenant, eventId)).FirstOrDefault();

    /// <summary>The versions of those streams that are there.</summary>
    public async Task<IReadOnlyDictionary<string, long>> ReadVersionsAsync(
        string tenant, string[] streamIds, CancellationToken cancel) =>
        (await new LogFacts(database.Server, tenant).ReadVersionsAsync(streamIds, cancel))
            .ToDictionary(s => s.Id, s => s.Version, StringComparer.Ordinal);

    /// <summary>Where the event of an id stands, or null.</summary>
    public async Task<AppendedEvent?> FindAppendedAsync(string tenant, Guid eventId, CancellationToken cancel) =>
        (await new LogFacts(database.Server, tenant).ReadEventsAsync([eventId], cancel)).GetValueOrDefault(eventId);

    /// <summary>Where the events of these ids stand; those that are not in the log are left out.</summary>
    public Task<IReadOnlyDictionary<Guid, AppendedEvent>> FindAppendedAsync(
        string tenant, Guid[] eventIds, CancellationToken cancel) =>
        new LogFacts(database.Server, tenant).ReadEventsAsync(eventIds, cancel);

    /// <summary>What an Idempotency-Key was used for, or null.</summary>
    public async Task<UsedIdempotencyKey?> FindIdempotencyKeyAsync(
        string tenant, byte[] keyHash, CancellationToken cancel)
    {
        var keys = await new LogFacts(database.Server, tenant).ReadKeysAsync([keyHash], cancel);
        return keys.TryGetValue(Convert.ToHexString(keyHash), out var used)
            ? new(used.RequestHash, used.FirstPosition, used.EventCount)
            : null;
    }

    /// <summary>The end of the log.</summary>
    public async Task<HeadPosition> ReadHeadAsync(string tenant, CancellationToken cancel) =>
        (await database.QueryAsync(tenant, s_head,
            r => new HeadPosition(r.GetInt64(0), r.GetFieldValue<DateTimeOffset>(1)), cancel, tenant)).FirstOrDefault()
        ?? new(0, DateTimeOffset.UnixEpoch);

    /// <summary>The position of the last event recorded at or before a time; -1 when there is none.</summary>
    public async Task<long> PositionAtAsync(string tenant, DateTimeOffset time, CancellationToken cancel) =>
        (await database.QueryAsync(tenant, s_positionAt, r => r.GetInt64(0), cancel, tenant, time.ToUniversalTime()))
        [0];

    /// <summary>A tile's hashes, full or partial; null when there is none.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="level">0 for leaf hashes.</param>
    /// <param name="index">The tile's place in its level, from 0.</param>
    /// <param name="cancel">Stops the wait.</param>
    public async Task<byte[]?> FindTileAsync(string tenant, int level, long index, CancellationToken cancel) =>
        (await database.QueryAsync(
            tenant, s_tile, r => r.GetFieldValue<byte[]>(0), cancel, tenant, (short)level, index)).FirstOrDefault();

    /// <summary>The checkpoint that a log signed at a size, as a C2SP signed note; null when it signed none.</summary>
    public async Task<byte[]?> FindCheckpointAsync(
        string tenant, string origin, long size, CancellationToken cancel) =>
        (await database.QueryAsync(
            tenant, s_checkpoint, r => r.GetFieldValue<byte[]>(0), cancel, tenant, origin, size)).FirstOrDefault();
}
