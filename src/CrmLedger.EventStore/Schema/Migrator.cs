using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace CrmLedger.EventStore.Schema;

/// <summary>
/// Brings the schema to this version: forward only, each step once and with its record, all in one transaction.
/// </summary>
public static class Migrator
{
    private static readonly string[] s_steps =
    [
        "0001_event_store", "0002_views", "0003_master_key_check", "0004_open_commitments_by_owner",
        "0005_marten_compacting",
        "0006_view_summaries", "0007_unfinished_imports", "0008_relationships", "0009_checkpoints",
        "0010_superseded_origins", "0011_privacy", "0012_replaced_keys",
    ];

    /// <summary>Makes the roles where the user may, then applies the steps that are missing.</summary>
    /// <returns>The names of the steps applied; empty when the schema was up to date.</returns>
    /// <exception cref="SchemaException">
    /// The schema is a newer version's, or an applied step's text has changed.
    /// </exception>
    public static async Task<IReadOnlyList<string>> MigrateAsync(LedgerDatabase database, CancellationToken cancel)
    {
        await MakeRolesAsync(database, cancel);
        await using var connection = await database.Owner.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await ExecuteAsync(connection, Sql.Load("Schema/migrations_table.sql"), cancel);
        var applied = await AppliedAsync(connection, cancel);
        var now = new List<string>();
        foreach (string step in s_steps)
        {
            int number = int.Parse(step[..4], System.Globalization.CultureInfo.InvariantCulture);
            string sql = Sql.Load($"Schema/{step}.sql");
            string sha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sql)));
            if (applied.Remove(number, out string? before))
            {
                if (before == sha256)
                    continue;
                throw new SchemaException(
                    $"Step {step} of the database's schema is not the one that this version knows.");
            }
            await ExecuteAsync(connection, sql, cancel);
            await using var record = new NpgsqlCommand(
                "insert into ledger.migrations (number, name, sha256) values ($1, $2, $3)", connection);
            record.Parameters.Add(new() { Value = number });
            record.Parameters.Add(new() { Value = step });
            record.Parameters.Add(new() { Value = sha256 });
            await record.ExecuteNonQueryAsync(cancel);
            now.Add(step);
        }
        if (applied.Count > 0)
        {
            throw new SchemaException(
                $"The database's schema is at step {applied.Keys.Max()}, which a newer version of crmledger made. "
                + "Run that version.");
        }
        await transaction.CommitAsync(cancel);
        return now;
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

    private static async Task<Dictionary<int, string>> AppliedAsync(
        NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var read = new NpgsqlCommand("select number, sha256 from ledger.migrations", connection);
        await using var reader = await read.ExecuteReaderAsync(cancel);
        var applied = new Dictionary<int, string>();
        while (await reader.ReadAsync(cancel))
            applied.Add(reader.GetInt32(0), reader.GetString(1));
        return applied;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancel);
    }
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
