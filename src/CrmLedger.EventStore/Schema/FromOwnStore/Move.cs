using System.Globalization;
using Npgsql;

namespace CrmLedger.EventStore.Schema.FromOwnStore;

/// <summary>
/// The move of a database whose events the ledger kept itself, in Marten's format, into the tables that Marten keeps.
/// Positions, leaves, roots and signatures stay as they are: what an event's hash covers does not change. Each tenant
/// is moved in one transaction; who is interrupted goes on where it was.
/// </summary>
internal static class Move
{
    /// <summary>The last step of the schema of before.</summary>
    public const int LastOwnStep = 12;

    /// <summary>The move has begun, and has not ended.</summary>
    public const int Begun = 13;

    /// <summary>Takes the tables of before into the new schema, all but events and streams.</summary>
    public static async Task BeginAsync(
        NpgsqlConnection owner, long? freeBytes, Action<string> tell, CancellationToken cancel)
    {
        await using var transaction = await owner.BeginTransactionAsync(cancel);
        await ExecuteAsync(owner, "set_aside", cancel);
        long needed = await SpaceNeededAsync(owner, cancel);
        tell($"The events move into Marten's tables. That needs {Megabytes(needed)} while it lasts"
            + (freeBytes is { } free ? $"; {Megabytes(free)} are free." : ".")
            + " Servers of an older version can no longer use this database.");
        if (freeBytes < needed)
        {
            throw new SchemaException($"The events cannot move into Marten's tables: that needs {Megabytes(needed)} of "
                + $"disk, and {Megabytes(freeBytes.Value)} are free. Nothing was changed. Make room, and start again.");
        }
        await transaction.CommitAsync(cancel);
    }

    /// <summary>Bytes that the move takes at the most, before it has begun and after.</summary>
    public static async Task<long> SpaceNeededAsync(NpgsqlConnection owner, CancellationToken cancel)
    {
        await using var space = new NpgsqlCommand(Text("space_needed"), owner);
        return (long)(await space.ExecuteScalarAsync(cancel))!;
    }

    /// <summary>Copies what has not been copied yet, tenant by tenant, and then gives up the old tables.</summary>
    public static async Task CopyAsync(NpgsqlConnection owner, Action<string> tell, CancellationToken cancel)
    {
        var left = new List<(string Tenant, long Size)>();
        await using (var read = new NpgsqlCommand(Text("left_to_copy"), owner))
        await using (var rows = await read.ExecuteReaderAsync(cancel))
        {
            while (await rows.ReadAsync(cancel))
                left.Add((rows.GetString(0), rows.GetInt64(1)));
        }
        foreach (var (i, (tenant, size)) in left.Index())
        {
            tell(string.Create(CultureInfo.InvariantCulture,
                $"Moving the {size:N0} events of {tenant} (tenant {i + 1} of {left.Count}) ..."));
            await CopyAsync(owner, tenant, size, cancel);
        }
        await ExecuteAsync(owner, "drop_old", cancel);
        tell("The events have moved.");
    }

    private static async Task CopyAsync(NpgsqlConnection owner, string tenant, long size, CancellationToken cancel)
    {
        await using var transaction = await owner.BeginTransactionAsync(cancel);
        await ExecuteAsync(owner, "prepare_tenant", cancel, tenant);
        await ExecuteAsync(owner, "move_streams", cancel, tenant);
        int copied = await ExecuteAsync(owner, "move_events", cancel, tenant);
        if (copied != size)
        {
            throw new SchemaException($"The log of {tenant} says to have {size} events, and {copied} are there. Its "
                + "database was altered. Nothing of this tenant was moved; a backup may have what is missing.");
        }
        await transaction.CommitAsync(cancel);
    }

    private static async Task<int> ExecuteAsync(
        NpgsqlConnection owner, string script, CancellationToken cancel, params string[] parameters)
    {
        await using var command = new NpgsqlCommand(Text(script), owner) { CommandTimeout = 0 };
        foreach (string parameter in parameters)
            command.Parameters.Add(new() { Value = parameter });
        return await command.ExecuteNonQueryAsync(cancel);
    }

    private static string Text(string script) => Sql.Load($"Schema/FromOwnStore/{script}.sql");

    private static string Megabytes(long bytes) =>
        string.Create(CultureInfo.InvariantCulture, $"{(bytes + (1 << 20) - 1) >> 20:N0} MiB");
}
