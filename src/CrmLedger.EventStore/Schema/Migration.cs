using CrmLedger.EventStore.Schema.FromOwnStore;
using JasperFx;
using Marten;
using Npgsql;

namespace CrmLedger.EventStore.Schema;

/// <summary>
/// Brings the database to this version: Marten's tables and the ledger's own, by Marten's migration, then who may do
/// what. Forward only; what was interrupted is gone on with, and a second run changes nothing.
/// </summary>
public static class Migration
{
    /// <summary>The schema's number in this version; a database with a higher one is a newer version's.</summary>
    public const int Number = 15;

    private const string Name = "0015_daemon";

    private const string CopyFirst = "The events of this database have to move into the tables that Marten keeps, and "
        + "that is not done without a copy of what is there. Run crmledger migrate --copy FILE, which makes one and "
        + "reads it again; or name the copy that you have made, with crmledger migrate --copied FILE. "
        + "Nothing was changed.";

    /// <summary>What Weasel cannot express, run after it; to run it again changes nothing.</summary>
    private static readonly string[] s_scripts =
    [
        "Functions/position_at", "Functions/leaf_hash", "Functions/tenant_ids", "Functions/grow",
        "Functions/hold_head", "Functions/append_batch", "Functions/append_by_copy", "Functions/add_partitions",
        "Functions/add_tenant", "Functions/destroy_erased_keys", "Functions/destroy_subject_key",
        "Functions/refuse_key_of_erased", "Functions/refuse_shrinking_head", "Functions/refuse_shrinking_stream",
        "Functions/refuse_shrinking_edge", "Functions/refuse_stray_append", "Functions/refuse_unrevoking", "rights",
    ];

    /// <summary>What there is to do; changes nothing.</summary>
    /// <exception cref="SchemaException">The schema is a newer version's or too old a one's.</exception>
    public static async Task<MigrationPlan> LookAsync(LedgerDatabase database, CancellationToken cancel)
    {
        await using var owner = await database.OwnerWithoutRole.OpenConnectionAsync(cancel);
        int number = await NumberAsync(owner, cancel);
        Require(number);
        return new(number, number == Move.LastOwnStep ? await Move.SpaceNeededAsync(owner, cancel) : null,
            database.Reserve.FreeBytes);
    }

    /// <summary>Makes the roles where the user may, then what is missing.</summary>
    /// <param name="database">The database.</param>
    /// <param name="tell">Is told what takes long; null for nobody.</param>
    /// <param name="copy">
    /// Sees to a checked copy of what is there, before events are moved; without it they are not.
    /// </param>
    /// <param name="cancel">Stops between two steps; the next run goes on.</param>
    /// <returns>Whether anything was made.</returns>
    /// <exception cref="SchemaException">
    /// The schema is a newer version's or too old a one's, there is no room, or the user may not make it.
    /// </exception>
    public static async Task<bool> RunAsync(
        LedgerDatabase database, CancellationToken cancel, Action<string>? tell = null,
        Func<CancellationToken, Task>? copy = null)
    {
        await MakeRolesAsync(database, cancel);
        // One at a time; the others find it done. The lock goes with its session, whatever happens.
        await using var owner = await database.Owner.OpenConnectionAsync(cancel);
        await ExecuteAsync(owner, Sql.Load("Schema/hold_migration.sql"), cancel);
        try
        {
            int number = await NumberAsync(owner, cancel);
            if (number == Number)
                return false;
            Require(number);
            if (number == Move.LastOwnStep)
                await (copy ?? throw new SchemaException(CopyFirst)).Invoke(cancel);
            await MakeAsync(database, owner, number, tell ?? (_ => { }), cancel);
            return true;
        }
        finally
        {
            if (owner.FullState == System.Data.ConnectionState.Open)
                await ExecuteAsync(owner, Sql.Load("Schema/release_migration.sql"), CancellationToken.None);
        }
    }

    private static void Require(int number)
    {
        if (number > Number)
        {
            throw new SchemaException($"The database's schema is at step {number}, which a newer version of "
                + "crmledger made. Run that version.");
        }
        if (number is > 0 and < Move.LastOwnStep)
        {
            throw new SchemaException($"The database's schema is at step {number}, which is too old for this version "
                + $"of crmledger. Start one that brings it to step {Move.LastOwnStep} first.");
        }
    }

