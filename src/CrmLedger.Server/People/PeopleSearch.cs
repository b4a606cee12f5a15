using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Privacy;
using CrmLedger.EventStore.Views;
using CrmLedger.People;
using CrmLedger.Server.Commands;
using CrmLedger.Server.Tenants;
using Npgsql;
using NpgsqlTypes;

namespace CrmLedger.Server.People;

/// <summary>Somebody who was found.</summary>
/// <param name="Id">The customer or member.</param>
/// <param name="Name">The name; null where there is no key that opens it.</param>
/// <param name="Team">A member's team.</param>
internal sealed record FoundPerson(Guid Id, string? Name, string? Team);

/// <summary>
/// Finds people by what they are called. Names and references are ciphertext, each under its subject's key, so all of
/// them are opened to be compared. Of this nothing is kept beyond the question, and nobody counts as read: who is shown
/// is opened again by <see cref="Views.ViewReader.NamesAsync" />, and that is recorded.
/// </summary>
public sealed class PeopleSearch(LedgerDatabase database)
{
    /// <summary>Rows that are opened together, while other ones are opened and further ones arrive.</summary>
    private const int Batch = 1_000;

    private static readonly string s_read = Sql.Load("People/read_called.sql", Assembly.GetExecutingAssembly());

    /// <summary>The customers that are called so; one alone when the text is the whole reference of one.</summary>
    /// <param name="ledger">The tenant's ledger.</param>
    /// <param name="words">What is looked for.</param>
    /// <param name="position">The position as known at which they are looked for; null for now.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>Nobody who was erased; those included that were merged into another.</returns>
    public async Task<IReadOnlySet<Guid>> CustomersAsync(
        TenantLedger ledger, SoughtWords words, long? position, CancellationToken cancel)
    {
        string derived = StreamKind.Customer.StreamId(ledger.Keys.CustomerId(words.Text));
        var (found, _) = await FindAsync(
            ledger, (derived, derived), (_, reference) => reference == words.Text, position, cancel);
        if (found.Count == 0)
            (found, _) = await FindAsync(ledger, All(StreamKind.Customer), words.OccurIn, position, cancel);
        return found.Select(f => f.Id).ToHashSet();
    }

    /// <summary>The members that are called so, or all of them, in no order.</summary>
    /// <param name="ledger">The tenant's ledger.</param>
    /// <param name="words">What is looked for, or null.</param>
    /// <param name="position">The position as known at which they are looked for; null for now.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>They, and the position that the directory reflects; -1 for none.</returns>
    internal Task<(IReadOnlyCollection<FoundPerson> Found, long Position)> MembersAsync(
        TenantLedger ledger, SoughtWords? words, long? position, CancellationToken cancel) =>
        FindAsync(ledger, All(StreamKind.Member), words is null ? null : words.OccurIn, position, cancel);

    /// <summary>An id in hexadecimal stands between these, in whatever order the database keeps text.</summary>
    private static (string, string) All(StreamKind kind) => ($"{kind.Prefix}-", $"{kind.Prefix}-g");

    private async Task<(IReadOnlyCollection<FoundPerson>, long)> FindAsync(
        TenantLedger ledger, (string From, string To) streams, Func<string?, string?, bool>? isSought, long? position,
        CancellationToken cancel)
    {
        var found = new ConcurrentBag<FoundPerson>();
        var reflected = new StrongBox<long>(-1);
        var batches = ReadAsync(ledger.Tenant, streams, position, reflected, cancel).Chunk(Batch);
        await Parallel.ForEachAsync(batches, cancel, async (batch, gaveUp) =>
        {
            var keys = await ledger.Subjects.ToCompareAsync([.. batch.Select(row => row.Id)], gaveUp);
            foreach (var (id, row) in batch)
            {
                var person = DirectoryView.ReadRow(row);
                byte[]? key = keys.GetValueOrDefault(id);
                string?[] texts = Sealing.OpenEach(key, person.Name, person.Reference);
                if (isSought?.Invoke(texts[0], texts[1]) ?? true)
                    found.Add(new(id, texts[0], person.Member?.Team));
            }
        });
        return (found, position ?? reflected.Value);
    }

    private async IAsyncEnumerable<(Guid Id, byte[] Row)> ReadAsync(
        string tenant, (string From, string To) streams, long? position, StrongBox<long> reflected,
        [EnumeratorCancellation] CancellationToken cancel)
    {
        await using var connection = await database.Questions.OpenConnectionAsync(cancel);
        await using var batch = LedgerDatabase.ForTenant(connection, tenant, s_read, tenant, streams.From, streams.To,
            LedgerDatabase.Typed(NpgsqlDbType.Bigint, position));
        batch.Timeout = 30; // seconds until the first of what may be a million rows
        await using var reader = await LedgerDatabase.ReadAsync(batch, cancel);
        while (await reader.ReadAsync(cancel))
        {
            reflected.Value = reader.GetInt64(0);
            if (Row(reader) is { } row)
                yield return row;
        }
    }

    /// <returns>Null for the line that stands for nobody at all.</returns>
    private static (Guid Id, byte[] Row)? Row(NpgsqlDataReader reader) => reader.IsDBNull(1)
        ? null
        : (View.IdOf(reader.GetString(1)), reader.GetFieldValue<byte[]>(2));
}
