using System.IO.Hashing;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using CrmLedger.Annulments;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Projections;
using CrmLedger.EventStore.Views;
using Npgsql;
using NpgsqlTypes;

namespace CrmLedger.Server.Views;

/// <summary>
/// What is counted of all rows of one tenant's view, in memory, by the stream that they come from: either as they stood
/// at a position, or as they stand now and then kept up by reading again the rows about which something was recorded.
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
    private static readonly string s_some = Sql.Load("Views/standing_rows_of.sql", s_here);
    private static readonly string s_changes = Sql.Load("Views/standing_changes.sql", s_here);
    private static readonly string s_annulment = LedgerEvents.NameOf(typeof(EntryAnnulled));

    /// <summary>
    /// Makes of a key a number that nobody can foresee, so that no two keys of a stream have the same.
    /// </summary>
    private static readonly long s_seed = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(8));

    private readonly Dictionary<Guid, int> _ordinals = [];
    private readonly List<Guid> _ids = [];
    private readonly List<StreamRows> _rows = [];
    private int _generation = -1;

    private sealed class StreamRows
    {
        public List<ulong> Keys { get; } = [];

        public List<TRow> Rows { get; } = [];
    }

    /// <summary>The rows, by stream and key, and the whole streams, about which something was recorded.</summary>
    private sealed record Changes(HashSet<(string Stream, string Key)> Rows, HashSet<string> Streams);

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

    /// <summary>The ordinal of a stream that has been met.</summary>
    public int OrdinalOf(Guid id) => _ordinals[id];

    /// <summary>The rows of a stream.</summary>
    public ReadOnlySpan<TRow> Of(int stream) => CollectionsMarshal.AsSpan(_rows[stream].Rows);

    /// <summary>Reads all rows as they stood at a position.</summary>
    public async Task ReadAsync(long position, CancellationToken cancel)
    {
        await LoadAsync(position, cancel);
        Position = position;
    }

    /// <summary>Reads the rows of some streams alone.</summary>
    /// <param name="streams">The streams.</param>
    /// <param name="position">The position at which they stood so; null for now.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task ReadAsync(IEnumerable<string> streams, long? position, CancellationToken cancel)
    {
        Clear();
        await foreach (var row in ReadAsync(s_some, cancel, position ?? long.MaxValue, Array.Empty<string>(),
            Array.Empty<string>(), streams.ToArray()))
        {
            Position = row.GetInt64(1);
            Add(row);
        }
        Position = position ?? Position;
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

    /// <summary>Makes the rows from the log, as what counts makes them.</summary>
    /// <param name="log">Folds it.</param>
    /// <param name="position">The last position that was known.</param>
    /// <param name="counts">What of what was known counts.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task FoldAsync(LogAside log, long position, WhatCounts counts, CancellationToken cancel)
    {
        Clear();
        await log.AskAsync(tenant, view, position, counts, AddAll, cancel);
        Position = position;
    }

    /// <summary>What is counted of a row.</summary>
    protected abstract TRow Read(in RowFields row);

    private async Task LoadAsync(long? position, CancellationToken cancel)
    {
        Clear();
        await foreach (var row in ReadAsync(s_all, cancel, LedgerDatabase.Typed(NpgsqlDbType.Bigint, position)))
        {
            (_generation, Position) = (row.GetInt32(0), row.GetInt64(1));
            Add(row);
        }
    }

    /// <returns>False when all must be read again: the view was made again, or is far ahead.</returns>
    private async Task<bool> ReadChangedAsync(CancellationToken cancel)
    {
        var changes = new Changes([], []);
        long reflected = -1;
        await foreach (var e in ReadAsync(s_changes, cancel, Position, view.Skipped.ToArray(), FarBehind))
        {
            reflected = e.GetInt64(1);
            if (e.GetInt32(0) != _generation || reflected - Position > FarBehind)
                return false;
            Note(changes, e);
        }
        if (reflected < Position)
            return false; // the view is not there any more, or begins anew
        if (changes.Rows.Count + changes.Streams.Count > 0)
        {
            foreach (string stream in changes.Streams)
                Remove(stream);
            foreach (var (stream, key) in changes.Rows)
                Remove(stream, key);
            // A row of a whole stream is read with it.
            changes.Rows.RemoveWhere(row => changes.Streams.Contains(row.Stream));
            await foreach (var row in ReadAsync(s_some, cancel, reflected,
                changes.Rows.Select(r => r.Stream).ToArray(), changes.Rows.Select(r => r.Key).ToArray(),
                changes.Streams.ToArray()))
            {
                if (row.GetInt32(0) != _generation)
                    return false;
                Add(row);
            }
        }
        Position = reflected;
        return true;
    }

    private void Note(Changes changes, NpgsqlDataReader e)
    {
        if (e.IsDBNull(2))
            return;
        var (stream, type) = (e.GetString(2), e.GetString(3));
        if (type == s_annulment)
        {
            changes.Streams.Add(stream);
            return;
        }
        try
        {
            foreach (string key in view.KeysOf(LedgerEvents.Read(type, e.GetFieldValue<byte[]>(4))))
                changes.Rows.Add((stream, key));
        }
        catch (UnknownEventException)
        {
            // Poison, which changed nothing but that its stream is set aside.
        }
    }

    private void Clear()
    {
        _ordinals.Clear();
        _ids.Clear();
        _rows.Clear();
        (_generation, Position, Count) = (-1, -1, 0);
    }

    private StreamRows? Find(string stream) =>
        _ordinals.TryGetValue(View.IdOf(stream), out int ordinal) ? _rows[ordinal] : null;

    private void Remove(string stream)
    {
        if (Find(stream) is not { } rows)
            return;
        Count -= rows.Rows.Count;
        rows.Keys.Clear();
        rows.Rows.Clear();
    }

    private void Remove(string stream, string key)
    {
        if (Find(stream) is not { } rows || rows.Keys.IndexOf(HashOf(key)) is not (>= 0 and var at))
            return;
        (rows.Keys[at], rows.Rows[at]) = (rows.Keys[^1], rows.Rows[^1]);
        rows.Keys.RemoveAt(rows.Keys.Count - 1);
        rows.Rows.RemoveAt(rows.Rows.Count - 1);
        Count--;
    }

    private void Add(NpgsqlDataReader row)
    {
        if (!row.IsDBNull(2)) // else it is the line that stands for no row at all
            Add(row.GetString(2), new(row.GetString(3), row, default, null));
    }

    private long AddAll(IEnumerable<ViewRow> rows)
    {
        foreach (var row in rows)
            Add(row.StreamId, new(row.Key, null, view.IndexOf(row.Row), view.Summarize(row.Row)));
        return Count;
    }

    private void Add(string stream, in RowFields row)
    {
        var id = View.IdOf(stream);
        ref int ordinal = ref CollectionsMarshal.GetValueRefOrAddDefault(_ordinals, id, out bool known);
        if (!known)
        {
            ordinal = _ids.Count;
            _ids.Add(id);
            _rows.Add(new());
        }
        _rows[ordinal].Keys.Add(HashOf(row.Key));
        _rows[ordinal].Rows.Add(Read(row));
        Count++;
    }

    private static ulong HashOf(string key) =>
        XxHash3.HashToUInt64(MemoryMarshal.AsBytes(key.AsSpan()), s_seed);

    private async IAsyncEnumerable<NpgsqlDataReader> ReadAsync(
        string sql, [EnumeratorCancellation] CancellationToken cancel, params object[] parameters)
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