    private static async Task MakeAsync(
        LedgerDatabase database, NpgsqlConnection owner, int number, Action<string> tell, CancellationToken cancel)
    {
        if (number == Move.LastOwnStep)
            await Move.BeginAsync(owner, database.Reserve.FreeBytes, tell, cancel);
        await using (var store = DocumentStore.For(options =>
        {
            options.Connection(database.Owner);
            options.ReadsLedger().AutoCreateSchemaObjects = AutoCreate.CreateOrUpdate;
        }))
        {
            await store.Storage.Database.ApplyAllConfiguredChangesToDatabaseAsync(ct: cancel);
        }
        await ExecuteAsync(owner, string.Join('\n', s_scripts.Select(s => Sql.Load($"Schema/{s}.sql"))), cancel);
        if (number is Move.LastOwnStep or Move.Begun)
            await Move.CopyAsync(owner, tell, cancel);
        await ExecuteAsync(owner, Sql.Load("Schema/start_of_daemon.sql"), cancel);
        await using var record = new NpgsqlCommand(Sql.Load("Schema/record_migration.sql"), owner);
        record.Parameters.Add(new() { Value = Number });
        record.Parameters.Add(new() { Value = Name });
        await record.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>0 for a database without the ledger's schema.</summary>
    private static async Task<int> NumberAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var there = new NpgsqlCommand("select to_regclass('ledger.migrations') is not null", connection);
        if (await there.ExecuteScalarAsync(cancel) is not true)
            return 0;
        await using var read = new NpgsqlCommand("select coalesce(max(number), 0) from ledger.migrations", connection);
        return (int)(await read.ExecuteScalarAsync(cancel))!;
    }

    private static async Task MakeRolesAsync(LedgerDatabase database, CancellationToken cancel)
    {
        await using var connection = await database.OwnerWithoutRole.OpenConnectionAsync(cancel);
        if (!await LacksRolesAsync(connection, cancel))
            return;
        PostgresException? refusal = null;
        try
        {
            await ExecuteAsync(connection, Sql.Load("Schema/roles.sql"), cancel);
            await ExecuteAsync(connection, Sql.Load("Schema/grant_database.sql"), cancel);
        }
        catch (PostgresException refused) when (refused.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            refusal = refused;
        }
        // A grant by somebody who may not make it is no more than a warning: look again.
        if (refusal is null && !await LacksRolesAsync(connection, cancel))
            return;
        throw new SchemaException(
            "The database has no roles ledger_owner, ledger_server and ledger_loader, or the first of them may not "
            + "make a schema in it, and its user may not change that. Have a superuser run "
            + "src/CrmLedger.EventStore/Schema/roles.sql, make ledger_owner the owner of the database, and grant the "
            + "three roles to the users of the connection strings.", refusal);
    }

    private static async Task<bool> LacksRolesAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var missing = new NpgsqlCommand(Sql.Load("Schema/missing_roles.sql"), connection);
        return await missing.ExecuteScalarAsync(cancel) is true;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        // To wait for another's migration may take as long as that does.
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancel);
    }
}

/// <summary>What a migration has to do.</summary>
/// <param name="Number">The schema's number now; 0 for a database without one.</param>
/// <param name="SpaceNeeded">Bytes that moving the events takes while it lasts; null where none have to.</param>
/// <param name="FreeBytes">Bytes that are free on the database's disk; null where that cannot be seen.</param>
public sealed record MigrationPlan(int Number, long? SpaceNeeded, long? FreeBytes)
{
    /// <summary>Whether there is nothing to do.</summary>
    public bool IsDone => Number == Migration.Number;
}

/// <summary>The database's schema is not one that this version can serve; the message says what to do.</summary>
public sealed class SchemaException : Exception
{
    /// <inheritdoc />
    public SchemaException(string message) : base(message)
    {
    }

    /// <inheritdoc />
    public SchemaException(string message, Exception? inner) : base(message, inner)
    {
    }

    /// <inheritdoc />
    public SchemaException()
    {
    }
}
