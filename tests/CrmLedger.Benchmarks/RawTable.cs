using CrmLedger.EventStore.Appending;
using Npgsql;
using NpgsqlTypes;

namespace CrmLedger.Benchmarks;

/// <summary>A row as it is written without the ledger.</summary>
/// <param name="Event">The event.</param>
/// <param name="StreamId">Its stream.</param>
/// <param name="Version">Its place in the stream.</param>
/// <param name="Position">Its place in the table.</param>
internal readonly record struct RawRow(EventToAppend Event, string StreamId, long Version, long Position);

/// <summary>
/// A copy of <c>mt_events</c> with the same columns, indexes and checks, written by bare Npgsql: no head, no stream
/// versions, no hashes, no tree, no NOTIFY. What the ledger is measured against.
/// </summary>
internal static class RawTable
{
    private const string Columns =
        "id, stream_id, version, data, type, timestamp, tenant_id, mt_dotnet_type, correlation_id, causation_id, "
        + "headers, seq_id";

    /// <summary>Makes the table.</summary>
    public static async Task CreateAsync(NpgsqlDataSource source, CancellationToken cancel)
    {
        await using var create = source.CreateCommand(
            "create schema raw; create table raw.mt_events (like ledger.mt_events including all)");
        await create.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>A prepared insert of one row; give it a row with <see cref="Bind" />.</summary>
    public static async Task<NpgsqlCommand> PrepareInsertAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        var insert = new NpgsqlCommand(
            $"insert into raw.mt_events ({Columns}) values ($1, $2, $3, $4, $5, $6, $7, $8, null, null, $9, $10)",
            connection);
        Add(insert, NpgsqlDbType.Uuid, NpgsqlDbType.Varchar, NpgsqlDbType.Bigint, NpgsqlDbType.Jsonb,
            NpgsqlDbType.Varchar, NpgsqlDbType.TimestampTz, NpgsqlDbType.Varchar, NpgsqlDbType.Varchar,
            NpgsqlDbType.Jsonb, NpgsqlDbType.Bigint);
        await insert.PrepareAsync(cancel);
        return insert;
    }

    /// <summary>Gives the insert of one row its row.</summary>
    public static void Bind(NpgsqlCommand insert, RawRow row) => Set(insert, row.Event.Id, row.StreamId, row.Version,
        row.Event.DataUtf8, TypeOf(row), row.Event.Headers.OccurredAt, BenchLedger.Tenant, ClrOf(row),
        row.Event.HeadersUtf8, row.Position + 1);

    /// <summary>A prepared insert of many rows; give it rows with <see cref="BindMany" />.</summary>
    public static async Task<NpgsqlCommand> PrepareInsertManyAsync(
        NpgsqlConnection connection, CancellationToken cancel)
    {
        var insert = new NpgsqlCommand(
            $"""
            insert into raw.mt_events ({Columns})
            select e.id, e.stream_id, e.version, e.data, e.type, $1, $2, e.clr, null, null, e.headers, e.position + 1
            from unnest($3::uuid[], $4::varchar[], $5::bigint[], $6::jsonb[], $7::varchar[], $8::varchar[],
              $9::jsonb[], $10::bigint[]) as e (id, stream_id, version, data, type, clr, headers, position)
            """, connection);
        Add(insert, NpgsqlDbType.TimestampTz, NpgsqlDbType.Varchar, Many(NpgsqlDbType.Uuid),
            Many(NpgsqlDbType.Varchar), Many(NpgsqlDbType.Bigint), Many(NpgsqlDbType.Jsonb), Many(NpgsqlDbType.Varchar),
            Many(NpgsqlDbType.Varchar), Many(NpgsqlDbType.Jsonb), Many(NpgsqlDbType.Bigint));
        await insert.PrepareAsync(cancel);
        return insert;
    }

    /// <summary>Gives the insert of many rows its rows.</summary>
    public static void BindMany(NpgsqlCommand insert, RawRow[] rows) => Set(insert,
        rows[0].Event.Headers.OccurredAt, BenchLedger.Tenant,
        Array.ConvertAll(rows, r => r.Event.Id), Array.ConvertAll(rows, r => r.StreamId),
        Array.ConvertAll(rows, r => r.Version), Array.ConvertAll(rows, r => r.Event.DataUtf8),
        Array.ConvertAll(rows, TypeOf), Array.ConvertAll(rows, ClrOf),
        Array.ConvertAll(rows, r => r.Event.HeadersUtf8), Array.ConvertAll(rows, r => r.Position));

    /// <summary>Writes rows by one binary COPY, as fast as Npgsql can.</summary>
    public static async Task CopyAsync(NpgsqlConnection connection, IEnumerable<RawRow> rows, CancellationToken cancel)
    {
        await using var copy = await connection.BeginBinaryImportAsync(
            $"copy raw.mt_events ({Columns}) from stdin (format binary)", cancel);
        foreach (var row in rows)
        {
            await copy.StartRowAsync(cancel);
            await copy.WriteAsync(row.Event.Id, NpgsqlDbType.Uuid, cancel);
            await copy.WriteAsync(row.StreamId, NpgsqlDbType.Varchar, cancel);
            await copy.WriteAsync(row.Version, NpgsqlDbType.Bigint, cancel);
            await copy.WriteAsync(row.Event.DataUtf8, NpgsqlDbType.Jsonb, cancel);
            await copy.WriteAsync(TypeOf(row), NpgsqlDbType.Varchar, cancel);
            await copy.WriteAsync(row.Event.Headers.OccurredAt, NpgsqlDbType.TimestampTz, cancel);
            await copy.WriteAsync(BenchLedger.Tenant, NpgsqlDbType.Varchar, cancel);
            await copy.WriteAsync(ClrOf(row), NpgsqlDbType.Varchar, cancel);
            await copy.WriteNullAsync(cancel);
            await copy.WriteNullAsync(cancel);
            await copy.WriteAsync(row.Event.HeadersUtf8, NpgsqlDbType.Jsonb, cancel);
            await copy.WriteAsync(row.Position + 1, NpgsqlDbType.Bigint, cancel);
        }
        await copy.CompleteAsync(cancel);
    }

    /// <summary>The rows that requests come to in an empty log.</summary>
    public static IEnumerable<RawRow> RowsOf(IEnumerable<AppendRequest> requests)
    {
        long position = 0;
        foreach (var stream in requests.SelectMany(r => r.Streams))
        {
            long version = stream.ExpectedVersion;
            foreach (var e in stream.Events)
                yield return new(e, stream.StreamId, ++version, position++);
        }
    }

    private static string TypeOf(RawRow row) => LedgerEvents.NameOf(row.Event.Data.GetType());

    private static string ClrOf(RawRow row) => LedgerEvents.ClrNameOf(row.Event.Data.GetType());

    private static NpgsqlDbType Many(NpgsqlDbType element) => NpgsqlDbType.Array | element;

    private static void Add(NpgsqlCommand command, params IEnumerable<NpgsqlDbType> types)
    {
        foreach (var type in types)
            command.Parameters.Add(new() { NpgsqlDbType = type });
    }

    private static void Set(NpgsqlCommand command, params ReadOnlySpan<object> values)
    {
        for (int i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i];
    }
}
