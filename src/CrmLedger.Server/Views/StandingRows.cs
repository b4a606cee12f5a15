using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Views;
using Npgsql;
using NpgsqlTypes;

namespace CrmLedger.Server.Views;

/// <summary>The view's rows are of an older version of the ledger; they are being made again.</summary>
public sealed class ViewOutdatedException(string view) : Exception(
    $"View '{view}' is being made again by this version of the ledger. Ask again shortly.")
{
    /// <inheritdoc />
    public ViewOutdatedException() : this("?")
    {
    }

    /// <inheritdoc />
    public ViewOutdatedException(string view, Exception inner) : this(view) => _ = inner;
}

/// <summary>
/// What is counted of all rows of one tenant's view, in memory, by the stream that they come from: either as they stood
/// at a position, or as they stand now and then kept up by reading again the streams in which something was recorded.
/// Not for several callers at once.
/// </summary>
/// <typeparam name="TRow">What is counted of a row; small, since there may be millions.</typeparam>
public abstract class StandingRows<TRow>(LedgerDatabase database, string tenant, View view)
    where TRow : struct
{
    /// <summary>Further behind than this, everything is read again: it takes no longer.</summary>
    private const long FarBehind = 100_000;

    private static readonly Assembly s_here = Assembly.GetExecutingAssembly();
    private static readonly string s_all = Sql.Load("Views/standing_rows.sql", s_here);
    private static readonly string s_since = Sql.Load("Views/standing_rows_since.sql", s_here);

    private readonly Dictionary<Guid, int> _ordinals = [];
    private readonly List<Guid> _ids = [];
    private readonly List<List<TRow>> _rows = [];
    private int _generation = -1;

    /// <summary>The position that the rows reflect; -1 for none.</summary>
    public long Position { get; private set; } = -1;

    /// <summary>How many rows there are.</summary>
    public long Count { get; private set; }

    /// <summary>
    /// How many streams have been met; each has an ordinal below this, under which it is found ever after.
    /// </summary>
    public int Streams => _ids.Count;

    /// <summary>The customer, member or import whose stream it is.</summary>
    public Guid IdOf(int stream) => _ids[stream];

    /// <summary>The rows of a stream.</summary>
    public ReadOnlySpan<TRow> Of(int stream) => CollectionsMarshal.AsSpan(_rows[stream]);

    /// <summary>Reads all rows as they stood at a position.</summary>
    public async Task ReadAsync(long position, CancellationToken cancel)
    {
        await LoadAsync(position, cancel);
        Position = position;
    }

    /// <summary>Brings the rows to where the view stands now.</summary>
    public async Task CatchUpAsync(CancellationToken cancel)
    {
        try
        {
            if (_generation < 0 || !await ReadChangedAsync(cancel))
                await LoadAsync(null, cancel);
        }
        catch
        {
            Clear(); // half of what was read may be in place
            throw;
        }
    }

    /// <summary>What is counted of the row that the reader stands on: the fields of <see cref="Field" />.</summary>
    protected abstract TRow Read(NpgsqlDataReader row);

    /// <summary>Where the fields stand of which <see cref="Read" /> makes what is counted.</summary>
    protected static class Field
    {
        /// <summary>The row's date, or null.</summary>
        public const int Due = 4;

        /// <summary>The row's member, or null.</summary>
        public const int MemberId = 5;

        /// <summary>The row's team, or null.</summary>
        public const int Team = 6;

        /// <summary>The packed summary.</summary>
        public const int Summary = 7;
    }

    private async Task LoadAsync(long? position, CancellationToken cancel)
    {
        Clear();
        await foreach (var row in RowsAsync(s_all, cancel, LedgerDatabase.Typed(NpgsqlDbType.Bigint, position)))
        {
            (_generation, Position) = (row.GetInt32(0), row.GetInt64(1));
            if (OrdinalOf(row) is { } stream)
                Add(stream, row);
        }
    }

    /// <returns>False when all must be read again.</returns>
    private async Task<bool> ReadChangedAsync(CancellationToken cancel)
    {
        var begun = new HashSet<int>();
        long reflected = Position;
        await foreach (var row in RowsAsync(s_since, cancel, Position, view.Skipped.ToArray(), FarBehind))
        {
            reflected = row.GetInt64(1);
            if (row.GetInt32(0) != _generation || reflected - Position > FarBehind)
                return false;
            if (OrdinalOf(row) is not { } stream)
                continue;
            if (begun.Add(stream))
            {
                Count -= _rows[stream].Count;
                _rows[stream].Clear();
            }
            if (row.GetBoolean(3))
                Add(stream, row);
        }
        Position = reflected;
        return true;
    }

    private void Clear()
    {
        _ordinals.Clear();
        _ids.Clear();
        _rows.Clear();
        (_generation, Position, Count) = (-1, -1, 0);
    }

    /// <returns>Null of the line that stands for no row at all.</returns>
    private int? OrdinalOf(NpgsqlDataReader row)
    {
        if (row.IsDBNull(2))
            return null;
        var id = View.IdOf(row.GetString(2));
        ref int ordinal = ref CollectionsMarshal.GetValueRefOrAddDefault(_ordinals, id, out bool known);
        if (!known)
        {
            ordinal = _ids.Count;
            _ids.Add(id);
            _rows.Add([]);
        }
        return ordinal;
    }

    private void Add(int stream, NpgsqlDataReader row)
    {
        _rows[stream].Add(Read(row));
        Count++;
    }

    private async IAsyncEnumerable<NpgsqlDataReader> RowsAsync(
        string sql, [EnumeratorCancellation] CancellationToken cancel,
        params object[] parameters)
    {
        await using var connection = await database.Questions.OpenConnectionAsync(cancel);
        await using var batch = LedgerDatabase.ForTenant(
            connection, tenant, sql, [tenant, view.Name, .. parameters]);
        batch.Timeout = 30; // seconds until the first of what may be millions of rows
        await using var reader = await LedgerDatabase.ReadAsync(batch, cancel);
        while (await reader.ReadAsync(cancel))
            yield return reader;
    }
}
